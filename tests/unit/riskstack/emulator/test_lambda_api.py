import base64
import json
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from riskstack.emulator.function import Function
from riskstack.emulator.lambda_api import LARGEST_PAYLOAD, create_app

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:f"
PATH = "/2015-03-31/functions/{}/invocations"


def echo(event: Any, context: Any) -> Any:  # noqa: ANN401 - any event
    client = context.client_context
    return {"event": event, "client": client and client.client.installation_id}


def client(handler: Any = echo, timeout: float = 5.0) -> TestClient:  # noqa: ANN401 - any handler
    return TestClient(create_app(Function("f", ARN, handler, timeout, 128), None))


@pytest.mark.parametrize("name", ["f", ARN, "f:$LATEST", f"{ARN}:$LATEST"])
def test_a_function_answers_by_name_and_arn(name: str) -> None:
    answer = client().post(PATH.format(name), content=b'{"a": 1.10}')
    assert answer.status_code == 200
    assert answer.json() == {"event": {"a": 1.1}, "client": None}
    assert answer.headers["x-amz-executed-version"] == "$LATEST"
    assert "x-amz-function-error" not in answer.headers
    assert answer.headers["x-amzn-requestid"]


def test_no_payload_is_an_empty_event() -> None:
    assert client().post(PATH.format("f")).json()["event"] == {}


def test_the_client_context_reaches_the_handler() -> None:
    context = base64.b64encode(json.dumps({"client": {"installation_id": "i-1"}}).encode()).decode()
    answer = client().post(PATH.format("f"), headers={"X-Amz-Client-Context": context})
    assert answer.json()["client"] == "i-1"


@pytest.mark.parametrize(
    ("name", "headers", "body", "kind", "status"),
    [
        ("g", {}, b"{}", "ResourceNotFoundException", 404),
        ("f:3", {}, b"{}", "ResourceNotFoundException", 404),
        ("f?Qualifier=prod", {}, b"{}", "ResourceNotFoundException", 404),
        ("f", {}, b"{", "InvalidRequestContentException", 400),
        ("f", {}, b"\xff", "InvalidRequestContentException", 400),
        ("f", {"X-Amz-Client-Context": "%"}, b"{}", "InvalidRequestContentException", 400),
        ("f", {"X-Amz-Client-Context": "MQ=="}, b"{}", "InvalidRequestContentException", 400),
        ("f", {"X-Amz-Invocation-Type": "Event"}, b"{}", "InvalidParameterValueException", 400),
        ("f", {"X-Amz-Log-Type": "Tail"}, b"{}", "InvalidParameterValueException", 400),
        ("f", {}, b'"' + b"x" * LARGEST_PAYLOAD + b'"', "RequestTooLargeException", 413),
    ],
)
def test_refusals(name: str, headers: dict[str, str], body: bytes, kind: str, status: int) -> None:
    path, _, query = name.partition("?")
    answer = client().post(f"{PATH.format(path)}?{query}", headers=headers, content=body)
    assert answer.status_code == status
    assert answer.headers["x-amzn-errortype"] == kind
    assert answer.json()["Message"]


def test_an_error_of_the_function_is_a_200_with_a_header() -> None:
    def handler(_event: object, _context: object) -> None:
        raise KeyError("gone")

    answer = client(handler).post(PATH.format("f"))
    assert answer.status_code == 200
    assert answer.headers["x-amz-function-error"] == "Unhandled"
    assert answer.json()["errorType"] == "KeyError"


def test_a_function_that_takes_too_long_is_not_waited_for() -> None:
    release = threading.Event()

    def handler(_event: object, _context: object) -> None:
        release.wait(10)

    answer = client(handler, timeout=0.05).post(PATH.format("f"))
    release.set()
    assert answer.headers["x-amz-function-error"] == "Unhandled"
    assert answer.json()["errorMessage"].endswith("Task timed out after 0.05 seconds")


def test_health() -> None:
    assert client().get("/health").json() == {"status": "ok"}
