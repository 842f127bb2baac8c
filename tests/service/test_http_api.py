"""The HTTP API over real HTTP, on its port beside the REST API's, in one process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.gateway_stand import KEY, FunctionServer, Reply

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
FORM = "application/x-www-form-urlencoded"
SERVER_ERROR = '{"message":"Internal Server Error"}'


@dataclass(frozen=True)
class Stand:
    """A gateway with both APIs, and the function behind them."""

    rest: str
    http: str
    function: FunctionServer


def free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with FunctionServer().running() as function:
        port, http_port = free_ports()
        environment = os.environ | {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "HTTP_API_PORT": str(http_port),
            "TEMPLATES": str(ROOT / "deploy"),
            "STAGE": "v1",
            "API_KEYS": KEY,
            "AWS_ACCOUNT_ID": "123456789012",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL_LAMBDA": function.url,
            "LOG_LEVEL": "INFO",
        }
        process = subprocess.Popen([sys.executable, "-m", "gateway"], cwd=ROOT, env=environment)
        rest, http = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{http_port}"
        try:
            wait_for(f"{rest}/health", process)
            yield Stand(rest, http, function)
        finally:
            process.send_signal(signal.SIGTERM)
            # it ends in order, then by the signal itself
            assert process.wait(PATIENCE) == -signal.SIGTERM


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(url, timeout=PATIENCE)
        except requests.ConnectionError:
            assert process.poll() is None, "the gateway ended"
            assert time.monotonic() < deadline, "the gateway does not start"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def http(stand: Stand) -> Stand:
    stand.function.forget()
    return stand


def echo(event: dict[str, Any]) -> Reply:
    """Answer with the event."""
    return Reply.proxy(echo=event)


def test_a_submission_reaches_the_function_as_payload_2_0(http: Stand) -> None:
    http.function.handler = echo
    answer = requests.post(
        f"{http.http}/applications/webform?a=1&a=2",
        data={"age": "30"},
        headers={"Cookie": "b=c"},
        timeout=PATIENCE,
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    event = answer.json()["echo"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == "POST /applications/webform"
    assert event["queryStringParameters"] == {"a": "1,2"}
    assert event["cookies"] == ["b=c"]
    assert (event["body"], event["isBase64Encoded"]) == ("YWdlPTMw", True)
    assert event["headers"]["content-type"] == FORM
    assert event["requestContext"]["requestId"] == answer.headers["apigw-requestid"]
    assert "x-amzn-RequestId" not in answer.headers
    (call,) = http.function.calls
    assert call.path.endswith(":function:riskstack-etl/invocations")


def test_a_path_s_variable_is_passed_on(http: Stand) -> None:
    http.function.handler = echo
    event = requests.get(f"{http.http}/applications/app-1", timeout=PATIENCE).json()["echo"]
    assert event["pathParameters"] == {"application_id": "app-1"}


@pytest.mark.parametrize("path", ["/", "/v1/applications/webform", "/health", "/metrics"])
def test_what_is_no_route_is_not_found(http: Stand, path: str) -> None:
    answer = requests.get(http.http + path, timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')
    assert not http.function.calls


def test_a_failed_function_is_a_500(http: Stand) -> None:
    http.function.handler = lambda _: Reply(b"{}", headers={"X-Amz-Function-Error": "Unhandled"})
    answer = requests.get(f"{http.http}/applications/app-1", timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (500, SERVER_ERROR)


def test_a_body_over_10_mb_is_refused(http: Stand) -> None:
    body = bytes(10 * 1024 * 1024 + 1)
    answer = requests.post(f"{http.http}/applications/mail", data=body, timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (413, '{"message":"Request Entity Too Large"}')


def test_headers_over_10_kb_are_refused(http: Stand) -> None:
    headers = {"X-Long": "a" * 10_240}
    answer = requests.get(f"{http.http}/applications/app-1", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 431
    assert answer.text == '{"message":"Request Header Fields Too Large"}'


def test_a_browser_s_preflight_is_answered(http: Stand) -> None:
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    answer = requests.options(
        f"{http.http}/applications/webform", headers=headers, timeout=PATIENCE
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert not http.function.calls


def test_the_rest_api_is_as_it_was_beside_it(http: Stand) -> None:
    http.function.handler = lambda _: Reply.proxy(statusCode=200, body="{}")
    url = f"{http.rest}/v1/applications/app-1"
    assert requests.get(url, timeout=PATIENCE).status_code == 403
    assert requests.get(url, headers={"x-api-key": KEY}, timeout=PATIENCE).status_code == 200
    assert requests.get(f"{http.rest}/applications/app-1", timeout=PATIENCE).status_code == 403
