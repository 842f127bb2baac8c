"""Every error that AWS documents for an emulated operation, provoked and read by a stock client.

Which errors an operation has, their statuses and members are those of botocore's service models
(sagemaker-runtime, sagemaker, application-autoscaling); where SDKs look for an error's code is what
botocore's parsers.py and eventstream.py read.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
import requests
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError
from botocore.model import ServiceModel, StructureShape
from starlette.applications import Starlette
from starlette.routing import Route

from hosting.control.json_protocol import JsonProtocol, Operation, Request, Service
from hosting.live import Asynchronous, LiveEndpoint
from hosting.runtime import event_stream, model_shelf, streaming
from hosting.store import Document, Store
from tests.endpoint_stand import Stand, plain
from tests.hosting_stand import DEADLINE_S, Answer, ReadableLog, served
from tests.runtime_stand import REGION, MemoryRunning

CALLS: dict[str, str] = {
    "InvokeEndpoint": "invoke_endpoint",
    "InvokeEndpointAsync": "invoke_endpoint_async",
    "InvokeEndpointWithResponseStream": "invoke_endpoint_with_response_stream",
}
BEYOND_THE_MODEL = {"ErrorCode"}
"""A member that AWS sends beside the model's (a recorded answer: opensearch-project/skills)."""


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session that keeps the service models it has read."""
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    """What botocore knows of the runtime API."""
    return botocore.session.get_session().get_service_model("sagemaker-runtime")


@pytest.fixture
def stand(session: boto3.Session, tmp_path: Path) -> Stand:
    return Stand(session, tmp_path)


Make = Callable[[Stand], LiveEndpoint]


def asynchronous(stand: Stand) -> LiveEndpoint:
    return LiveEndpoint(
        "risk",
        (stand.variant("AllTraffic", "first"),),
        asynchronous=Asynchronous("s3://bucket/out", None, 1),
    )


def several_models(running: MemoryRunning) -> Make:
    def make(stand: Stand) -> LiveEndpoint:
        variant = stand.variant(
            "AllTraffic",
            "first",
            multi_model=True,
            model_data_url="s3://models/",
            running={"first-host": running},
        )
        return LiveEndpoint("risk", (variant,))

    return make


# How each error comes about: what is done to hosting before it is asked, which gives the endpoint

Provoke = Callable[[Stand, pytest.MonkeyPatch, Make], Make]


def no_endpoint(_stand: Stand, _patch: pytest.MonkeyPatch, make: Make) -> Make:
    return lambda stand: LiveEndpoint("another", make(stand).variants)


def endpoint_in_creation(stand: Stand, _patch: pytest.MonkeyPatch, make: Make) -> Make:
    stand.live.creating["risk"] = "it is starting"
    return lambda stand: LiveEndpoint("another", make(stand).variants)


def container_that_fails(stand: Stand, _patch: pytest.MonkeyPatch, make: Make) -> Make:
    stand.first.invoke = lambda _: Answer(500, b"no")
    return make


def fault_of_hosting(stand: Stand, patch: pytest.MonkeyPatch, make: Make) -> Make:
    def fail(*_arguments: object) -> Any:  # noqa: ANN401 - it gives nothing
        raise OSError(28, "No space left on device")

    stand.draw = fail
    # InvokeEndpointAsync draws nothing before it answers, but keeps the request
    patch.setattr(Store, "put", fail)
    return make


def full_disk(_stand: Stand, _patch: pytest.MonkeyPatch, _make: Make) -> Make:
    class Full(MemoryRunning):
        async def put_model(self, name: str, model_data_url: str) -> str:
            raise OSError(28, "No space left on device", f"{name} of {model_data_url}")

    return several_models(Full())


def slow_loading(_stand: Stand, patch: pytest.MonkeyPatch, _make: Make) -> Make:
    class Slow(MemoryRunning):
        async def put_model(self, name: str, model_data_url: str) -> str:
            await asyncio.Event().wait()
            return await super().put_model(name, model_data_url)

    patch.setattr(model_shelf, "WAIT_S", 0.05)
    return several_models(Slow())


PROVOKE: dict[str, Provoke] = {
    "ValidationError": no_endpoint,
    "ServiceUnavailable": endpoint_in_creation,
    "ModelError": container_that_fails,
    "InternalFailure": fault_of_hosting,
    "InternalDependencyException": full_disk,
    "ModelNotReadyException": slow_loading,
}
MESSAGES = {
    "ValidationError": "Endpoint risk of account 123456789012 not found.",
    "ServiceUnavailable": (
        "Endpoint risk of account 123456789012 is not in service: it is starting."
        " Try your call again."
    ),
    "ModelError": 'Received server error (500) from first-host with message "no". See https://',
    "InternalFailure": "Hosting's log tells why, under ",
    "InternalDependencyException": (
        "Model a.tar.gz cannot be laid into the container: No space left on device."
    ),
    "ModelNotReadyException": (
        "Endpoint risk is still downloading or loading the target model a.tar.gz."
    ),
}
STREAM_EVENTS = ("ModelStreamError", "InternalStreamFailure")
"""Errors of InvokeEndpointWithResponseStream that come within its answer."""
RUNTIME_ERRORS = [
    ("InvokeEndpoint", "ValidationError"),
    ("InvokeEndpoint", "ServiceUnavailable"),
    ("InvokeEndpoint", "ModelError"),
    ("InvokeEndpoint", "InternalFailure"),
    ("InvokeEndpoint", "InternalDependencyException"),
    ("InvokeEndpoint", "ModelNotReadyException"),
    ("InvokeEndpointAsync", "ValidationError"),
    ("InvokeEndpointAsync", "ServiceUnavailable"),
    ("InvokeEndpointAsync", "InternalFailure"),
    ("InvokeEndpointWithResponseStream", "ValidationError"),
    ("InvokeEndpointWithResponseStream", "ServiceUnavailable"),
    ("InvokeEndpointWithResponseStream", "ModelError"),
    ("InvokeEndpointWithResponseStream", "InternalFailure"),
]


def test_no_error_of_the_runtime_api_is_left_out(model: ServiceModel) -> None:
    modelled = {
        (operation, error.name)
        for operation in model.operation_names
        if operation in CALLS
        for error in model.operation_model(operation).error_shapes
        if error.name not in STREAM_EVENTS
    }
    assert set(RUNTIME_ERRORS) == modelled


@pytest.mark.parametrize(("operation", "error"), RUNTIME_ERRORS)
def test_an_error_has_its_status_code_and_members(
    stand: Stand,
    model: ServiceModel,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    error: str,
) -> None:
    make = asynchronous if operation == "InvokeEndpointAsync" else plain
    target = PROVOKE[error] in (full_disk, slow_loading)
    members = {"TargetModel": "a.tar.gz"} if target else {}
    raw: list[dict[str, Any]] = []

    def keep(response_dict: dict[str, Any], **_: object) -> None:
        raw.append(response_dict)

    with stand.serving(PROVOKE[error](stand, monkeypatch, make)) as client:
        client.meta.events.register("before-parse", keep)
        with pytest.raises(getattr(client.exceptions, error)) as raised:
            getattr(client, CALLS[operation])(EndpointName="risk", Body=b"1", **members)
    response: Any = raised.value.response
    shape = model.shape_for(error)
    assert isinstance(shape, StructureShape)
    status = shape.metadata["error"]["httpStatusCode"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["Error"]["Code"] == error
    assert response["Error"]["Message"].startswith(MESSAGES[error])
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == error
    assert headers["x-amzn-requestid"] == response["ResponseMetadata"]["RequestId"]
    assert headers["content-type"] == "application/json"
    sent = json.loads(raw[0]["body"])
    assert set(shape.members) <= set(sent) <= set(shape.members) | BEYOND_THE_MODEL


# Errors within an answer that has begun


def last_message(stand: Stand) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for a stream; give the headers and the members of the message that ends it."""
    path = "endpoints/risk/invocations-response-stream"
    with requests.post(
        f"{stand.url}/{path}", b"1", headers={"Content-Type": "text/csv"}, timeout=DEADLINE_S
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/vnd.amazon.eventstream"
        buffer = EventStreamBuffer()
        buffer.add_data(answer.content)
    messages: list[Any] = list(buffer)
    return messages[-1].headers, json.loads(messages[-1].payload)


def breaks_off(stand: Stand, _patch: pytest.MonkeyPatch, _over: threading.Event) -> None:
    stand.first.invoke = lambda _: Answer(200, pieces=[b"0.", None])


def lasts_too_long(stand: Stand, patch: pytest.MonkeyPatch, over: threading.Event) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"0."
        over.wait(DEADLINE_S)

    patch.setattr(streaming, "LIMIT_S", 0.2)
    stand.first.invoke = lambda _: Answer(200, pieces=pieces())


def fault_in_a_stream(stand: Stand, patch: pytest.MonkeyPatch, _over: threading.Event) -> None:
    def fail(_data: bytes) -> bytes:
        raise ZeroDivisionError

    patch.setattr(event_stream, "payload_part", fail)
    stand.first.invoke = lambda _: Answer(200, pieces=[b"0.5"])


@pytest.mark.parametrize(
    ("provoke", "error", "members"),
    [
        (
            breaks_off,
            "ModelStreamError",
            {"ErrorCode": "StreamBroken", "Message": "The model closed the connection."},
        ),
        (
            lasts_too_long,
            "ModelStreamError",
            {
                "ErrorCode": "ModelInvocationTimeExceeded",
                "Message": "The model did not finish its response within 0.2 seconds.",
            },
        ),
        (
            fault_in_a_stream,
            "InternalStreamFailure",
            {"Message": "The stream processing failed. Try your request again."},
        ),
    ],
)
def test_an_error_within_a_stream_has_its_type_and_members(
    stand: Stand,
    model: ServiceModel,
    monkeypatch: pytest.MonkeyPatch,
    provoke: Callable[[Stand, pytest.MonkeyPatch, threading.Event], None],
    error: str,
    members: dict[str, str],
) -> None:
    """The codes of ModelStreamError are in the text of its shape (botocore)."""
    over = threading.Event()
    provoke(stand, monkeypatch, over)
    try:
        with stand.serving(plain):
            headers, sent = last_message(stand)
    finally:
        over.set()
    assert headers[":message-type"] == "exception"
    assert headers[":exception-type"] == error
    assert sent == members
    shape = model.shape_for(error)
    assert isinstance(shape, StructureShape)
    assert set(sent) == set(shape.members)
    code = shape.members.get("ErrorCode")
    assert (code is None) is ("ErrorCode" not in members)
    if code is not None:
        documented = model.shape_for("ModelStreamError").documentation + code.documentation
        assert members["ErrorCode"] in documented


# The control APIs


@pytest.mark.parametrize(
    ("service", "operation", "call", "members", "code"),
    [
        ("sagemaker", "ListModels", "list_models", {}, "InternalFailure"),
        (
            "application-autoscaling",
            "DescribeScalableTargets",
            "describe_scalable_targets",
            {"ServiceNamespace": "sagemaker"},
            "InternalServiceException",
        ),
    ],
)
def test_a_fault_of_hosting_has_each_service_s_own_code(
    session: boto3.Session,
    service: Any,  # noqa: ANN401 - a literal for boto3's overloads
    operation: str,
    call: str,
    members: dict[str, str],
    code: str,
) -> None:
    """InternalFailure is AWS's common error (SageMaker API reference, CommonErrors)."""

    async def fail(_request: Request) -> Document:
        raise ZeroDivisionError

    model = botocore.session.get_session().get_service_model(service)
    protocol = JsonProtocol([Service(model, {operation: Operation(fail)})], ReadableLog().logger)
    with served(Starlette(routes=[Route("/", protocol.answer, methods=["POST"])])) as url:
        config = Config(retries={"total_max_attempts": 1})
        client = session.client(service, endpoint_url=url, config=config)
        with pytest.raises(ClientError) as raised:
            getattr(client, call)(**members)
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"].startswith("Hosting's log tells why, under ")
