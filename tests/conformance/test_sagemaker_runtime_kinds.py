"""Endpoints of every kind against an unmodified boto3 client: what each adds to the runtime API.

Streams, asynchronous inference, several models, several containers, shadow variants, data capture
and metrics. The containers are real HTTP servers, S3 is moto's server. Members, headers, limits
and errors are those of botocore's service model (sagemaker-runtime), the multi-model API that of
the developer guide (mms-container-apis), the metrics' names those of its monitoring-cloudwatch.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.exceptions import EventStreamError

from hosting.live import (
    Asynchronous,
    Capture,
    Execution,
    LiveEndpoint,
)
from hosting.runtime import streaming
from tests.endpoint_stand import Stand, plain
from tests.hosting_stand import DEADLINE_S, Answer, Received, wait_until
from tests.runtime_stand import REGION, MemoryRunning

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

BUCKET = "inference"


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session that keeps the service models it has read."""
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture
def stand(session: boto3.Session, tmp_path: Path) -> Stand:
    return Stand(session, tmp_path)


@pytest.fixture
def s3(session: boto3.Session, empty_aws: str) -> "S3Client":
    """S3 with a bucket."""
    client = session.client("s3", endpoint_url=empty_aws)
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


# InvokeEndpointWithResponseStream


def test_an_answer_comes_in_the_container_s_pieces(stand: Stand) -> None:
    went_on = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"0.5"
        # the second piece is sent when the client has the first
        assert went_on.wait(DEADLINE_S)
        yield b"\x00\xff" * 50_000

    stand.first.invoke = lambda _: Answer(
        200,
        headers={"Content-Type": "text/csv", "X-Amzn-SageMaker-Custom-Attributes": "a=b"},
        pieces=pieces(),
    )
    with stand.serving(plain) as client:
        response = client.invoke_endpoint_with_response_stream(
            EndpointName="risk", Body=b"1,2", ContentType="text/csv", Accept="text/plain"
        )
        assert response["ContentType"] == "text/csv"
        assert response["CustomAttributes"] == "a=b"
        assert response["InvokedProductionVariant"] == "AllTraffic"
        events = iter(response["Body"])
        assert next(events) == {"PayloadPart": {"Bytes": b"0.5"}}
        went_on.set()
        assert b"".join(event["PayloadPart"]["Bytes"] for event in events) == b"\x00\xff" * 50_000
    [request] = stand.first.invocations
    assert (request.headers["Content-Type"], request.headers["Accept"]) == (
        "text/csv",
        "text/plain",
    )


def test_an_error_before_the_stream_is_a_model_error(stand: Stand) -> None:
    stand.first.invoke = lambda _: Answer(400, b"row 1: no number")
    with stand.serving(plain) as client, pytest.raises(client.exceptions.ModelError) as raised:
        client.invoke_endpoint_with_response_stream(EndpointName="risk", Body=b"1")
    response: Any = raised.value.response
    assert response["OriginalMessage"] == "row 1: no number"


def test_a_stream_that_breaks_off_says_so(stand: Stand) -> None:
    stand.first.invoke = lambda _: Answer(200, pieces=[b"0.", None])
    with stand.serving(plain) as client:
        response = client.invoke_endpoint_with_response_stream(EndpointName="risk", Body=b"1")
        events = iter(response["Body"])
        assert next(events) == {"PayloadPart": {"Bytes": b"0."}}
        with pytest.raises(EventStreamError) as raised:
            next(events)
        response["Body"].close()
    assert raised.value.response["Error"] == {
        "Code": "ModelStreamError",
        "Message": "The model closed the connection.",
    }


def test_a_stream_that_lasts_too_long_says_so(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"0."
        released.wait(DEADLINE_S)

    monkeypatch.setattr(streaming, "LIMIT_S", 0.5)
    stand.first.invoke = lambda _: Answer(200, pieces=pieces())
    try:
        with stand.serving(plain) as client:
            response = client.invoke_endpoint_with_response_stream(EndpointName="risk", Body=b"1")
            with pytest.raises(EventStreamError, match=r"within 0\.5 seconds") as raised:
                list(response["Body"])
            response["Body"].close()
    finally:
        released.set()
    assert raised.value.response["Error"]["Code"] == "ModelStreamError"


# InvokeEndpointAsync


def asynchronous(stand: Stand) -> LiveEndpoint:
    return LiveEndpoint(
        "risk",
        (stand.variant("AllTraffic", "first"),),
        asynchronous=Asynchronous(f"s3://{BUCKET}/out", f"s3://{BUCKET}/failures", 1),
    )


def content(s3: "S3Client", location: str) -> tuple[bytes, str]:
    """Wait for an object; give its body and type."""
    key = location.removeprefix(f"s3://{BUCKET}/")
    wait_until(
        lambda: (
            key in {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}
        )
    )
    answer = s3.get_object(Bucket=BUCKET, Key=key)
    return answer["Body"].read(), answer["ContentType"]


def test_an_asynchronous_answer_is_an_object(stand: Stand, s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="in/1.csv", Body=b"1,2")
    stand.first.invoke = lambda _: Answer(200, b"0.5", {"Content-Type": "text/csv"})
    with stand.serving(asynchronous) as client:
        response: Any = client.invoke_endpoint_async(
            EndpointName="risk",
            InputLocation=f"s3://{BUCKET}/in/1.csv",
            ContentType="text/csv",
            Accept="text/plain",
            CustomAttributes="a=b",
            InferenceId="4711",
        )
        meta = response.pop("ResponseMetadata")
        assert meta["HTTPStatusCode"] == 202
        assert response == {
            "InferenceId": "4711",
            "OutputLocation": f"s3://{BUCKET}/out/4711.out",
            "FailureLocation": f"s3://{BUCKET}/failures/4711-error.out",
        }
        assert content(s3, response["OutputLocation"]) == (b"0.5", "text/csv")
    [request] = stand.first.invocations
    assert request.body == b"1,2"
    assert request.headers == {
        "Host": f"127.0.0.1:{stand.first.port}",
        "Content-Type": "text/csv",
        "Accept": "text/plain",
        "X-Amzn-SageMaker-Custom-Attributes": "a=b",
        "X-Amzn-SageMaker-Inference-Id": "4711",
        "Content-Length": "3",
    }


def test_an_inline_body_and_a_chosen_place(stand: Stand, s3: "S3Client") -> None:
    with stand.serving(asynchronous) as client:
        response = client.invoke_endpoint_async(
            EndpointName="risk", Body=b"1,2", S3OutputPathExtension="a/b", Filename="score.csv"
        )
        assert response["OutputLocation"] == f"s3://{BUCKET}/out/a/b/score.csv"
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", response["InferenceId"])
        assert content(s3, response["OutputLocation"])[0] == b"0.5"


def test_a_failure_is_an_object_too(stand: Stand, s3: "S3Client") -> None:
    stand.first.invoke = lambda _: Answer(500, b"no")
    with stand.serving(asynchronous) as client:
        response = client.invoke_endpoint_async(EndpointName="risk", Body=b"1,2")
        text, _ = content(s3, response["FailureLocation"])
    assert text.startswith(b'Received server error (500) from first-host with message "no".')


def test_an_input_that_is_not_there_is_a_failure(stand: Stand, s3: "S3Client") -> None:
    with stand.serving(asynchronous) as client:
        response = client.invoke_endpoint_async(
            EndpointName="risk", InputLocation=f"s3://{BUCKET}/none.csv"
        )
        text, _ = content(s3, response["FailureLocation"])
    assert text.startswith(f"s3://{BUCKET}/none.csv cannot be read: ".encode())


def test_an_answer_without_a_length_is_a_failure(stand: Stand, s3: "S3Client") -> None:
    # deepjavalibrary/djl-serving #2567
    stand.first.invoke = lambda _: Answer(200, pieces=[b"0.5"])
    with stand.serving(asynchronous) as client:
        response = client.invoke_endpoint_async(EndpointName="risk", Body=b"1,2")
        text, _ = content(s3, response["FailureLocation"])
    assert text == (
        b"The response from container first-host did not specify the required Content-Length header"
    )


def test_an_accepted_request_outlives_a_restart(stand: Stand, s3: "S3Client") -> None:
    asked, released = threading.Event(), threading.Event()

    def wait(_request: Received) -> Answer:
        asked.set()
        released.wait(DEADLINE_S)
        return Answer(200, b"0.5")

    stand.first.invoke = wait
    try:
        with stand.serving(asynchronous) as client:
            responses = [
                client.invoke_endpoint_async(EndpointName="risk", Body=body)
                for body in (b"1", b"2")
            ]
            assert asked.wait(DEADLINE_S)
    finally:
        released.set()
    again = Stand(boto3.Session("test", "test", region_name=REGION), stand.store.parent)
    with again.serving(asynchronous):
        for response in responses:
            assert content(s3, response["OutputLocation"])[0] == b"0.5"
    # the first was under way, and is asked again
    assert {request.body for request in again.first.invocations} == {b"1", b"2"}


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({}, "exactly one of InputLocation and Body: the request has neither"),
        (
            {"Body": b"1", "InputLocation": "s3://a/b"},
            "exactly one of InputLocation and Body: the request has both",
        ),
        ({"InputLocation": "s3://a"}, "names no object"),
        ({"Body": b"1" * 128_001}, "has oversize body"),
        ({"Body": b"1", "RequestTTLSeconds": 59}, "'requestTTLSeconds' failed .* equal to 60"),
        (
            {"Body": b"1", "InvocationTimeoutSeconds": 3601},
            "'invocationTimeoutSeconds' failed .* equal to 3600",
        ),
        ({"Body": b"1", "Filename": "a.b.c"}, "'filename' failed to satisfy constraint"),
        (
            {"Body": b"1", "S3OutputPathExtension": "s3://a"},
            "'s3OutputPathExtension' failed to satisfy constraint",
        ),
    ],
)
def test_what_asynchronous_inference_does_not_take(
    stand: Stand, members: dict[str, Any], problem: str
) -> None:
    with (
        stand.serving(asynchronous) as client,
        pytest.raises(client.exceptions.ValidationError, match=problem),
    ):
        client.invoke_endpoint_async(EndpointName="risk", **members)


def test_an_asynchronous_endpoint_takes_nothing_else(stand: Stand) -> None:
    with stand.serving(asynchronous) as client:
        with pytest.raises(client.exceptions.ValidationError, match="support InvokeEndpoint: use"):
            client.invoke_endpoint(EndpointName="risk", Body=b"1")
        with pytest.raises(client.exceptions.ValidationError, match="WithResponseStream: use"):
            client.invoke_endpoint_with_response_stream(EndpointName="risk", Body=b"1")


# Multi-model endpoints


class MultiModelContainer:
    """A container that keeps so many models, and answers with the name of the one asked."""

    def __init__(self, room: int) -> None:
        self.loaded: list[str] = []
        self._room = room

    def answer(self, request: Received) -> Answer:
        name = request.path.removeprefix("/models/").removesuffix("/invoke")
        if request.path == "/models":
            return self._load(json.loads(request.body))
        if name not in self.loaded:
            return Answer(404, json.dumps({"message": f"Model not found: {name}"}).encode())
        if request.method == "DELETE":
            self.loaded.remove(name)
            return Answer(200)
        return Answer(200, request.headers["X-Amzn-SageMaker-Target-Model"].encode())

    def _load(self, order: dict[str, str]) -> Answer:
        if order["url"] != f"/opt/ml/models/{order['model_name']}/model":
            return Answer(400, b"no such folder")
        if order["model_name"] in self.loaded:
            return Answer(409)
        if len(self.loaded) == self._room:
            return Answer(507)
        self.loaded.append(order["model_name"])
        return Answer(200)


@pytest.fixture
def models(stand: Stand) -> MultiModelContainer:
    models = MultiModelContainer(room=2)
    stand.first.invoke = models.answer
    return models


@pytest.fixture
def running() -> MemoryRunning:
    return MemoryRunning(missing=("s3://models/prefix/none.tar.gz",))


@pytest.fixture
def several(
    stand: Stand,
    running: MemoryRunning,
    models: MultiModelContainer,  # noqa: ARG001 - it is behind the endpoint
) -> Iterator["SageMakerRuntimeClient"]:
    """A client of a multi-model endpoint."""

    def make(stand: Stand) -> LiveEndpoint:
        variant = stand.variant(
            "AllTraffic",
            "first",
            multi_model=True,
            model_data_url="s3://models/prefix/",
            running={"first-host": running},
        )
        return LiveEndpoint("risk", (variant,))

    with stand.serving(make) as client:
        yield client


def target(client: "SageMakerRuntimeClient", model: str) -> bytes:
    answer = client.invoke_endpoint(EndpointName="risk", Body=b"1", TargetModel=model)
    return answer["Body"].read()


VARIANT = '{EndpointName="risk",VariantName="AllTraffic"}'


def test_a_model_is_loaded_when_it_is_first_asked(
    stand: Stand,
    several: "SageMakerRuntimeClient",
    running: MemoryRunning,
    models: MultiModelContainer,
) -> None:
    for _ in range(3):
        assert target(several, "a/b.tar.gz") == b"a/b.tar.gz"
    assert list(running.laid_in.values()) == ["s3://models/prefix/a/b.tar.gz"]
    assert models.loaded == list(running.laid_in)
    assert stand.metric(f"ModelCacheHit_total{VARIANT}") == 2
    assert stand.metric(f"LoadedModelCount{VARIANT}") == 1
    for name in ("ModelLoadingWaitTime", "ModelDownloadingTime", "ModelLoadingTime"):
        assert stand.metric(f"{name}_count{VARIANT}") == 1


def test_the_model_used_least_recently_makes_room(
    stand: Stand,
    several: "SageMakerRuntimeClient",
    running: MemoryRunning,
    models: MultiModelContainer,
) -> None:
    for model in ("a.tar.gz", "b.tar.gz", "a.tar.gz", "c.tar.gz"):
        assert target(several, model) == model.encode()
    assert sorted(running.laid_in.values()) == [
        "s3://models/prefix/a.tar.gz",
        "s3://models/prefix/c.tar.gz",
    ]
    assert set(models.loaded) == set(running.laid_in)
    assert stand.metric(f"LoadedModelCount{VARIANT}") == 2
    assert stand.metric(f"ModelUnloadingTime_count{VARIANT}") == 1


def test_a_container_that_lost_its_models_loads_them_again(
    several: "SageMakerRuntimeClient", models: MultiModelContainer
) -> None:
    target(several, "a.tar.gz")
    models.loaded.clear()
    assert target(several, "a.tar.gz") == b"a.tar.gz"


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"TargetModel": "none.tar.gz"}, "none.tar.gz cannot be had: .* does not exist"),
        ({"TargetModel": "../a.tar.gz"}, "is no path below the endpoint's models"),
        # aws/sagemaker-tensorflow-serving-container #166
        ({}, "Request [0-9a-f-]{36} is missing a target model header."),
    ],
)
def test_a_target_that_cannot_be(
    several: "SageMakerRuntimeClient", members: dict[str, Any], problem: str
) -> None:
    with pytest.raises(several.exceptions.ValidationError, match=problem):
        several.invoke_endpoint(EndpointName="risk", Body=b"1", **members)


# Several containers


def test_a_pipeline_hands_each_answer_on(stand: Stand) -> None:
    stand.first.invoke = lambda _: Answer(200, b"3,4", {"Content-Type": "text/csv"})
    stand.second.invoke = lambda _: Answer(
        200, b"0.7", {"X-Amzn-SageMaker-Custom-Attributes": "last"}
    )

    def make(stand: Stand) -> LiveEndpoint:
        return LiveEndpoint("risk", (stand.variant("AllTraffic", "first", "second"),))

    with stand.serving(make) as client:
        response = client.invoke_endpoint(
            EndpointName="risk",
            Body=b"1,2",
            ContentType="application/json",
            Accept="text/plain",
            CustomAttributes="a=b",
        )
        assert response["Body"].read() == b"0.7"
        assert response["CustomAttributes"] == "last"
    [before], [after] = stand.first.invocations, stand.second.invocations
    assert (before.body, after.body) == (b"1,2", b"3,4")
    assert before.headers["Content-Type"] == "application/json"
    assert after.headers["Content-Type"] == "text/csv"
    # the client's Accept is for the last (aws/amazon-sagemaker-examples #729)
    assert "Accept" not in before.headers
    assert after.headers["Accept"] == "text/plain"
    for request in (before, after):
        assert request.headers["X-Amzn-SageMaker-Custom-Attributes"] == "a=b"


def test_a_pipeline_s_error_names_the_container(stand: Stand) -> None:
    stand.first.invoke = lambda _: Answer(415, b"no")

    def make(stand: Stand) -> LiveEndpoint:
        return LiveEndpoint("risk", (stand.variant("AllTraffic", "first", "second"),))

    with stand.serving(make) as client, pytest.raises(client.exceptions.ModelError) as raised:
        client.invoke_endpoint(EndpointName="risk", Body=b"1")
    assert raised.value.response["Error"]["Message"].startswith(
        'Received client error (415) from first-host with message "no".'
    )
    assert not stand.second.invocations


def test_direct_invocation_asks_the_container_that_is_named(stand: Stand) -> None:
    stand.second.invoke = lambda _: Answer(200, b"second")

    def make(stand: Stand) -> LiveEndpoint:
        variant = stand.variant("AllTraffic", "first", "second", execution=Execution.DIRECT)
        return LiveEndpoint("risk", (variant,))

    with stand.serving(make) as client:

        def invoke(**members: str) -> bytes:
            answer = client.invoke_endpoint(EndpointName="risk", Body=b"1", **members)
            return answer["Body"].read()

        assert invoke(TargetContainerHostname="second-host") == b"second"
        with pytest.raises(client.exceptions.ValidationError, match="third of endpoint risk not"):
            invoke(TargetContainerHostname="third")
        with pytest.raises(client.exceptions.ValidationError, match="must name one of first-host"):
            invoke()
    assert not stand.first.invocations


# Shadow variants


def test_a_shadow_s_answer_is_compared_and_not_given(stand: Stand) -> None:
    answers = iter([Answer(200, b"0.5"), Answer(200, b"0.6"), Answer(500, b"no")])
    stand.second.invoke = lambda _: next(answers)

    def make(stand: Stand) -> LiveEndpoint:
        return LiveEndpoint(
            "risk",
            (stand.variant("production", "first"),),
            shadow=stand.variant("shadow", "second"),
        )

    labels = 'EndpointName="risk",VariantName="shadow"'
    with stand.serving(make) as client:
        for count in range(1, 4):
            response = client.invoke_endpoint(EndpointName="risk", Body=b"1,2", Accept="text/csv")
            assert response["Body"].read() == b"0.5"
            assert response["InvokedProductionVariant"] == "production"
            wait_until(
                lambda count=count: (  # type: ignore[misc] # each look at its own count
                    stand.metric(f"ModelLatency_count{{{labels}}}") == count
                )
            )
        for result in ("equal", "different", "failed"):
            found = f'EndpointName="risk",Result="{result}",VariantName="shadow"'
            name = f"ShadowComparisons_total{{{found}}}"
            wait_until(lambda name=name: stand.metric(name) == 1)  # type: ignore[misc] # the same
    assert [(each.body, each.headers["Accept"]) for each in stand.second.invocations] == [
        (b"1,2", "text/csv")
    ] * 3


def test_a_shadow_gets_no_copy_of_what_asks_a_model_by_its_name(
    stand: Stand,
    running: MemoryRunning,
    models: MultiModelContainer,  # noqa: ARG001 - it is behind the endpoint
) -> None:
    def make(stand: Stand) -> LiveEndpoint:
        production = stand.variant(
            "production",
            "first",
            multi_model=True,
            model_data_url="s3://models/prefix/",
            running={"first-host": running},
        )
        return LiveEndpoint("risk", (production,), shadow=stand.variant("shadow", "second"))

    with stand.serving(make) as client:
        assert target(client, "a.tar.gz") == b"a.tar.gz"
        metrics = requests.get(f"{stand.url}/metrics", timeout=DEADLINE_S).text
        assert 'VariantName="shadow"' not in metrics
    assert not stand.second.invocations


# Data capture


def test_what_is_captured_has_aws_s_form(stand: Stand, s3: "S3Client") -> None:
    stand.first.invoke = lambda _: Answer(200, b'{"a":1}', {"Content-Type": "application/json"})

    def make(stand: Stand) -> LiveEndpoint:
        capture = Capture(
            f"s3://{BUCKET}/capture",
            100,
            input=True,
            output=True,
            csv_types=("text/csv",),
            json_types=("application/json",),
        )
        return LiveEndpoint("risk", (stand.variant("AllTraffic", "first"),), capture=capture)

    with stand.serving(make) as client:
        client.invoke_endpoint(
            EndpointName="risk", Body=b"1,2", ContentType="text/csv; charset=utf-8", InferenceId="7"
        )
        client.invoke_endpoint(EndpointName="risk", Body=b"\x00", ContentType="image/png")
    # it is written when hosting stops
    [found] = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert re.fullmatch(
        r"capture/risk/AllTraffic/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl",
        found["Key"],
    )
    body = s3.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read().decode()
    first, second = map(json.loads, body.splitlines())
    assert re.fullmatch(r"[0-9a-f-]{36}", first["eventMetadata"].pop("eventId"))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["eventMetadata"].pop("inferenceTime")
    )
    # AWS developer guide, model-monitor-data-capture-endpoint
    assert first == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "INPUT",
                "data": "1,2",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": '{"a":1}',
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceId": "7"},
        "eventVersion": "0",
    }
    assert second["captureData"]["endpointInput"] == {
        "observedContentType": "image/png",
        "mode": "INPUT",
        "data": base64.b64encode(b"\x00").decode(),
        "encoding": "BASE64",
    }


# Metrics


def test_metrics_have_the_names_and_counts_of_cloudwatch(stand: Stand) -> None:
    statuses = iter([200, 200, 400, 500])
    stand.first.invoke = lambda _: Answer(next(statuses), b"0.5")
    with stand.serving(plain) as client:
        for _ in range(2):
            client.invoke_endpoint(EndpointName="risk", Body=b"1")
        for _ in range(2):
            with pytest.raises(client.exceptions.ModelError):
                client.invoke_endpoint(EndpointName="risk", Body=b"1")
        counts = {
            name: stand.metric(f"{name}{VARIANT}")
            for name in (
                "Invocations_total",
                "InvocationsPerInstance_total",
                "Invocation4XXErrors_total",
                "Invocation5XXErrors_total",
                "InvocationModelErrors_total",
                "ModelLatency_count",
                "OverheadLatency_count",
            )
        }
        assert list(counts.values()) == [4, 4, 1, 1, 2, 4, 4]
        # microseconds
        assert stand.metric(f"ModelLatency_sum{VARIANT}") > 4
