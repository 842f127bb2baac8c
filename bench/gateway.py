"""The gateway beside what it adds to, and beside LocalStack's own API Gateway.

What it adds to is the stack's own function, on moto, and one that does nothing: the worst case.

All in one run: servers on one core, the load on another, taking turns in many short rounds, so
that a busy moment of the machine meets all of them; what the gateway adds to a function's time, in
turns request by request. Where no Docker Engine answers, LocalStack is
left out and said so. `make bench-gateway` writes the table and the plot into docs/benchmarks/.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import boto3
import yaml
from botocore.config import Config
from rich.console import Console
from rich.progress import track

from bench import gateway_report as report
from bench import servers
from bench.emulators import localstack, localstack_alone, moto, stop_localstack
from bench.function import NAME
from bench.load import Measured, Target, ask, in_turns, run
from bench.servers import Server
from seed.render import webform
from seed.samples import samples
from stack.compose import engine_answers
from stack.settings import ROOT

CONNECTIONS = (1, 8, 64)
ROUNDS = 12
SECONDS = 0.8
OUTPUT = ROOT / "docs" / "benchmarks"
API = ROOT / "bench" / "api"
PATIENCE = 120.0

_REGION = "eu-central-1"
_FUNCTION = "/function"
"""The method of bench/api whose function does nothing, or tells its event."""
_HEADERS = ("Content-Type: application/json", "Accept: application/json")
_KEY = "asked-for-by-the-stack"
_ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "TEMPLATES": str(API),
    "STAGE": "v1",
    "API_KEYS": "",
    "AWS_ACCOUNT_ID": "000000000000",
    "AWS_DEFAULT_REGION": _REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "LOG_LEVEL": "WARNING",
}

_LOCALSTACK = {
    "SERVICES": "apigateway,lambda",
    "DISABLE_EVENTS": "1",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
}


def main() -> None:
    """Measure, print and write."""
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    console = Console()
    with ExitStack() as running:
        targets = dict(_targets(running))
        if engine_answers():
            url = running.enter_context(localstack(_LOCALSTACK, core=servers.SERVER_CORE))
            targets[report.LOCALSTACK_MOCK] = _imported(url)
        else:
            console.print("LEFT OUT LocalStack: no Docker Engine answers here", style="yellow")
        for target in targets.values():
            ask(target)
        if report.LOCALSTACK_MOCK in targets:
            stop_localstack()
        found = _measure(targets, console)
        pairs = _measure_pairs(targets, console)
    report.write(OUTPUT, found, pairs, console)


def _measure(targets: Mapping[str, Target], console: Console) -> report.Found:
    for name, target in targets.items():
        with _turn(name):
            run(target, max(CONNECTIONS), SECONDS)
    found: dict[tuple[str, int], list[Measured]] = {}
    for _ in track(range(ROUNDS), "requests", console=console):
        for connections in CONNECTIONS:
            for name, target in targets.items():
                with _turn(name):
                    measured = run(target, connections, SECONDS)
                found.setdefault((name, connections), []).append(measured)
    return found


def _measure_pairs(targets: Mapping[str, Target], console: Console) -> report.Pairs:
    found: report.Pairs = {pair: [] for pair in report.PAIRS}
    for _ in track(range(ROUNDS), "request by request", console=console):
        for (through, direct), rounds in found.items():
            ours, bare = in_turns([targets[through], targets[direct]], SECONDS)
            rounds.append((ours, bare))
    return found


def _turn(name: str) -> AbstractContextManager[None]:
    """Let LocalStack, which is never idle, stand still where it is not in turn."""
    return localstack_alone() if name == report.LOCALSTACK_MOCK else nullcontext()


def _targets(running: ExitStack) -> Iterator[tuple[str, Target]]:
    """Start our servers, and give what is asked of each."""
    function = _server("function", "bench.function", {})
    gateway = _gateway("gateway", function, {})
    constant = servers.constant()
    for server in (function, gateway, constant):
        running.enter_context(servers.started(server))
    mock = _target(gateway.port, "/v1/mock")
    through = replace(mock, path=f"/v1{_FUNCTION}")
    yield report.MOCK, mock
    yield report.THROUGH, through
    yield report.DIRECT, _direct(function, NAME, _event(through, gateway.port))
    yield report.CONSTANT, replace(mock, port=constant.port)
    emulator = running.enter_context(moto())
    stack = {"TEMPLATES": "deploy", "API_KEYS": _KEY, "AWS_ENDPOINT_URL": emulator.url}
    etl = _server("etl", "etl.local", stack)
    stack_gateway = _gateway("gateway of the stack", etl, stack)
    for server in (etl, stack_gateway):
        running.enter_context(servers.started(server))
    form = _form(stack_gateway.port)
    yield report.ETL_THROUGH, form
    yield report.ETL_DIRECT, _direct(etl, "riskstack-etl", _event(form, gateway.port))


def _server(name: str, module: str, environment: dict[str, str]) -> Server:
    port = servers.free_port()
    command = (sys.executable, "-m", module)
    environment = _ENVIRONMENT | {"PORT": str(port)} | environment
    return Server(name, port, "/health", [command], environment)


def _gateway(name: str, function: Server, environment: dict[str, str]) -> Server:
    url = f"http://127.0.0.1:{function.port}"
    return _server(name, "gateway", environment | {"AWS_ENDPOINT_URL_LAMBDA": url})


def _target(port: int, path: str) -> Target:
    return Target(port, path, b'{"amount": 900, "term": 36}', _HEADERS)


def _form(port: int) -> Target:
    """Give the request of a web form, the same one each time."""
    sent = webform.render(next(samples()), "bench")
    headers = {**sent.headers, "x-api-key": _KEY}
    lines = tuple(f"{name}: {value}" for name, value in headers.items())
    return Target(port, f"/v1{sent.path}", sent.body, lines)


def _direct(function: Server, name: str, event: bytes) -> Target:
    path = f"/2015-03-31/functions/{name}/invocations"
    return Target(function.port, path, event, _HEADERS)


def _event(target: Target, port: int) -> bytes:
    """Give the event that a gateway makes of a request: who calls directly sends the same.

    The gateway at `port` has a function that tells it.
    """
    told = ask(replace(target, port=port, path=f"/v1{_FUNCTION}?tell")).decode()
    event: dict[str, Any] = json.loads(told.replace(_FUNCTION, target.path.removeprefix("/v1")))
    query = {"queryStringParameters": None, "multiValueQueryStringParameters": None}
    return json.dumps(event | query).encode()


def _imported(url: str) -> Target:
    """Import the method with its MOCK integration into LocalStack."""
    client = boto3.client(
        "apigateway",
        region_name=_REGION,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
        config=Config(read_timeout=PATIENCE),
    )
    document: dict[str, Any] = yaml.safe_load((API / "openapi.yaml").read_text(encoding="utf-8"))
    document["paths"] = {"/mock": document["paths"]["/mock"]}
    api = client.import_rest_api(body=yaml.safe_dump(document).encode())["id"]
    client.create_deployment(restApiId=api, stageName="v1")
    return _target(urlsplit(url).port or 80, f"/_aws/execute-api/{api}/v1/mock")


if __name__ == "__main__":
    main()
