"""A stand for the gateway's tests: the gateway served, with a server of Lambda's Invoke behind."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import pytest
import uvicorn
import yaml

from gateway.api import Account, Api
from gateway.api_keys import ApiKey
from gateway.app import create_app
from gateway.deployment import Route
from gateway.exchange import Exchange
from gateway.gateway_response import Answer, GatewayResponse, RefusedError
from gateway.integration import Backends
from gateway.lambda_client import Invocation, Target
from gateway.request import Request
from gateway.request_ids import RequestIds
from gateway.server import configuration
from gateway.settings import Settings
from gateway.stage import Stage, UsagePlan
from gateway.stage_template import Declared
from riskstack.emulator.template import Resolver, Resource, Template

KEY = "a-key-that-the-tests-know"
SETTINGS = Settings(
    host="127.0.0.1",
    port=0,
    templates=Path("deploy"),
    stage="v1",
    api_keys=(KEY,),
    region="eu-central-1",
    account_id="123456789012",
    log_level="INFO",
)
STAGE = Stage(
    "v1",
    access_log="$context.requestId $context.status $context.resourcePath",
    plans=(UsagePlan("clients", (ApiKey.of("another-key"), ApiKey.of(KEY))),),
)
DEFINITION = Path(__file__).parent.parent / "gateway" / "openapi.yaml"
DEFINITION_TEXT = DEFINITION.read_text(encoding="utf-8")


class NoResources:
    """The physical side of a definition, which refers to no resource."""

    def reference(self, resource: Resource) -> str:
        raise AssertionError(resource)

    def attribute(self, resource: Resource, name: str) -> str:
        raise AssertionError(resource, name)


def document(text: str) -> dict[str, Any]:
    """Give a definition with its intrinsic functions resolved, as a template's include is."""
    pseudo = {
        "AWS::AccountId": SETTINGS.account_id,
        "AWS::Partition": "aws",
        "AWS::Region": SETTINGS.region,
    }
    resolver = Resolver(Template(DEFINITION, {"Resources": {}}), NoResources(), pseudo)
    resolved: dict[str, Any] = resolver.resolve(yaml.safe_load(text))
    return resolved


FUNCTION = f"arn:aws:lambda:{SETTINGS.region}:{SETTINGS.account_id}:function:things"
FUNCTION_URI = (
    f"arn:aws:apigateway:{SETTINGS.region}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
)
INTEGRATION = "x-amazon-apigateway-integration"


def operation(integration: Mapping[str, object] | None = None, **changes: object) -> dict[str, Any]:
    """Give an operation, answered by a function unless another integration is given."""
    proxy = {"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION_URI}
    return {
        "responses": {"200": {"description": "Done."}},
        INTEGRATION: dict(integration or proxy),
        **changes,
    }


def api_document(
    paths: Mapping[str, Mapping[str, object]] | None = None, **root: object
) -> dict[str, Any]:
    """Give a definition; of a root's names, `_` stands for `-` behind x-amazon-apigateway-."""
    extensions = {
        name
        if name in {"openapi", "components", "security"}
        else f"x-amazon-apigateway-{name.replace('_', '-')}": value
        for name, value in root.items()
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": "things", "version": "1"},
        "paths": paths or {"/things": {"post": operation()}},
        **extensions,
    }


API = Api(
    Account(SETTINGS.region, SETTINGS.account_id), "things", "fe92dfe331", "36ee36", SETTINGS.stage
)
IDS = RequestIds("id-1", "ext=", "Root=1-2-3;Parent=4;Sampled=0")
ARRIVED = datetime(2026, 3, 4, 19, 15, 17, 135_000, tzinfo=UTC).timestamp()


class NoIntegration:
    """An integration that no test of the steps before it comes to."""

    is_traced = False

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        raise AssertionError(exchange, backends)


ROUTE = Route("POST", "/things/{thing}", "abc123", NoIntegration())


def exchange(
    *headers: tuple[str, str],
    path: str = "/v1/things/1",
    method: str = "POST",
    query: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    route: Route | None = ROUTE,
    api: Api = API,
    path_parameters: Mapping[str, str] = MappingProxyType({"thing": "1"}),
) -> Exchange:
    """Give a request that has found its route."""
    request = Request(method, path, "", headers, "192.0.2.7", 8000, "http", "1.1")
    made = Exchange(api, request, IDS, ARRIVED, route, dict(path_parameters), query)
    made.body = body
    return made


class Invocations:
    """Functions that answer what they are told, and keep the calls."""

    def __init__(self, *answers: Invocation | RefusedError) -> None:
        self.calls: list[tuple[str, Any, str]] = []
        self._answers = list(answers)

    async def invoke(self, target: Target, payload: bytes, trace: str) -> bytes:
        return (await self.call(target, payload, trace)).payload

    async def call(self, target: Target, payload: bytes, trace: str) -> Invocation:
        assert trace == IDS.trace
        self.calls.append((target.function_arn, json.loads(payload), target.invocation_type))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, RefusedError):
            raise answer
        return answer

    def close(self) -> None:
        """Have nothing to close."""


def answered(document: object, function_error: str | None = None) -> Invocation:
    """Give what a function answered."""
    return Invocation(json.dumps(document).encode(), function_error)


def refusal(response: GatewayResponse) -> "pytest.RaisesExc[RefusedError]":
    """Expect that the gateway answers by itself."""
    return pytest.raises(RefusedError, check=lambda error: error.response == response)


def header(answer: Answer, name: str) -> str | None:
    """Give a header of an answer."""
    found = [value for sent, value in answer.headers if sent.decode().lower() == name.lower()]
    return found[-1].decode("latin-1") if found else None


@dataclass(frozen=True)
class Reply:
    """What the function side answers to one Invoke."""

    payload: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def proxy(cls, **members: object) -> "Reply":
        """Answer with a proxy response."""
        return cls(json.dumps(members).encode())

    @classmethod
    def error(cls, kind: str, status: int) -> "Reply":
        """Refuse the call as Lambda does."""
        return cls(b'{"Message": "refused"}', status, {"x-amzn-ErrorType": kind})


@dataclass(frozen=True)
class Call:
    """One Invoke as it arrived."""

    path: str
    headers: Mapping[str, str]
    event: dict[str, Any]


Handler = Callable[[dict[str, Any]], Reply]


def accepted(_: dict[str, Any]) -> Reply:
    """Answer as a function to which nothing is special."""
    return Reply.proxy(statusCode=202, body="{}")


class FunctionServer:
    """Lambda's Invoke over HTTP: keeps the calls, answers what `handler` says."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self.handler: Handler = accepted
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_handler())
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    def forget(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.handler = accepted

    @contextmanager
    def running(self) -> Iterator["FunctionServer"]:
        """Serve for a while."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _request_handler(self) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Invoke(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                stand.connections += 1
                super().setup()

            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stand.calls.append(Call(unquote(self.path), dict(self.headers), event))
                reply = stand.handler(event)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.payload)))
                # a caller may have given up
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(reply.payload)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Invoke


@contextmanager
def gateway(
    definition: str | Mapping[str, Any] = DEFINITION_TEXT, stage: Stage = STAGE
) -> Iterator[int]:
    """Serve the gateway on a free port and give it; the SDK's variables must be set."""
    root = document(definition) if isinstance(definition, str) else definition
    app = create_app(SETTINGS, Declared(stage, root))
    server = uvicorn.Server(configuration(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        started = threading.Event()
        while not server.started:
            assert thread.is_alive(), "the gateway did not start"
            started.wait(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
