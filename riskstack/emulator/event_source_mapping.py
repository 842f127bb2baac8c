"""The rules of an event source mapping: what a batch's outcome means for each of its records.

Every rule is here and is pure; the poller owns the stream, the clock and the invocations. Facts:
AWS Lambda developer guide, "Process Amazon DynamoDB records with Lambda", "Configuring partial
batch response with DynamoDB and Lambda" and "Retain discarded records".
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from riskstack.emulator.function import Result
from riskstack.emulator.template import TemplateError

Record: TypeAlias = Mapping[str, Any]
"""A stream record as a function receives it."""

FOREVER = -1
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An event source mapping's settings; names and defaults are AWS's."""

    stream_arn: str
    starting_position: str
    batch_size: int = 100
    maximum_retry_attempts: int = FOREVER
    bisect_batch_on_function_error: bool = False
    report_batch_item_failures: bool = False
    on_failure_arn: str | None = None
    """An SQS queue's."""

    @classmethod
    def from_event(cls, properties: Mapping[str, Any]) -> "Settings":
        """Read the resolved properties of a SAM event of type DynamoDB.

        Raises:
            TemplateError: a property is not emulated, or is out of AWS's range.
        """
        left = dict(properties)
        settings = cls(
            stream_arn=left.pop("Stream"),
            starting_position=left.pop("StartingPosition"),
            batch_size=left.pop("BatchSize", 100),
            maximum_retry_attempts=left.pop("MaximumRetryAttempts", FOREVER),
            bisect_batch_on_function_error=left.pop("BisectBatchOnFunctionError", False),
            report_batch_item_failures=_reports_failures(left.pop("FunctionResponseTypes", [])),
            on_failure_arn=_queue(left.pop("DestinationConfig", {})),
        )
        if left:
            raise TemplateError(
                f"the event source mapping does not emulate {', '.join(sorted(left))}; remove it"
            )
        if settings.starting_position != "TRIM_HORIZON":
            # LATEST misses records while a mapping is made or restarted, on AWS as well
            raise TemplateError("StartingPosition: only TRIM_HORIZON is emulated")
        if not 1 <= settings.batch_size <= 10_000:  # noqa: PLR2004 - AWS's range
            raise TemplateError("BatchSize must be from 1 to 10000")
        if not FOREVER <= settings.maximum_retry_attempts <= 10_000:  # noqa: PLR2004 - AWS's range
            raise TemplateError("MaximumRetryAttempts must be from -1 to 10000")
        return settings


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that one invocation gets, and how many invocations with them have failed."""

    records: tuple[Record, ...]
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Discard:
    """A batch that is not tried again; `function_error` is null after a partial failure."""

    batch: Batch
    function_error: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one invocation: what is done, to be tried again, to be given up."""

    done: tuple[Record, ...] = ()
    retry: tuple[Batch, ...] = ()
    discard: Discard | None = None


def cut(records: Sequence[Record], batch_size: int) -> list[Batch]:
    """Cut records into batches, in order."""
    return [
        Batch(tuple(records[start : start + batch_size]))
        for start in range(0, len(records), batch_size)
    ]


def pause(failures: int) -> float:
    """Give the seconds to wait before a batch that has failed so often is tried again."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 10)) if failures else 0.0


def settle(batch: Batch, result: Result, settings: Settings) -> Step:
    """Say what follows from an invocation's result for the batch that it got."""
    if result.error:
        return _failed(batch, 0, result.error, settings)
    if not settings.report_batch_item_failures:
        return Step(done=batch.records)
    first = _first_failure(batch, result.payload)
    return Step(done=batch.records) if first is None else _failed(batch, first, None, settings)


def sequence_number(record: Record) -> str:
    """Give a record's place in its shard."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def to_event_record(record: Mapping[str, Any], stream_arn: str) -> Record:
    """Turn a record of GetRecords, as the SDK gives it, into the one that a function receives."""
    change = dict(record["dynamodb"])
    created = change.get("ApproximateCreationDateTime")
    if isinstance(created, datetime):
        change["ApproximateCreationDateTime"] = created.timestamp()
    plain: Record = _without_bytes(
        {
            **{name: value for name, value in record.items() if name != "userIdentity" or value},
            "dynamodb": change,
            "eventSourceARN": stream_arn,
        }
    )
    return plain


def discard_notice(  # noqa: PLR0913 - the message has that many sources
    discard: Discard,
    *,
    settings: Settings,
    function_arn: str,
    shard_id: str,
    request_id: str,
    now: datetime,
) -> str:
    """Write the message that the on-failure queue gets: where the records are, not the records."""
    records = discard.batch.records
    return json.dumps(
        {
            "requestContext": {
                "requestId": request_id,
                "functionArn": f"{function_arn}:$LATEST",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": discard.batch.failures,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": discard.function_error,
            },
            "version": "1.0",
            "timestamp": _timestamp(now),
            "DDBStreamBatchInfo": {
                "shardId": shard_id,
                "startSequenceNumber": sequence_number(records[0]),
                "endSequenceNumber": sequence_number(records[-1]),
                "approximateArrivalOfFirstRecord": _arrival(records[0]),
                "approximateArrivalOfLastRecord": _arrival(records[-1]),
                "batchSize": len(records),
                "streamArn": settings.stream_arn,
            },
        }
    )


def _failed(batch: Batch, first: int, function_error: str | None, settings: Settings) -> Step:
    done, rest = batch.records[:first], batch.records[first:]
    if function_error and settings.bisect_batch_on_function_error and len(rest) > 1:
        # a split does not use up the retry quota
        half = len(rest) // 2
        return Step(retry=(Batch(rest[:half], batch.failures), Batch(rest[half:], batch.failures)))
    tried = Batch(rest, batch.failures + 1)
    if FOREVER < settings.maximum_retry_attempts < tried.failures:
        return Step(done=done, discard=Discard(tried, function_error))
    return Step(done=done, retry=(tried,))


def _first_failure(batch: Batch, payload: bytes) -> int | None:
    """Give the place of the first record to try again, `None` for none, 0 for all."""
    answer = json.loads(payload or b"null")
    if answer is None or answer == {}:
        return None
    if not isinstance(answer, dict) or "batchItemFailures" not in answer:
        return 0
    failures = answer["batchItemFailures"]
    if failures is None or failures == []:
        return None
    places = {sequence_number(record): place for place, record in enumerate(batch.records)}
    try:
        return min(places[failure["itemIdentifier"]] for failure in failures)
    except (KeyError, TypeError):
        return 0


def _reports_failures(response_types: Sequence[str]) -> bool:
    if set(response_types) <= {"ReportBatchItemFailures"}:
        return bool(response_types)
    raise TemplateError("FunctionResponseTypes: AWS knows only ReportBatchItemFailures")


def _queue(destinations: Mapping[str, Any]) -> str | None:
    match destinations:
        case {"OnFailure": {"Type": "SQS", "Destination": str() as arn}}:
            return arn
    if not destinations:
        return None
    raise TemplateError("DestinationConfig: only OnFailure to an SQS queue is emulated")


def _without_bytes(value: Any) -> Any:  # noqa: ANN401 - a record is any document
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case Mapping():
            return {key: _without_bytes(part) for key, part in value.items()}
        case list():
            return [_without_bytes(part) for part in value]
    return value


def _arrival(record: Record) -> str:
    return _timestamp(
        datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC)
    )


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
