"""The event source mapping against what AWS documents and what was recorded on AWS.

Recorded is what localstack/localstack keeps as snapshots of runs on AWS, in
tests/aws/services/lambda_/event_source_mapping; documented is the Lambda developer guide.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
import pytest

from riskstack.emulator.event_source_mapping import Settings, to_event_record
from riskstack.emulator.event_source_mapping import destination as destination_of
from riskstack.emulator.event_source_mapping.answer import Answer, read
from riskstack.emulator.event_source_mapping.batch import Batch
from riskstack.emulator.event_source_mapping.metrics import Counters
from riskstack.emulator.event_source_mapping.notice import Place, mapping_id, notice
from riskstack.emulator.event_source_mapping.outcome import EXHAUSTED, TOO_OLD, Discard
from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.event_source_mapping.payload import payload
from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.window import Window
from riskstack.emulator.function import Result
from riskstack.emulator.template import TemplateError

STREAM = "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388"
FUNCTION = "arn:aws:lambda:us-east-2:123456789012:function:myfunction"
PLACE = Place(FUNCTION, STREAM, "shardId-00000001573689847184-864758bb")
ARRIVED = datetime(2019, 11, 14, 0, 13, 19, tzinfo=UTC)
NOW = datetime(2019, 11, 14, 0, 13, 49, 717_000, tzinfo=UTC)
REPORTING = Settings(
    stream_arn=STREAM, starting_position="TRIM_HORIZON", report_batch_item_failures=True
)

SDK_RECORD: dict[str, Any] = {
    "eventID": "ab0ed3713569f4655f353e5ef61a88c4",
    "eventName": "INSERT",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "awsRegion": "us-east-2",
    "dynamodb": {
        "ApproximateCreationDateTime": ARRIVED,
        "Keys": {"my_partition_key": {"S": "hello world"}},
        "NewImage": {
            "binary_key": {"B": b"foobar"},
            "my_partition_key": {"S": "hello world"},
        },
        "SequenceNumber": "800000000003126276362",
        "SizeBytes": 70,
        "StreamViewType": "NEW_IMAGE",
    },
}
# as test_dynamodb_event_source_mapping recorded it
EVENT_RECORD: dict[str, Any] = {
    "eventID": "ab0ed3713569f4655f353e5ef61a88c4",
    "eventName": "INSERT",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "awsRegion": "us-east-2",
    "dynamodb": {
        "ApproximateCreationDateTime": 1573690399.0,
        "Keys": {"my_partition_key": {"S": "hello world"}},
        "NewImage": {
            "binary_key": {"B": "Zm9vYmFy"},
            "my_partition_key": {"S": "hello world"},
        },
        "SequenceNumber": "800000000003126276362",
        "SizeBytes": 70,
        "StreamViewType": "NEW_IMAGE",
    },
    "eventSourceARN": STREAM,
}
RECORD = Record.of(EVENT_RECORD, 0.0)
# the example of "Retain discarded records for a DynamoDB event source"
INVOCATION_RECORD: dict[str, Any] = {
    "requestContext": {
        "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
        "functionArn": FUNCTION,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 1,
    },
    "responseContext": {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    },
    "version": "1.0",
    "timestamp": "2019-11-14T00:13:49.717Z",
    "DDBStreamBatchInfo": {
        "shardId": "shardId-00000001573689847184-864758bb",
        "startSequenceNumber": "800000000003126276362",
        "endSequenceNumber": "800000000003126276362",
        "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
        "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
        "batchSize": 1,
        "streamArn": STREAM,
    },
}
REQUEST_ID = INVOCATION_RECORD["requestContext"]["requestId"]
DISCARD = Discard(Batch((RECORD,), 1, "Unhandled"), EXHAUSTED, REQUEST_ID)


def test_a_record_is_the_one_that_was_recorded() -> None:
    assert to_event_record(SDK_RECORD, STREAM) == EVENT_RECORD
    assert json.loads(payload([RECORD])) == {"Records": [EVENT_RECORD]}


def test_a_record_that_time_to_live_deleted_says_so() -> None:
    """`userIdentity`, as documented in "DynamoDB Streams and Time to Live"."""
    identity = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    deleted = to_event_record({**SDK_RECORD, "userIdentity": identity}, STREAM)
    documented = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert deleted == {**EVENT_RECORD, "userIdentity": documented}


def test_the_notice_is_the_one_that_is_documented() -> None:
    assert notice(DISCARD, PLACE, REQUEST_ID, NOW) == INVOCATION_RECORD


def test_after_reported_failures_there_is_no_function_error() -> None:
    """Recorded: test_dynamodb_report_batch_item_failures."""
    given_up = Discard(Batch((RECORD,), 4), EXHAUSTED, REQUEST_ID)
    told = notice(given_up, PLACE, REQUEST_ID, NOW)
    assert told["requestContext"]["approximateInvokeCount"] == 4
    assert told["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": None,
    }


def test_a_record_that_is_too_old_has_no_response() -> None:
    """Recorded: test_kinesis_maximum_record_age_exceeded[expire-before-ingestion]."""
    told = notice(Discard(Batch((RECORD,)), TOO_OLD), PLACE, REQUEST_ID, NOW)
    expected = {
        name: value for name, value in INVOCATION_RECORD.items() if name != "responseContext"
    }
    expected["requestContext"] = {
        **INVOCATION_RECORD["requestContext"],
        "condition": "RecordAgeExceeded",
    }
    assert told == expected


@pytest.mark.parametrize(
    ("answer", "first_failure"),
    [
        # as test_dynamodb_report_batch_item_success_scenarios recorded it
        ([], None),
        (None, None),
        ({}, None),
        ({"batchItemFailures": []}, None),
        ({"batchItemFailures": None}, None),
        # as test_dynamodb_report_batch_item_failure_scenarios recorded it
        ({"batchItemFailures": [{"itemIdentifier": 123}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, 0),
        ({"batchItemFailures": [{"foo": 123}]}, 0),
        ({"batchItemFailures": [{"foo": None}]}, 0),
        # a whole answer that is a text
        ("", 0),
        # the lowest of several counts, as documented
        ({"batchItemFailures": [{"itemIdentifier": "12"}, {"itemIdentifier": "9"}]}, 1),
        # what is not in the batch fails the batch, whatever stands beside it
        ({"batchItemFailures": [{"itemIdentifier": "9"}, {"itemIdentifier": "99"}]}, 0),
    ],
)
def test_odd_answers_mean_what_they_mean_on_aws(answer: object, first_failure: int | None) -> None:
    records = []
    for number in ("8", "9", "12"):
        change = {**EVENT_RECORD["dynamodb"], "SequenceNumber": number}
        records.append(Record.of({**EVENT_RECORD, "dynamodb": change}, 0.0))
    result = Result(json.dumps(answer).encode())
    assert read(result, records, REPORTING) == Answer(first_failure)


def test_the_event_of_a_window_is_the_one_that_is_documented() -> None:
    """Documented: DynamodbTimeWindowEvent."""
    window = Window(1_596_128_400, 300, '{"1": "state1"}')
    members = window.members("shard123456789", "stream-ARN", final=False)
    assert json.loads(payload([RECORD], members)) == {
        "Records": [EVENT_RECORD],
        "window": {"start": "2020-07-30T17:00:00Z", "end": "2020-07-30T17:05:00Z"},
        "state": {"1": "state1"},
        "shardId": "shard123456789",
        "eventSourceARN": "stream-ARN",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


FIRST, SECOND = (
    {"eventName": name, "dynamodb": {"ApproximateCreationDateTime": 1.0, "NewImage": image}}
    for name, image in (
        ("INSERT", {"id": {"S": "id_value_1"}, "n": {"N": "42"}, "p": {"S": "us-1-other-suffix"}}),
        (
            "MODIFY",
            {"id": {"S": "id_value_2"}, "n": {"N": "101"}, "p": {"S": "x"}, "k": {"S": "v"}},
        ),
    )
)

OVER_100_OR_NOT_101 = [{"numeric": [">", 100]}, {"anything-but": "101"}]


@pytest.mark.parametrize(
    ("pattern", "first", "second"),
    [
        # as test_dynamodb_event_filter recorded it: which of two items came to the function
        ({"eventName": ["INSERT"]}, True, False),
        ({"eventName": ["INSERT", "MODIFY"]}, True, True),
        ({"dynamodb": {"NewImage": {"k": {"S": ["v"]}}}}, False, True),
        ({"dynamodb": {"NewImage": {"k": ["v"]}}}, False, False),
        ({"dynamodb": {"NewImage": {"k": {"S": [{"exists": True}]}}}}, False, True),
        ({"dynamodb": {"NewImage": {"k": [{"exists": True}]}}}, False, False),
        # an attribute is no leaf
        ({"dynamodb": {"NewImage": {"k": [{"exists": False}]}}}, True, True),
        # a number of DynamoDB is a text
        ({"dynamodb": {"NewImage": {"n": {"N": OVER_100_OR_NOT_101}}}}, True, False),
        ({"dynamodb": {"NewImage": {"p": {"S": [{"prefix": "us-1"}]}}}}, True, False),
        ({"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}, True, True),
    ],
)
def test_filters_let_through_what_they_did_on_aws(
    pattern: dict[str, Any], first: bool, second: bool
) -> None:
    read_pattern = Pattern.read(json.dumps(pattern))
    assert (read_pattern.matches(FIRST), read_pattern.matches(SECOND)) == (first, second)


@pytest.mark.parametrize("pattern", ["single-string", '[{"eventName": ["INSERT"=123}]'])
def test_a_bad_filter_is_refused_as_on_aws(pattern: str) -> None:
    """Recorded: test_dynamodb_invalid_event_filter."""
    with pytest.raises(TemplateError, match=re.escape("Invalid filter pattern definition.")):
        Pattern.read(pattern)


def test_ranges_are_those_of_the_api() -> None:
    """botocore's CreateEventSourceMapping."""
    model = botocore.session.get_session().get_service_model("lambda")
    shape = model.operation_model("CreateEventSourceMapping").input_shape
    assert shape
    members = shape.members
    required = {"Stream": STREAM, "StartingPosition": "LATEST"}
    for name in (
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "ParallelizationFactor",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "TumblingWindowInSeconds",
    ):
        limits = members[name].metadata
        for value in (limits["min"], limits["max"]):
            Settings.from_event({**required, name: value})
        for value in (limits["min"] - 1, limits["max"] + 1):
            with pytest.raises(TemplateError, match=f"{name} must be from"):
                Settings.from_event({**required, name: value})


def test_counters_have_the_names_of_cloudwatch() -> None:
    """Documented: "Types of metrics for Lambda functions", event source mapping metrics."""
    assert set(Counters().values()) == {
        "PolledEventCount",
        "FilteredOutEventCount",
        "InvokedEventCount",
        "FailedInvokeEventCount",
        "DroppedEventCount",
        "OnFailureDestinationDeliveredEventCount",
    }


@pytest.fixture
def clients(empty_aws: str) -> Any:  # noqa: ANN401 - makes any client
    assert empty_aws
    return boto3.client


def tell(arn: str, clients: Any) -> None:  # noqa: ANN401 - makes any client
    told = destination_of(arn, clients)
    assert told
    told.tell(DISCARD, PLACE, NOW)


def test_a_queue_gets_the_notice(clients: Any) -> None:  # noqa: ANN401 - as above
    url = clients("sqs").create_queue(QueueName="q")["QueueUrl"]
    tell("arn:aws:sqs:eu-central-1:123456789012:q", clients)
    (message,) = clients("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == INVOCATION_RECORD


def test_a_topic_gets_the_notice(clients: Any) -> None:  # noqa: ANN401 - as above
    """Recorded: test_dynamodb_event_source_mapping_with_sns_on_failure_destination_config."""
    url = clients("sqs").create_queue(QueueName="q")["QueueUrl"]
    topic = clients("sns").create_topic(Name="t")["TopicArn"]
    queue = "arn:aws:sqs:eu-central-1:123456789012:q"
    clients("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    tell(topic, clients)
    (message,) = clients("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == INVOCATION_RECORD


def test_a_bucket_gets_the_notice_with_the_records(clients: Any) -> None:  # noqa: ANN401 - as above
    """Recorded: test_dynamodb_event_source_mapping_with_s3_on_failure_destination."""
    where = {"LocationConstraint": "eu-central-1"}
    clients("s3").create_bucket(Bucket="failures", CreateBucketConfiguration=where)
    tell("arn:aws:s3:::failures", clients)
    (found,) = clients("s3").list_objects_v2(Bucket="failures")["Contents"]
    prefix = f"aws/lambda/{mapping_id('myfunction', STREAM)}/{PLACE.shard_id}/2019/11/14"
    unique = "[0-9a-f-]{36}"
    assert re.fullmatch(f"{prefix}/2019-11-14T00\\.13\\.49-{unique}", found["Key"])
    kept = clients("s3").get_object(Bucket="failures", Key=found["Key"])["Body"].read()
    assert json.loads(kept) == {**INVOCATION_RECORD, "payload": {"Records": [EVENT_RECORD]}}
