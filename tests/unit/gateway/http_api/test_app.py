import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from gateway.api import Account
from gateway.gateway_response import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    LARGEST_BODY,
    REQUEST_TOO_LARGE,
    GatewayResponse,
    RefusedError,
)
from gateway.http_api.app import HttpApi
from gateway.http_api.definition import read
from gateway.lambda_client import Invocation, Target
from gateway.token_bucket import ACCOUNT as ACCOUNT_LIMITS
from gateway.token_bucket import Limits

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:things"
DEFINITION = f"""
openapi: 3.0.1
info: {{title: things}}
x-amazon-apigateway-cors:
  allowOrigins: [https://a.example]
  allowMethods: [GET]
paths:
  /things:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
        type: AWS_PROXY
        httpMethod: POST
        uri: {ARN}
        payloadFormatVersion: "2.0"
        timeoutInMillis: 1500
"""


class Functions:
    """Functions that do what they are told, and keep what they were asked."""

    def __init__(self, handle: Callable[[Any], object]) -> None:
        self.handle = handle
        self.calls: list[tuple[Target, Any]] = []
        self.closed = False

    async def invoke(self, target: Target, payload: bytes, trace: str) -> bytes:
        event = json.loads(payload)
        assert trace.startswith(event["headers"]["x-amzn-trace-id"])
        self.calls.append((target, event))
        return json.dumps(self.handle(event)).encode()

    async def call(self, target: Target, payload: bytes, trace: str) -> Invocation:
        return Invocation(await self.invoke(target, payload, trace), None)

    def close(self) -> None:
        self.closed = True


def application(functions: Functions, limits: Limits = ACCOUNT_LIMITS) -> HttpApi:
    definition = read(yaml.safe_load(DEFINITION), Account("eu-central-1", "123456789012"))
    return HttpApi(definition, limits, functions, "INFO")


def ask(
    functions: Functions,
    method: str = "GET",
    path: str = "/things",
    messages: list[Message] | None = None,
    api: HttpApi | None = None,
    **headers: str,
) -> list[Message]:
    """Send one request; give what the application sent."""
    api = api or application(functions)
    coming = iter(messages or [{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "raw_path": path.encode("latin-1"),
        "query_string": b"",
        "headers": [
            (name.replace("_", "-").encode(), value.encode("latin-1"))
            for name, value in headers.items()
        ],
        "scheme": "http",
        "http_version": "1.1",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8005),
    }
    asyncio.run(api(scope, receive, send))
    return sent


def answered(sent: list[Message]) -> tuple[int, dict[bytes, bytes], bytes]:
    """Give status, headers without the request's id, and body."""
    start, body = sent
    headers = dict(start["headers"])
    assert len(headers.pop(b"apigw-requestid")) == 16
    return start["status"], headers, body["body"]


def json_headers(body: bytes) -> dict[bytes, bytes]:
    return {b"content-type": b"application/json", b"content-length": b"%d" % len(body)}


def test_a_function_answers() -> None:
    functions = Functions(lambda event: {"path": event["rawPath"]})
    body = b'{"path":"/things"}'
    assert answered(ask(functions)) == (200, json_headers(body), body)
    ((target, event),) = functions.calls
    assert (target, event["routeKey"]) == (Target(ARN, 1.5), "ANY /things")


def test_no_route_is_not_found() -> None:
    functions = Functions(lambda _: None)
    body = b'{"message":"Not Found"}'
    assert answered(ask(functions, path="/other")) == (404, json_headers(body), body)
    assert not functions.calls


SERVER_ERROR = b'{"message":"Internal Server Error"}'
TOO_LARGE = b'{"message":"Request Entity Too Large"}'


@pytest.mark.parametrize(
    ("refusal", "status", "body"),
    [
        (INTERNAL_SERVER_ERROR, 500, SERVER_ERROR),
        (INTEGRATION_FAILURE, 500, SERVER_ERROR),
        (REQUEST_TOO_LARGE, 413, TOO_LARGE),
    ],
)
def test_a_call_that_fails_has_its_answer(
    refusal: GatewayResponse, status: int, body: bytes
) -> None:
    def fail(_: object) -> None:
        raise RefusedError(refusal, "a cause")

    assert answered(ask(Functions(fail))) == (status, json_headers(body), body)


def test_a_slow_function_is_a_503_without_a_type() -> None:
    def slow(_: object) -> None:
        raise RefusedError(INTEGRATION_TIMEOUT, "no answer within 1.5 s")

    assert answered(ask(Functions(slow))) == (
        503,
        {b"content-length": b"33"},
        b'{"message":"Service Unavailable"}',
    )


@pytest.mark.parametrize("handle", [lambda _: {"statusCode": 1}, lambda _: 1 // 0])
def test_what_is_malformed_or_breaks_is_a_500(handle: Callable[[object], object]) -> None:
    found = answered(ask(Functions(handle)))
    assert found == (500, json_headers(SERVER_ERROR), SERVER_ERROR)


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_read_whole() -> None:
    functions = Functions(lambda event: event["body"])
    sent = ask(
        functions,
        "POST",
        messages=[part(b"a", more=True), part(b"b", more=False)],
        content_type="text/plain",
    )
    assert answered(sent)[2] == b"ab"


def test_a_body_that_is_too_long_is_not_read_on() -> None:
    functions = Functions(lambda _: None)
    sent = ask(functions, "POST", messages=[part(bytes(LARGEST_BODY + 1), more=True)])
    headers = json_headers(TOO_LARGE) | {b"connection": b"close"}
    assert answered(sent) == (413, headers, TOO_LARGE)
    assert not functions.calls


def test_a_caller_that_goes_away_gets_no_answer() -> None:
    assert ask(Functions(lambda _: None), messages=[{"type": "http.disconnect"}]) == []


def test_a_preflight_is_answered_without_a_route() -> None:
    functions = Functions(lambda _: None)
    sent = ask(
        functions,
        "OPTIONS",
        "/other",
        origin="https://a.example",
        access_control_request_method="GET",
    )
    assert answered(sent) == (
        204,
        {
            b"access-control-allow-origin": b"https://a.example",
            b"access-control-allow-methods": b"GET",
        },
        b"",
    )
    assert not functions.calls


def test_other_options_go_to_their_route() -> None:
    functions = Functions(lambda _: {"statusCode": 200, "headers": {"content-type": "a/b"}})
    found = answered(ask(functions, "OPTIONS", origin="https://a.example"))
    assert found[1] == {
        b"content-type": b"a/b",
        b"access-control-allow-origin": b"https://a.example",
        b"content-length": b"0",
    }


def test_the_function_s_own_cors_headers_are_ignored() -> None:
    headers = {"Access-Control-Allow-Origin": "*", "content-type": "a/b"}
    functions = Functions(lambda _: {"statusCode": 200, "headers": headers})
    assert answered(ask(functions))[1] == {b"content-type": b"a/b", b"content-length": b"0"}


def test_each_request_is_one_line_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[tuple[str, dict[str, object]]] = []

    def info(_: Logger, message: str, extra: dict[str, object]) -> None:
        lines.append((message, extra))

    monkeypatch.setattr(Logger, "info", info)
    start, _ = ask(Functions(lambda _: {"statusCode": 1}))
    ((message, entry),) = lines
    assert isinstance(entry.pop("latency_ms"), float)
    assert (message, entry) == (
        "request",
        {
            "request_id": dict(start["headers"])[b"apigw-requestid"].decode(),
            "route": "ANY /things",
            "cause": "statusCode is not the status of an answer",
            "status": 500,
        },
    )


def test_a_route_lets_in_what_its_limits_say() -> None:
    functions = Functions(lambda _: None)
    api = application(functions, Limits(rate=0.0, burst=2))
    statuses = [answered(ask(functions, api=api))[0] for _ in range(2)]
    refused = answered(ask(functions, api=api))
    body = b'{"message":"Too Many Requests"}'
    assert statuses == [200, 200]
    assert refused == (429, json_headers(body), body)
    assert len(functions.calls) == 2


def test_closing_closes_the_connections_to_functions() -> None:
    functions = Functions(lambda _: None)
    application(functions).close()
    assert functions.closed


TEXT = st.binary(max_size=20).map(lambda text: text.decode("latin-1"))


@given(
    path=st.text(alphabet="/things%2F?{}+\x00\xff", max_size=12),
    origin=TEXT,
    cookie=TEXT,
    content_type=TEXT,
    body=st.binary(max_size=20),
)
def test_any_request_has_an_answer(
    path: str, origin: str, cookie: str, content_type: str, body: bytes
) -> None:
    sent = ask(
        Functions(lambda _: None),
        "POST",
        f"/{path}",
        [part(body, more=False)],
        origin=origin,
        cookie=cookie,
        content_type=content_type,
    )
    assert answered(sent)[0] in {200, 404}
