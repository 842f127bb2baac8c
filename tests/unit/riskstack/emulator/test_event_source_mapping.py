import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.event_source_mapping import (
    FOREVER,
    LONGEST_PAUSE,
    Batch,
    Discard,
    Record,
    Settings,
    Step,
    cut,
    discard_notice,
    pause,
    sequence_number,
    settle,
    to_event_record,
)
from riskstack.emulator.function import Result
from riskstack.emulator.template import TemplateError

STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/2026-01-01T00:00:00.000"


def record(number: int) -> Record:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": 1.5}}


def settings(**changes: Any) -> Settings:  # noqa: ANN401 - any setting
    return Settings(**{"stream_arn": STREAM, "starting_position": "TRIM_HORIZON", **changes})


BATCH = Batch(tuple(record(number) for number in (10, 11, 12, 13)))
REPORTING = settings(report_batch_item_failures=True)
OK = Result(b"null")
THROWN = Result(b'{"errorMessage":"x"}', "Unhandled")


def failing(*identifiers: object) -> Result:
    failures = [{"itemIdentifier": identifier} for identifier in identifiers]
    return Result(json.dumps({"batchItemFailures": failures}).encode())


def test_a_success_is_done() -> None:
    assert settle(BATCH, OK, settings()) == Step(done=BATCH.records)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"{}", b'{"batchItemFailures":[]}', b'{"batchItemFailures":null}']
)
def test_complete_successes_when_failures_are_reported(payload: bytes) -> None:
    assert settle(BATCH, Result(payload), REPORTING) == Step(done=BATCH.records)


@pytest.mark.parametrize(
    "payload",
    [
        b'""',
        b'{"failures":[]}',
        b'{"batchItemFailures":[{"itemIdentifier":""}]}',
        b'{"batchItemFailures":[{"itemIdentifier":null}]}',
        b'{"batchItemFailures":[{"item":"10"}]}',
        b'{"batchItemFailures":[{"itemIdentifier":123}]}',
        b'{"batchItemFailures":[{"itemIdentifier":"10"},{"itemIdentifier":"99"}]}',
    ],
)
def test_complete_failures_when_failures_are_reported(payload: bytes) -> None:
    assert settle(BATCH, Result(payload), REPORTING) == Step(retry=(Batch(BATCH.records, 1),))


def test_the_lowest_failure_is_where_the_retry_begins() -> None:
    step = settle(BATCH, failing("13", "12"), REPORTING)
    assert step == Step(done=BATCH.records[:2], retry=(Batch(BATCH.records[2:], 1),))


def test_reported_failures_count_only_where_they_are_turned_on() -> None:
    assert settle(BATCH, failing("12"), settings()) == Step(done=BATCH.records)


def test_a_thrown_error_bisects_without_using_up_the_quota() -> None:
    bisecting = settings(bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    assert settle(BATCH, THROWN, bisecting) == Step(
        retry=(Batch(BATCH.records[:2]), Batch(BATCH.records[2:]))
    )


def test_a_partial_failure_is_split_where_it_failed() -> None:
    both = settings(bisect_batch_on_function_error=True, report_batch_item_failures=True)
    step = settle(BATCH, failing("11"), both)
    assert step == Step(done=BATCH.records[:1], retry=(Batch(BATCH.records[1:], 1),))


def test_what_has_no_retries_left_is_given_up() -> None:
    limited = settings(maximum_retry_attempts=2)
    step = settle(Batch(BATCH.records, failures=2), THROWN, limited)
    assert step == Step(discard=Discard(Batch(BATCH.records, 3), "Unhandled"))
    step = settle(
        Batch(BATCH.records, failures=2),
        failing("12"),
        settings(maximum_retry_attempts=2, report_batch_item_failures=True),
    )
    assert step.done == BATCH.records[:2]
    assert step.discard == Discard(Batch(BATCH.records[2:], 3), None)


def test_without_a_limit_nothing_is_ever_given_up() -> None:
    step = settle(Batch(BATCH.records, failures=10**6), THROWN, settings())
    assert step.retry == (Batch(BATCH.records, 10**6 + 1),)


@given(
    st.integers(1, 30),
    st.integers(1, 10),
    st.integers(FOREVER, 3),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_every_record_is_done_retried_or_given_up_in_order(
    count: int,
    failures: int,
    limit: int,
    bisect: bool,
    report: bool,
    data: st.DataObject,
) -> None:
    batch = Batch(tuple(record(number) for number in range(count)), failures)
    result = data.draw(
        st.sampled_from([OK, THROWN]) | st.integers(0, count - 1).map(lambda n: failing(str(n)))
    )
    step = settle(
        batch,
        result,
        settings(
            maximum_retry_attempts=limit,
            bisect_batch_on_function_error=bisect,
            report_batch_item_failures=report,
        ),
    )
    seen = [*step.done, *(step.discard.batch.records if step.discard else ())]
    seen += [one for again in step.retry for one in again.records]
    assert seen == list(batch.records)
    assert not (step.discard and step.retry)


@given(st.lists(st.integers(), max_size=50), st.integers(1, 10))
def test_cutting_loses_nothing(numbers: list[int], size: int) -> None:
    records = [record(number) for number in numbers]
    batches = cut(records, size)
    assert [one for batch in batches for one in batch.records] == records
    assert all(1 <= len(batch.records) <= size for batch in batches)


def test_the_pause_doubles_up_to_its_longest() -> None:
    assert [pause(failures) for failures in (0, 1, 2, 3)] == [0.0, 0.1, 0.2, 0.4]
    assert pause(40) == pause(10_000) == LONGEST_PAUSE


def test_an_event_record_is_json_with_the_stream_and_an_epoch() -> None:
    sdk = {
        "eventID": "1",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime(2026, 1, 1, tzinfo=UTC),
            "Keys": {"id": {"B": b"\x00\x01"}},
            "NewImage": {"l": {"L": [{"B": b"x"}, {"N": "1.10"}]}},
            "SequenceNumber": "111",
            "SizeBytes": 3,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    event = json.loads(json.dumps(to_event_record(sdk, STREAM)))
    assert event == {
        "eventID": "1",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "eventSourceARN": STREAM,
        "dynamodb": {
            "ApproximateCreationDateTime": 1767225600.0,
            "Keys": {"id": {"B": "AAE="}},
            "NewImage": {"l": {"L": [{"B": "eA=="}, {"N": "1.10"}]}},
            "SequenceNumber": "111",
            "SizeBytes": 3,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    assert sequence_number(event) == "111"


def test_the_notice_has_the_shape_that_aws_sends() -> None:
    notice = discard_notice(
        Discard(Batch(BATCH.records, 3), "Unhandled"),
        settings=settings(),
        function_arn="arn:aws:lambda:eu-central-1:123456789012:function:f",
        shard_id="shard-1",
        request_id="r-1",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert json.loads(notice) == {
        "requestContext": {
            "requestId": "r-1",
            "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:f:$LATEST",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard-1",
            "startSequenceNumber": "10",
            "endSequenceNumber": "13",
            "approximateArrivalOfFirstRecord": "1970-01-01T00:00:01.500Z",
            "approximateArrivalOfLastRecord": "1970-01-01T00:00:01.500Z",
            "batchSize": 4,
            "streamArn": STREAM,
        },
    }


def test_settings_are_read_from_a_sam_event() -> None:
    read = Settings.from_event(
        {
            "Stream": STREAM,
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 5,
            "MaximumRetryAttempts": 2,
            "BisectBatchOnFunctionError": True,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": "arn:q"}},
        }
    )
    assert read == Settings(
        stream_arn=STREAM,
        starting_position="TRIM_HORIZON",
        batch_size=5,
        maximum_retry_attempts=2,
        bisect_batch_on_function_error=True,
        report_batch_item_failures=True,
        on_failure_arn="arn:q",
    )
    defaults = Settings.from_event({"Stream": STREAM, "StartingPosition": "TRIM_HORIZON"})
    assert defaults == settings()


@pytest.mark.parametrize(
    ("properties", "cause"),
    [
        ({"ParallelizationFactor": 2}, "does not emulate ParallelizationFactor"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "only TRIM_HORIZON"),
        ({"FunctionResponseTypes": ["All"]}, "only ReportBatchItemFailures"),
        ({"BatchSize": 0}, "from 1 to 10000"),
        ({"MaximumRetryAttempts": -2}, "from -1 to 10000"),
        ({"DestinationConfig": {"OnFailure": {"Type": "SNS"}}}, "only OnFailure to an SQS queue"),
    ],
)
def test_settings_that_are_not_emulated_are_refused(properties: dict[str, Any], cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        Settings.from_event({"Stream": STREAM, "StartingPosition": "TRIM_HORIZON", **properties})
