"""The gateway beside what it adds to, and beside LocalStack's own API Gateway.

All in one run: servers on one core, the load on another, taking turns in several rounds, so that a
busy moment of the machine meets all of them. Where no Docker Engine answers, LocalStack is left out
and said so. `make bench-gateway` writes the table and the plot into docs/benchmarks/.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
import requests
import yaml
from botocore.config import Config
from rich.console import Console
from rich.progress import track

from bench import gateway_report as report
from bench import servers
from bench.function import NAME
from bench.load import Measured, Target, ask, run
from bench.servers import Server
from stack.compose import engine_answers
from stack.settings import ROOT

CONNECTIONS = (1, 8, 64)
ROUNDS = 5
SECONDS = 2.0
OUTPUT = ROOT / "docs" / "benchmarks"
API = ROOT / "bench" / "api"
LOCALSTACK = "localstack/localstack:4.14.0"
PATIENCE = 120.0

_REGION = "eu-central-1"
_HEADERS = ("Content-Type: application/json", "Accept: application/json")
_ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "TEMPLATES": str(API),
    "STAGE": "v1",
    "API_KEYS": "nobody-asks-for-it",
    "AWS_ACCOUNT_ID": "000000000000",
    "AWS_DEFAULT_REGION": _REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "LOG_LEVEL": "WARNING",
}


def main() -> None:
    """Measure, print and write."""
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    console = Console()
    with ExitStack() as running:
        targets = dict(_targets(running))
        if engine_answers():
            targets[report.LOCALSTACK_MOCK] = running.enter_context(_localstack())
        else:
            console.print("LEFT OUT LocalStack: no Docker Engine answers here", style="yellow")
        for target in targets.values():
            ask(target)
        measured = _measure(targets, console)
    report.write(OUTPUT, measured, console)


def _measure(targets: Mapping[str, Target], console: Console) -> Mapping[tuple[str, int], Measured]:
    for target in targets.values():
        run(target, max(CONNECTIONS), SECONDS)
    found: dict[tuple[str, int], Measured] = {}
    for _ in track(range(ROUNDS), "requests", console=console):
        for connections in CONNECTIONS:
            for name, target in targets.items():
                key = (name, connections)
                found.setdefault(key, Measured()).add(run(target, connections, SECONDS))
    return found


def _targets(running: ExitStack) -> Iterator[tuple[str, Target]]:
    """Start our servers, and give what is asked of each."""
    function = _server("function", "bench.function", {})
    lambda_url = f"http://127.0.0.1:{function.port}"
    gateway = _server("gateway", "gateway", {"AWS_ENDPOINT_URL_LAMBDA": lambda_url})
    constant = servers.constant()
    for server in (function, gateway, constant):
        running.enter_context(servers.started(server))
    yield report.MOCK, _target(gateway.port, "/v1/mock")
    yield report.THROUGH, _target(gateway.port, "/v1/function")
    yield report.DIRECT, _target(function.port, f"/2015-03-31/functions/{NAME}/invocations")
    yield report.CONSTANT, _target(constant.port, "/")


def _server(name: str, module: str, environment: dict[str, str]) -> Server:
    port = servers.free_port()
    command = (sys.executable, "-m", module)
    environment = _ENVIRONMENT | {"PORT": str(port)} | environment
    return Server(name, port, "/health", [command], environment)


def _target(port: int, path: str) -> Target:
    return Target(port, path, b'{"amount": 900, "term": 36}', _HEADERS)


@contextmanager
def _localstack() -> Iterator[Target]:
    """Run LocalStack on the servers' core, with the same method by a MOCK integration."""
    port = servers.free_port()
    container = _docker(
        "run",
        "--detach",
        f"--cpuset-cpus={servers.SERVER_CORE}",
        f"--publish=127.0.0.1:{port}:4566",
        "--env=SERVICES=apigateway,lambda",
        "--env=DISABLE_EVENTS=1",
        "--env=SKIP_SSL_CERT_DOWNLOAD=1",
        LOCALSTACK,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_localstack/health", container)
        yield _target(port, _imported(port))
    finally:
        _docker("rm", "--force", container)


def _imported(port: int) -> str:
    """Import the method with its MOCK integration, and give its path."""
    client = boto3.client(
        "apigateway",
        region_name=_REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
        config=Config(read_timeout=PATIENCE),
    )
    document: dict[str, Any] = yaml.safe_load((API / "openapi.yaml").read_text(encoding="utf-8"))
    document["paths"] = {"/mock": document["paths"]["/mock"]}
    api = client.import_rest_api(body=yaml.safe_dump(document).encode())["id"]
    client.create_deployment(restApiId=api, stageName="v1")
    return f"/_aws/execute-api/{api}/v1/mock"


def _docker(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - the commands of this module
        ("docker", *arguments),  # noqa: S607 - the user's own docker
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _wait(url: str, container: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException as error:
            if time.monotonic() > deadline:
                log = _docker("logs", "--tail=50", container)
                raise RuntimeError(f"LocalStack does not start:\n{log}") from error
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    main()
