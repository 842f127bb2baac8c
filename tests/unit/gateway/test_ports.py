import asyncio

from starlette.types import Message, Receive, Scope, Send

from gateway import ports
from gateway.api import Account
from gateway.http_api.app import HttpApi
from gateway.http_api.definition import read
from gateway.ports import ByPort
from gateway.token_bucket import ACCOUNT
from tests.gateway_stand import Invocations, answered

DEFINITION = {"openapi": "3.0.1", "info": {"title": "nothing"}, "paths": {}}
HTTP = {
    "type": "http",
    "method": "GET",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [],
    "scheme": "http",
    "http_version": "1.1",
}


class RestApi:
    """Keeps what comes to it, and ends its lifespan when it is told."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.shutdown.complete"})


class Functions(Invocations):
    closed = False

    def close(self) -> None:
        self.closed = True


async def receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def pass_on(scope: Scope) -> tuple[list[Scope], list[Message], bool]:
    """Give what came to the REST API, what was sent, and whether the functions were closed."""
    rest_api, functions = RestApi(), Functions(answered(None))
    definition = read(DEFINITION, Account("eu-central-1", "123456789012"))
    http_api = HttpApi(definition, ACCOUNT, functions, "INFO")
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(ByPort(rest_api, http_api, 8005)(scope, receive, send))
    return rest_api.scopes, sent, functions.closed


def test_the_http_api_gets_what_comes_in_on_its_port() -> None:
    rest, sent, _ = pass_on({**HTTP, "server": ("127.0.0.1", 8005)})
    assert not rest
    assert sent[0]["status"] == 404


def test_the_rest_api_gets_everything_else() -> None:
    scope = {**HTTP, "server": ("127.0.0.1", 8000)}
    assert pass_on(scope) == ([scope], [], False)


def test_the_http_api_ends_with_the_rest_api() -> None:
    scope = {"type": "lifespan"}
    assert pass_on(scope) == ([scope], [{"type": "lifespan.shutdown.complete"}], True)


def test_a_port_is_listened_on() -> None:
    with ports.listen("127.0.0.1", 0) as one:
        assert one.getsockname()[1] > 0
