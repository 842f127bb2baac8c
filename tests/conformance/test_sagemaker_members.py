"""Every member of the runtime API's operations, on its way in and back, with a stock client.

Members, headers and limits are those of botocore's service model (sagemaker-runtime); what reaches
the container is what AWS-hosting says: SageMaker strips all headers but those of InvokeEndpoint.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from hosting.live import Asynchronous, Execution, LiveEndpoint
from tests.endpoint_stand import Stand, plain
from tests.hosting_stand import DEADLINE_S, Answer, Received, wait_until
from tests.runtime_stand import REGION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "inference"
SAID = {
    "ContentType": "text/csv; charset=utf-8",
    "Accept": "application/json;q=0.9, text/csv",
    "CustomAttributes": "explain=true; n=3",
    "InferenceId": "3f2a",
}
PASSED = {
    "Content-Type": "text/csv; charset=utf-8",
    "Accept": "application/json;q=0.9, text/csv",
    "X-Amzn-SageMaker-Custom-Attributes": "explain=true; n=3",
    "X-Amzn-SageMaker-Inference-Id": "3f2a",
}


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session that keeps the service models it has read."""
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture
def stand(session: boto3.Session, tmp_path: Path) -> Stand:
    return Stand(session, tmp_path)


@pytest.fixture
def s3(session: boto3.Session, empty_aws: str) -> "S3Client":
    client = session.client("s3", endpoint_url=empty_aws)
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


def direct(stand: Stand) -> LiveEndpoint:
    """An endpoint of two variants, each with two containers of which an invocation names one."""
    variants = (
        stand.variant("a", "first", "second", execution=Execution.DIRECT, weight=1.0),
        stand.variant("b", "first", "second", execution=Execution.DIRECT, weight=0.0),
    )
    return LiveEndpoint("risk", variants)


def of_the_client(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out the headers that HTTP itself has."""
    own = {"host", "content-length", "transfer-encoding"}
    return {name: value for name, value in headers.items() if name.lower() not in own}


TARGETS = {"TargetVariant": "b", "TargetContainerHostname": "second-host"}
PASSED_TARGETS = {
    "X-Amzn-SageMaker-Target-Variant": "b",
    "X-Amzn-SageMaker-Target-Container-Hostname": "second-host",
}


def test_invoke_endpoint_passes_its_members_on(stand: Stand) -> None:
    stand.second.invoke = lambda _: Answer(200, b"second")
    with stand.serving(direct) as client:
        answer = client.invoke_endpoint(EndpointName="risk", Body=b"1,2", **SAID, **TARGETS)
        assert answer["Body"].read() == b"second"
        assert answer["InvokedProductionVariant"] == "b"
    [request] = stand.second.invocations
    assert request.body == b"1,2"
    assert of_the_client(request.headers) == PASSED | PASSED_TARGETS
    assert not stand.first.invocations


def test_a_stream_passes_its_members_on(stand: Stand) -> None:
    stand.second.invoke = lambda _: Answer(
        200,
        headers={"Content-Type": "text/csv", "X-Amzn-SageMaker-Custom-Attributes": "v=1"},
        pieces=[b"second"],
    )
    with stand.serving(direct) as client:
        answer = client.invoke_endpoint_with_response_stream(
            EndpointName="risk", Body=b"1,2", **SAID, **TARGETS
        )
        assert list(answer["Body"]) == [{"PayloadPart": {"Bytes": b"second"}}]
    meta = answer["ResponseMetadata"]
    assert meta["HTTPStatusCode"] == 200
    assert {name: meta["HTTPHeaders"][name] for name in meta["HTTPHeaders"] if "amz" in name} == {
        "x-amzn-requestid": meta["RequestId"],
        "x-amzn-invoked-production-variant": "b",
        "x-amzn-sagemaker-content-type": "text/csv",
        "x-amzn-sagemaker-custom-attributes": "v=1",
    }
    [request] = stand.second.invocations
    assert request.body == b"1,2"
    assert of_the_client(request.headers) == PASSED | PASSED_TARGETS


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"ContentType": "x" * 1025}, "'contentType' failed .* less than or equal to 1024"),
        ({"Accept": "x" * 1025}, "'accept' failed .* less than or equal to 1024"),
        ({"CustomAttributes": "x" * 1025}, "'customAttributes' failed .* equal to 1024"),
        ({"InferenceId": "x" * 65}, "'inferenceId' failed .* less than or equal to 64"),
        ({"TargetVariant": "x" * 64}, "'targetVariant' failed .* less than or equal to 63"),
        ({"TargetContainerHostname": "x" * 64}, "'targetContainerHostname' failed .* to 63"),
        ({"InferenceComponentName": "x"}, "hosts no inference components"),
        ({"SessionId": "NEW_SESSION"}, "hosts no stateful model"),
        ({"PrefixAwareId": "x"}, "does not route by prefixes"),
        ({"EndpointName": "x" * 64}, "'endpointName' failed .* less than or equal to 63"),
        ({"Body": b"1" * (25 * 2**20 + 1)}, "Request .* has oversize body"),
    ],
)
def test_what_a_stream_does_not_take(stand: Stand, members: dict[str, Any], problem: str) -> None:
    request: dict[str, Any] = {"EndpointName": "risk", "Body": b"1", **members}
    with (
        stand.serving(plain) as client,
        pytest.raises(client.exceptions.ValidationError, match=problem),
    ):
        client.invoke_endpoint_with_response_stream(**request)
    assert not stand.first.invocations


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"TargetModel": ""}, "'targetModel' failed .* pattern"),
        ({"TargetModel": "x" * 1025}, "'targetModel' failed .* less than or equal to 1024"),
        ({"TargetContainerHostname": "x" * 64}, "'targetContainerHostname' failed .* to 63"),
        ({"InferenceId": "a\tb"}, "'inferenceId' failed .* pattern"),
        ({"EndpointName": "x" * 64}, "'endpointName' failed .* less than or equal to 63"),
        ({"EndpointName": "a_b"}, "'endpointName' failed .* pattern"),
    ],
)
def test_what_invoke_endpoint_does_not_take(
    stand: Stand, members: dict[str, Any], problem: str
) -> None:
    request: dict[str, Any] = {"EndpointName": "risk", "Body": b"1", **members}
    with (
        stand.serving(plain) as client,
        pytest.raises(client.exceptions.ValidationError, match=problem),
    ):
        client.invoke_endpoint(**request)
    assert not stand.first.invocations


def asynchronous(stand: Stand) -> LiveEndpoint:
    return LiveEndpoint(
        "risk",
        (stand.variant("AllTraffic", "first"),),
        asynchronous=Asynchronous(f"s3://{BUCKET}/out", f"s3://{BUCKET}/failures", 1),
    )


def content(s3: "S3Client", location: str) -> bytes:
    """Wait for an object, and read it."""
    key = location.removeprefix(f"s3://{BUCKET}/")
    wait_until(
        lambda: (
            key in {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}
        )
    )
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def test_invoke_endpoint_async_passes_its_members_on(stand: Stand, s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="in/1.csv", Body=b"1,2")
    with stand.serving(asynchronous) as client:
        answer = client.invoke_endpoint_async(
            EndpointName="risk",
            InputLocation=f"s3://{BUCKET}/in/1.csv",
            S3OutputPathExtension="a/b",
            Filename="score.csv",
            RequestTTLSeconds=60,
            InvocationTimeoutSeconds=3600,
            **SAID,
        )
        assert content(s3, answer["OutputLocation"]) == b"0.5"
    meta = answer["ResponseMetadata"]
    assert meta["HTTPStatusCode"] == 202
    assert {name: meta["HTTPHeaders"][name] for name in meta["HTTPHeaders"] if "amz" in name} == {
        "x-amzn-requestid": meta["RequestId"],
        "x-amzn-sagemaker-outputlocation": f"s3://{BUCKET}/out/a/b/score.csv",
        "x-amzn-sagemaker-failurelocation": f"s3://{BUCKET}/failures/3f2a-error.out",
    }
    assert answer["InferenceId"] == "3f2a"
    [request] = stand.first.invocations
    assert request.body == b"1,2"
    assert of_the_client(request.headers) == PASSED


def test_a_request_that_waits_longer_than_its_time_to_live_is_a_failure(
    stand: Stand, s3: "S3Client"
) -> None:
    asked, released = threading.Event(), threading.Event()

    def wait(_request: Received) -> Answer:
        asked.set()
        released.wait(DEADLINE_S)
        return Answer(200, b"0.5")

    stand.first.invoke = wait
    try:
        with stand.serving(asynchronous) as client:
            # it takes the one place of the one instance
            client.invoke_endpoint_async(EndpointName="risk", Body=b"1")
            assert asked.wait(DEADLINE_S)
            answer = client.invoke_endpoint_async(
                EndpointName="risk", Body=b"2", RequestTTLSeconds=60
            )
            later = time.time() + 61
            stand.now = lambda: later
            told = content(s3, answer["FailureLocation"])
            released.set()
    finally:
        released.set()
    assert told == b"The request expired: it waited longer than 60 seconds."
    assert [request.body for request in stand.first.invocations] == [b"1"]


def test_an_asynchronous_invocation_has_the_time_that_it_asks_for(
    stand: Stand, s3: "S3Client"
) -> None:
    def without_end() -> Iterator[bytes]:
        yield b"0."
        wait_until(lambda: failed)
        yield b"5"

    failed = False
    stand.first.invoke = lambda _: Answer(200, pieces=without_end())
    with stand.serving(asynchronous) as client:
        answer = client.invoke_endpoint_async(
            EndpointName="risk", Body=b"1", InvocationTimeoutSeconds=1
        )
        told = content(s3, answer["FailureLocation"])
        failed = True
    # the text: amazon-sagemaker-examples #799
    assert b"Your invocation timed out while waiting for a response from container" in told


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"ContentType": "x" * 1025}, "'contentType' failed .* less than or equal to 1024"),
        ({"Accept": "x" * 1025}, "'accept' failed .* less than or equal to 1024"),
        ({"CustomAttributes": "x" * 1025}, "'customAttributes' failed .* equal to 1024"),
        ({"InferenceId": "x" * 65}, "'inferenceId' failed .* less than or equal to 64"),
        ({"InputLocation": "ftp://a/b"}, "'inputLocation' failed .* pattern"),
        ({"S3OutputPathExtension": "x" * 513}, "'s3OutputPathExtension' failed .* to 512"),
        ({"Filename": "x" * 33}, "'filename' failed .* less than or equal to 32"),
        ({"RequestTTLSeconds": 21601}, "'requestTTLSeconds' failed .* equal to 21600"),
        ({"InvocationTimeoutSeconds": 0}, "'invocationTimeoutSeconds' failed .* equal to 1"),
    ],
)
def test_what_invoke_endpoint_async_does_not_take(
    stand: Stand, members: dict[str, Any], problem: str
) -> None:
    with (
        stand.serving(asynchronous) as client,
        pytest.raises(client.exceptions.ValidationError, match=problem),
    ):
        client.invoke_endpoint_async(EndpointName="risk", **members)


def test_a_header_that_is_no_member_stops_here(stand: Stand) -> None:
    """AWS-hosting: SageMaker strips all POST headers except those of InvokeEndpoint."""
    with stand.serving(plain):
        answer = requests.post(
            f"{stand.url}/endpoints/risk/invocations",
            b"1",
            headers={"X-Made-Up": "1", "Authorization": "AWS4-HMAC-SHA256 x", "Accept": "text/csv"},
            timeout=DEADLINE_S,
        )
    assert answer.status_code == 200
    [request] = stand.first.invocations
    assert of_the_client(request.headers) == {"Accept": "text/csv"}


@pytest.mark.parametrize("operation", ["invoke", "invocations-bidirectional-stream", ""])
def test_a_path_that_is_no_operation(stand: Stand, operation: str) -> None:
    """The paths of the operations are in botocore's service model; others are none."""
    with stand.serving(plain):
        answer = requests.post(
            f"{stand.url}/endpoints/risk/{operation}", json.dumps({}), timeout=DEADLINE_S
        )
    assert answer.status_code == 404
    assert not stand.first.invocations
