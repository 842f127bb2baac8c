"""Asynchronous invocations: retries, destinations, dead letters.

Facts: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation"
and "Capturing records of Lambda asynchronous invocations"; records that AWS sent, in
localstack/localstack tests/aws/services/lambda_/test_lambda_destinations.snapshot.json and
test_lambda.snapshot.json, named beside each.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import BotoCoreError

from riskstack.emulator.function.targets import Target
from riskstack.emulator.lambda_api import delivery
from riskstack.emulator.lambda_api.delivery import SdkDelivery
from tests.hosting_stand import wait_until
from tests.lambda_stand import ACCOUNT, ARN, REGION, Post, Sent, Stand, running

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:records"
LETTERS = f"arn:aws:sns:{REGION}:{ACCOUNT}:letters"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

FAILING = """
    def handler(event, context):
        if isinstance(event, dict) and "raise" in event:
            raise ValueError(event["raise"])
        return event
"""


def config(**settings: Any) -> dict[str, Any]:  # noqa: ANN401 - as in a template
    """Give an EventInvokeConfig with one queue for everything."""
    there = {"Type": "SQS", "Destination": QUEUE}
    return {"DestinationConfig": {"OnSuccess": there, "OnFailure": there}, **settings}


def send(stand: Stand, payload: bytes) -> str:
    """Invoke with an event; give the request's id."""
    answer = stand.client.invoke(FunctionName="f", InvocationType="Event", Payload=payload)
    return answer["ResponseMetadata"]["RequestId"]


def only(post: Post) -> Sent:
    """Wait for the one message."""
    wait_until(lambda: bool(post.sent))
    (sent,) = post.sent
    return sent


def test_the_record_of_a_success(tmp_path: Path) -> None:
    # recorded in test_assess_lambda_destination_invocation, its case Success
    with running(tmp_path, FAILING, EventInvokeConfig=config()) as stand:
        request_id = send(stand, b'{"a": 1.10}')
        sent = only(stand.post)
    assert (sent.target.arn, sent.attributes) == (QUEUE, {})
    # the event stands as it was given, digit for digit
    assert '"requestPayload": {"a": 1.10}' in sent.body
    record = json.loads(sent.body)
    assert re.fullmatch(INSTANT, record.pop("timestamp"))
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ARN}:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": 1.1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"a": 1.1},
    }


@pytest.mark.parametrize(("settings", "invoked"), [({}, 3), ({"MaximumRetryAttempts": 0}, 1)])
def test_the_record_of_a_failure(tmp_path: Path, settings: dict[str, int], invoked: int) -> None:
    # test_retries, test_lambda_destination_default_retries
    with running(tmp_path, FAILING, EventInvokeConfig=config(**settings)) as stand:
        request_id = send(stand, b'{"raise": "no good"}')
        record = json.loads(only(stand.post).body)
        ends = stand.log.text.count(f"END RequestId: {request_id}\n")
    # every attempt has the same id (test_request_id_async_invoke_with_retry)
    assert ends == invoked
    assert re.fullmatch(INSTANT, record.pop("timestamp"))
    assert record["responsePayload"].pop("stackTrace")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ARN}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": invoked,
        },
        "requestPayload": {"raise": "no good"},
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": {
            "errorMessage": "no good",
            "errorType": "ValueError",
            "requestId": request_id,
        },
    }


def test_an_event_is_given_up_rather_than_retried_too_late(tmp_path: Path) -> None:
    # test_maxeventage: with AWS's pause of a minute, an age of a minute leaves no retry
    with running(
        tmp_path, FAILING, retry_seconds=60.0, EventInvokeConfig=config(MaximumEventAgeInSeconds=60)
    ) as stand:
        send(stand, b'{"raise": "no good"}')
        context = json.loads(only(stand.post).body)["requestContext"]
    assert context["condition"] == "EventAgeExceeded"
    assert context["approximateInvokeCount"] == 1


def test_an_event_for_a_function_that_may_not_run(tmp_path: Path) -> None:
    # test_reserved_concurrency
    with running(
        tmp_path, FAILING, EventInvokeConfig=config(), ReservedConcurrentExecutions=0
    ) as stand:
        request_id = send(stand, b"")
        record = json.loads(only(stand.post).body)
    assert re.fullmatch(INSTANT, record.pop("timestamp"))
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ARN}:$LATEST",
            "condition": "ZeroReservedConcurrency",
            "approximateInvokeCount": 0,
        },
        "requestPayload": {},
    }


def test_a_throttled_event_waits_for_its_turn(tmp_path: Path) -> None:
    # developer guide: throttles use up no attempt
    with running(
        tmp_path, EventInvokeConfig=config(MaximumRetryAttempts=0), ReservedConcurrentExecutions=1
    ) as stand:
        ids = {send(stand, b"{}") for _ in range(3)}
        wait_until(lambda: len(stand.post.sent) == 3)
    contexts = [json.loads(sent.body)["requestContext"] for sent in stand.post.sent]
    assert {context["requestId"] for context in contexts} == ids
    assert {context["approximateInvokeCount"] for context in contexts} == {1}


def test_a_dead_letter(tmp_path: Path) -> None:
    # test_dead_letter_queue
    letters = {"Type": "SNS", "TargetArn": LETTERS}
    with running(
        tmp_path,
        FAILING,
        EventInvokeConfig={"MaximumRetryAttempts": 0},
        DeadLetterQueue=letters,
    ) as stand:
        request_id = send(stand, b'{"raise": "no good"}')
        sent = only(stand.post)
    assert sent == Sent(
        Target("sns", LETTERS),
        '{"raise": "no good"}',
        {
            "RequestID": {"DataType": "String", "StringValue": request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": "no good"},
        },
    )


@pytest.mark.parametrize("error", [BotoCoreError(), ValueError("not of the SDK")])
def test_what_is_not_delivered_is_counted(tmp_path: Path, error: Exception) -> None:
    post = Post(error=error)
    with running(
        tmp_path,
        FAILING,
        post=post,
        EventInvokeConfig=config(MaximumRetryAttempts=0),
        DeadLetterQueue={"Type": "SNS", "TargetArn": LETTERS},
    ) as stand:
        send(stand, b'{"raise": "no good"}')

        def counted(line: str) -> bool:
            return line in requests.get(f"{stand.url}/metrics", timeout=30).text

        wait_until(lambda: counted('DestinationDeliveryFailures_total{FunctionName="f"} 1.0'))
        assert counted('DeadLetterErrors_total{FunctionName="f"} 1.0')
        assert counted('AsyncEventsReceived_total{FunctionName="f"} 1.0')
        assert counted('AsyncEventsDropped_total{FunctionName="f"} 1.0')


@pytest.fixture
def sdk(aws: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Clients of AWS on this machine, and the SDK's variables for it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    return lambda service: boto3.client(service, endpoint_url=aws, region_name=REGION)  # type: ignore[call-overload] # any service


def received(sqs: Any, url: str) -> Any:  # noqa: ANN401 - a client, a message
    """Give the one message in a queue."""
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


ATTRIBUTES = {"RequestID": {"DataType": "String", "StringValue": "r-1"}}


def test_a_queue_and_a_topic_get_messages(sdk: Callable[[str], Any]) -> None:
    sqs, sns = sdk("sqs"), sdk("sns")
    url = sqs.create_queue(QueueName="records")["QueueUrl"]
    topic = sns.create_topic(Name="letters")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=QUEUE,
        Attributes={"RawMessageDelivery": "true"},
    )
    SdkDelivery().send(Target("sqs", QUEUE), "f", "{}", ATTRIBUTES)
    of_queue = received(sqs, url)
    SdkDelivery().send(Target("sns", topic), "f", "{}", ATTRIBUTES)
    of_topic = received(sqs, url)
    for message in (of_queue, of_topic):
        assert message["Body"] == "{}"
        assert message["MessageAttributes"]["RequestID"]["StringValue"] == "r-1"


def test_a_bucket_gets_objects(sdk: Callable[[str], Any]) -> None:
    # developer guide: aws/lambda/async/<function>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<UUID>
    s3 = sdk("s3")
    s3.create_bucket(Bucket="records", CreateBucketConfiguration={"LocationConstraint": REGION})
    SdkDelivery().send(Target("s3", "arn:aws:s3:::records"), "f", '{"a": 1}', {})
    (found,) = s3.list_objects_v2(Bucket="records")["Contents"]
    assert re.fullmatch(
        r"aws/lambda/async/f/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}",
        found["Key"],
    )
    assert s3.get_object(Bucket="records", Key=found["Key"])["Body"].read() == b'{"a": 1}'


def test_another_function_gets_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, EventInvokeConfig=config()) as other:
        for name, value in {
            "AWS_ENDPOINT_URL_LAMBDA": other.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            monkeypatch.setenv(name, value)
        # one that an earlier test had made would ask elsewhere
        delivery._client.cache_clear()
        SdkDelivery().send(Target("lambda", ARN), "f", '{"a": 1}', {})
        assert json.loads(only(other.post).body)["requestPayload"] == {"a": 1}
