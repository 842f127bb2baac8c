"""The gateway over real HTTP, with a real server of Lambda's Invoke behind it."""

import http.client
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests

from gateway.gateway_response import LARGEST_BODY
from tests.gateway_stand import (
    DEFINITION_TEXT,
    KEY,
    SETTINGS,
    Call,
    FunctionServer,
    Reply,
    gateway,
)

FORM = "/v1/applications/webform"
MOBILE = "/v1/applications/mobile"
JSON = {"Content-Type": "application/json"}
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:riskstack-etl"
SERVER_ERROR = b'{"message": "Internal server error"}'
TIMEOUT = 20


@dataclass
class Client:
    """Sends requests exactly as they are told, over connections of their own."""

    port: int
    function: FunctionServer

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *headers: tuple[str, str],
        key: str | None = KEY,
    ) -> "Response":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if key is not None:
            connection.putheader("x-api-key", key)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        response = Response(answer.status, answer.getheaders(), answer.read())
        connection.close()
        return response

    def post(self, path: str = FORM, body: bytes = b"{}", *headers: tuple[str, str]) -> "Response":
        return self.send("POST", path, body, *headers)

    def called(self) -> Call:
        """Give the one call that reached the function."""
        (call,) = self.function.calls
        return call


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for sent, value in self.headers if sent.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


@pytest.fixture(scope="module", autouse=True)
def sdk(function_server: FunctionServer) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", function_server.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield patch


@pytest.fixture(scope="module")
def function_server() -> Iterator[FunctionServer]:
    with FunctionServer().running() as server:
        yield server


@pytest.fixture(scope="module")
def port(sdk: pytest.MonkeyPatch) -> Iterator[int]:  # noqa: ARG001 - it must be set first
    with gateway() as port:
        yield port


@pytest.fixture
def client(port: int, function_server: FunctionServer) -> Client:
    function_server.forget()
    return Client(port, function_server)


@pytest.fixture
def hasty(client: Client) -> Iterator[Client]:
    """A gateway that gives a function 150 ms."""
    with gateway(DEFINITION_TEXT.replace("timeoutInMillis: 29000", "timeoutInMillis: 150")) as port:
        yield Client(port, client.function)


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Give the lines that the gateway logs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("gateway")
    handler.setFormatter(logger.handlers[0].formatter)
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)


def line_of(
    response: Response, lines: Callable[[], list[dict[str, Any]]], message: str = "refused"
) -> dict[str, Any]:
    """Wait for the line that tells why a request was refused."""
    wanted = {"request_id": response.header("x-amzn-requestid"), "message": message}
    return wait_for(lines, wanted)


def wait_for(lines: Callable[[], list[dict[str, Any]]], wanted: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        for line in lines():
            if wanted.items() <= line.items():
                return line
    raise AssertionError(f"no line {wanted} in the log: {lines()}")


def test_health_is_outside_of_any_stage(client: Client) -> None:
    response = client.send("GET", "/health", key=None)
    assert (response.status, json.loads(response.body)) == (200, {"status": "ok"})
    assert client.send("GET", "/health/", key=None).status == 403


def test_a_function_is_invoked_by_its_arn_through_the_sdk(client: Client) -> None:
    client.post()
    call = client.called()
    assert call.path == f"/2015-03-31/functions/{FUNCTION}/invocations"
    assert call.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")


def test_the_answer_is_the_function_s(client: Client) -> None:
    client.function.handler = lambda _: Reply.proxy(
        statusCode="201",
        headers={"Content-Type": "text/plain; charset=utf-8", "X-One": "1"},
        multiValueHeaders={"Set-Cookie": ["a=1", "b=2"]},
        body="grün",
    )
    response = client.post()
    assert (response.status, response.body) == (201, "grün".encode())
    assert response.header("content-type") == "text/plain; charset=utf-8"
    assert response.header("x-one") == "1"
    assert response.all("set-cookie") == ["a=1", "b=2"]


def test_an_answer_without_content_has_none(client: Client) -> None:
    client.function.handler = lambda _: Reply.proxy(statusCode=204, body="x")
    response = client.post()
    assert (response.status, response.body) == (204, b"")
    assert response.header("content-length") is None


def test_every_answer_carries_request_ids(client: Client) -> None:
    for response in (
        client.post(),
        client.post(FORM, b"{"),
        client.post("/v1/none"),
        client.send("POST", FORM, None, ("Content-Length", str(LARGEST_BODY + 1))),
    ):
        UUID(response.header("x-amzn-requestid"))
        assert re.fullmatch(r"[\w-]{15}=", response.header("x-amz-apigw-id") or "")


def test_the_trace_is_told_only_where_the_function_answered(client: Client) -> None:
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    response = client.post(FORM, b"{}", ("X-Amzn-Trace-Id", trace))
    assert response.header("x-amzn-trace-id") == trace
    assert client.called().event["headers"]["X-Amzn-Trace-Id"] == trace
    assert client.post(FORM, b"{").header("x-amzn-trace-id") is None


def test_a_caller_may_choose_its_request_id(client: Client) -> None:
    wish = "0d0f5a6e-8c1b-4b6e-9c3d-0a1b2c3d4e5f"
    assert client.post(FORM, b"{}", ("x-amzn-RequestId", wish)).header("x-amzn-requestid") == wish
    assert client.called().event["requestContext"]["requestId"] == wish


@pytest.mark.parametrize("key", [None, "", "unknown", KEY[:-1]])
def test_without_a_known_key_a_call_is_forbidden(client: Client, key: str | None) -> None:
    response = client.send("POST", FORM, b"{", key=key)
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    assert response.header("x-amzn-errortype") == "ForbiddenException"
    assert not client.function.calls


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", FORM),
        ("HEAD", FORM),
        ("OPTIONS", MOBILE),
        ("GET", "/v1/applications"),
        ("POST", "/v1/applications/fax"),
        ("GET", "/v1/applications/a/b"),
        ("GET", "/v1/applications/a%0Ab/c"),
    ],
)
def test_an_unknown_route_misses_a_token(client: Client, method: str, path: str) -> None:
    response = client.send(method, path)
    expected = b"" if method == "HEAD" else b'{"message":"Missing Authentication Token"}'
    assert (response.status, response.body) == (403, expected)
    assert response.header("x-amzn-errortype") == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("path", ["/", "/v2/applications/webform", "/applications/webform"])
def test_an_unknown_stage_is_forbidden(client: Client, path: str) -> None:
    response = client.post(path)
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'{"schema": "mobile/2"}', b"\xff"])
def test_a_body_that_does_not_fit_its_model_is_refused(client: Client, body: bytes) -> None:
    response = client.post(MOBILE, body, *JSON.items())
    assert (response.status, response.body) == (400, b'{"message": "Invalid request body"}')
    assert response.header("x-amzn-errortype") == "BadRequestException"
    assert not client.function.calls


def test_a_form_reaches_the_function_as_it_is(client: Client) -> None:
    body = b"first_name=Ana&income=42%2C000&consent=on"
    client.post(FORM, body, ("Content-Type", "application/x-www-form-urlencoded"))
    assert client.called().event["body"] == body.decode()


def test_bytes_that_are_no_text_are_replaced(client: Client) -> None:
    client.post(FORM, b"name=M\xfcller", ("Content-Type", "application/x-www-form-urlencoded"))
    event = client.called().event
    assert (event["body"], event["isBase64Encoded"]) == ("name=M\ufffdller", False)


def test_a_chunked_body_reaches_the_function(client: Client) -> None:
    requests.post(
        f"http://127.0.0.1:{client.port}{FORM}",
        data=iter([b'{"a":', b" 1}"]),
        headers={"x-api-key": KEY},
        timeout=TIMEOUT,
    )
    assert client.called().event["body"] == '{"a": 1}'


def test_identical_headers_keep_their_values_and_their_case(client: Client) -> None:
    client.post(FORM, b"{}", ("tEsT", "1"), ("tEsT", "2"))
    event = client.called().event
    assert event["headers"]["tEsT"] == "2"
    assert event["multiValueHeaders"]["tEsT"] == ["1", "2"]


def test_repeated_and_empty_query_parameters_are_kept(client: Client) -> None:
    client.post(f"{FORM}?a=1&a=2&b=&c&d=x+y%2B")
    event = client.called().event
    assert event["queryStringParameters"] == {"a": "2", "b": "", "c": "", "d": "x y+"}
    assert event["multiValueQueryStringParameters"]["a"] == ["1", "2"]


@pytest.mark.parametrize("name", ["a%2Fb", "a%0Ab", "%C3%BC", "a+b"])
def test_an_encoded_path_parameter_stays_encoded(client: Client, name: str) -> None:
    assert client.send("GET", f"/v1/applications/{name}").status == 202
    event = client.called().event
    assert event["pathParameters"] == {"application_id": name}
    assert event["path"] == f"/applications/{name}"
    assert event["resource"] == "/applications/{application_id}"


def test_the_source_address_cannot_be_chosen(client: Client) -> None:
    client.post(FORM, b"{}", ("X-Forwarded-For", "203.0.113.9"))
    event = client.called().event
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert event["headers"]["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"


def test_a_body_that_declares_too_much_is_refused_unread(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port), TIMEOUT) as connection:
        connection.sendall(
            f"POST {FORM} HTTP/1.1\r\nHost: x\r\n"
            f"Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode()
        )
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"content-type: text; charset=utf-8\r\n" in answer
    assert answer.endswith(b"\r\n\r\nHTTP content length exceeded 10485760 bytes.")


def test_a_body_that_grows_too_long_is_cut_off(client: Client) -> None:
    chunk = b"40000\r\n" + bytes(0x40000) + b"\r\n"
    with socket.create_connection(("127.0.0.1", client.port), TIMEOUT) as connection:
        connection.sendall(
            f"POST {FORM} HTTP/1.1\r\nHost: x\r\nx-api-key: {KEY}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(LARGEST_BODY // 0x40000):
            connection.sendall(chunk)
        connection.sendall(b"1\r\nx\r\n")
        # the body never ends, and yet there is an answer
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert not client.function.calls


def test_a_body_of_the_largest_length_reaches_the_function(client: Client) -> None:
    body = b" " * (LARGEST_BODY - 2) + b"{}"
    assert client.post(FORM, body).status == 202
    assert len(client.called().event["body"]) == LARGEST_BODY


def test_a_caller_that_goes_away_in_its_body_calls_nothing(
    client: Client, log: Callable[[], list[dict[str, Any]]]
) -> None:
    with socket.create_connection(("127.0.0.1", client.port), TIMEOUT) as connection:
        connection.sendall(
            f"POST {FORM} HTTP/1.1\r\nHost: x\r\nx-api-key: {KEY}\r\n"
            "Content-Length: 10\r\n\r\n{".encode()
        )
    assert wait_for(log, {"message": "disconnected", "route": "POST /applications/webform"})
    assert not client.function.calls


def test_a_refused_body_does_not_end_a_small_request_s_connection(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=TIMEOUT)
    for _ in range(2):
        connection.request("POST", "/v1/none", b"x" * 100_000)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 403
    connection.close()


@pytest.mark.parametrize(
    "request_bytes",
    [b"\x16\x03\x01\x00\xa5", b"POST\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"],
)
def test_what_is_no_http_gets_a_400(client: Client, request_bytes: bytes) -> None:
    with socket.create_connection(("127.0.0.1", client.port), TIMEOUT) as connection:
        connection.sendall(request_bytes)
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"errorMessage": "failed"}', headers={"X-Amz-Function-Error": "Unhandled"}),
        Reply(b'{"statusCode": 200}', headers={"X-Amz-Function-Error": "Unhandled"}),
        Reply(b'{"errorMessage": "failed"}'),
        Reply(b"null"),
        Reply(b"nonsense"),
    ],
)
def test_a_function_that_fails_is_a_bad_gateway(client: Client, reply: Reply) -> None:
    client.function.handler = lambda _: reply
    response = client.post()
    assert (response.status, response.body) == (502, SERVER_ERROR)
    assert response.header("x-amzn-errortype") == "InternalServerErrorException"
    assert len(client.function.calls) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("TooManyRequestsException", 429),
        ("ResourceNotFoundException", 404),
        ("AccessDeniedException", 403),
        ("ServiceException", 500),
    ],
)
def test_a_call_that_lambda_refuses_is_an_internal_error_and_tried_once(
    client: Client, kind: str, status: int, log: Callable[[], list[dict[str, Any]]]
) -> None:
    client.function.handler = lambda _: Reply.error(kind, status)
    response = client.post()
    assert (response.status, response.body) == (500, SERVER_ERROR)
    assert len(client.function.calls) == 1
    assert kind in line_of(response, log)["cause"]


def test_an_event_that_lambda_finds_too_large_is_the_caller_s_error(client: Client) -> None:
    client.function.handler = lambda _: Reply.error("RequestTooLargeException", 413)
    response = client.post()
    assert (response.status, response.body) == (413, b'{"message": "Request Too Long"}')
    assert response.header("x-amzn-errortype") == "BadRequestException"


def test_a_slow_function_is_not_waited_for(hasty: Client) -> None:
    done = threading.Event()

    def slow(_: dict[str, Any]) -> Reply:
        done.wait(TIMEOUT)
        return Reply.proxy(statusCode=200)

    hasty.function.handler = slow
    response = hasty.post()
    done.set()
    assert (response.status, response.body) == (504, b'{"message": "Endpoint request timed out"}')
    assert response.header("x-amzn-errortype") == "InternalServerErrorException"


def test_an_unreachable_function_is_an_internal_error_with_its_cause_in_the_log(
    sdk: pytest.MonkeyPatch, client: Client, log: Callable[[], list[dict[str, Any]]]
) -> None:
    with socket.socket() as nobody, sdk.context() as patch:
        nobody.bind(("127.0.0.1", 0))
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with gateway() as port:
            response = Client(port, client.function).post()
    assert (response.status, response.body) == (500, SERVER_ERROR)
    assert "cannot connect to 127.0.0.1:" in line_of(response, log)["cause"]


def test_what_nobody_foresaw_is_an_internal_error_with_its_trace_in_the_log(
    client: Client,
    log: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Ada Park")

    monkeypatch.setattr("gateway.integrations.lambda_proxy.proxy_event", fail)
    response = client.post()
    assert (response.status, response.body) == (500, SERVER_ERROR)
    line = line_of(response, log, "failed")
    assert line["cause"] == "RuntimeError"
    assert line["stack"][-1].endswith(" fail")
    assert "Ada" not in json.dumps(line)


def test_each_request_writes_one_line_in_the_stages_format(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    response = client.post(FORM, b'{"full_name": "Ada Park"}')
    refused = client.send("POST", FORM, b"{}", key=None)
    ids = tuple(str(one.header("x-amzn-requestid")) for one in (response, refused))
    lines: list[str] = []
    deadline = time.monotonic() + TIMEOUT
    while len(lines) < 2 and time.monotonic() < deadline:
        lines += [one for one in capsys.readouterr().out.splitlines() if one.startswith(ids)]
    assert lines == [
        f"{ids[0]} 202 /applications/webform",
        f"{ids[1]} 403 /applications/webform",
    ]


def test_what_is_refused_is_told_in_the_log_without_the_key(
    client: Client, log: Callable[[], list[dict[str, Any]]]
) -> None:
    response = client.send("POST", FORM, b"{}", key="a-wrong-key")
    line = line_of(response, log)
    assert line["route"] == "POST /applications/webform"
    assert line["cause"] == "API key missing or unknown"
    assert "a-wrong-key" not in json.dumps(line)


def test_many_callers_are_served_at_once(client: Client) -> None:
    together = threading.Barrier(8, timeout=TIMEOUT)

    def meet(_: dict[str, Any]) -> Reply:
        together.wait()
        return Reply.proxy(statusCode=200)

    client.function.handler = meet
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(client.post().status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8


def test_it_runs_as_a_program_until_it_is_told_to_stop(function_server: FunctionServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "HOST": SETTINGS.host,
        "PORT": str(port),
        "TEMPLATES": "deploy",
        "STAGE": SETTINGS.stage,
        "API_KEYS": ",".join(SETTINGS.api_keys),
        "AWS_DEFAULT_REGION": SETTINGS.region,
        "AWS_ACCOUNT_ID": SETTINGS.account_id,
        "LOG_LEVEL": SETTINGS.log_level,
    }
    function_server.forget()
    program = subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        cwd=Path(__file__).parent.parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until_healthy(program, port)
        assert Client(port, function_server).post().status == 202
    finally:
        program.send_signal(signal.SIGTERM)
        written, _ = program.communicate(timeout=TIMEOUT)
    assert program.returncode == -signal.SIGTERM
    (line,) = map(json.loads, written.splitlines())
    assert (line["resource"], line["stage"], line["status"]) == ("/applications/webform", "v1", 202)


def wait_until_healthy(program: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and program.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/health", timeout=TIMEOUT).ok:
                return
        except requests.ConnectionError:
            continue
    raise AssertionError("the gateway did not become healthy")


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side ends."""
    return b"".join(iter(lambda: connection.recv(65536), b""))
