import threading
from collections.abc import Iterator

import pytest

from gateway.gateway_response import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    REQUEST_TOO_LARGE,
    GatewayResponse,
    RefusedError,
)
from gateway.lambda_client import Lambda
from tests.gateway_stand import FunctionServer, Reply

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:things"
QUICK, PATIENT = 0.05, 20.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionServer]:
    with FunctionServer().running() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield server


@pytest.fixture
def functions(server: FunctionServer) -> Iterator[Lambda]:  # noqa: ARG001 - its address is needed
    functions = Lambda("eu-central-1", [QUICK, PATIENT], connections=2)
    yield functions
    functions.close()


def test_a_function_is_called_with_its_event(server: FunctionServer, functions: Lambda) -> None:
    server.handler = lambda event: Reply.proxy(body=event["a"])
    assert functions.invoke(ARN, b'{"a": "b"}', PATIENT) == b'{"body": "b"}'
    (call,) = server.calls
    assert call.path == f"/2015-03-31/functions/{ARN}/invocations"


@pytest.mark.parametrize(
    ("reply", "response"),
    [
        (Reply(b"{}", headers={"X-Amz-Function-Error": "Unhandled"}), INTERNAL_SERVER_ERROR),
        (Reply.error("RequestTooLargeException", 413), REQUEST_TOO_LARGE),
        (Reply.error("TooManyRequestsException", 429), INTEGRATION_FAILURE),
        (Reply.error("ServiceException", 500), INTEGRATION_FAILURE),
    ],
)
def test_what_goes_wrong_has_its_response_and_is_tried_once(
    server: FunctionServer, functions: Lambda, reply: Reply, response: GatewayResponse
) -> None:
    server.handler = lambda _: reply
    with pytest.raises(RefusedError) as caught:
        functions.invoke(ARN, b"{}", PATIENT)
    assert caught.value.response == response
    assert len(server.calls) == 1


def test_each_timeout_is_kept(server: FunctionServer, functions: Lambda) -> None:
    done = threading.Event()

    def slow(_: object) -> Reply:
        done.wait(PATIENT)
        return Reply.proxy()

    server.handler = slow
    with pytest.raises(RefusedError) as caught:
        functions.invoke(ARN, b"{}", QUICK)
    done.set()
    assert caught.value.response == INTEGRATION_TIMEOUT


def test_without_credentials_nothing_is_called(
    server: FunctionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    functions = Lambda("eu-central-1", [PATIENT], connections=1)
    with pytest.raises(RefusedError, match="Unable to locate credentials") as caught:
        functions.invoke(ARN, b"{}", PATIENT)
    functions.close()
    assert caught.value.response == INTEGRATION_FAILURE
    assert not server.calls
