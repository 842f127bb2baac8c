"""What the on-failure destination is told of records that are given up.

Facts: Lambda developer guide, "Retain discarded records for a DynamoDB event source"; the shapes as
recorded on AWS in localstack's test_dynamodb_event_source_mapping_with_*_on_failure_destination.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from riskstack.emulator.event_source_mapping.outcome import TOO_OLD, Discard
from riskstack.emulator.event_source_mapping.record import Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where discarded records are from, and whom they were for."""

    function_arn: str
    stream_arn: str
    shard_id: str


def mapping_id(function_name: str, stream_arn: str) -> str:
    """Give a mapping's UUID: the same for the same function and stream."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{function_name} {stream_arn}"))


def notice(discard: Discard, place: Place, request_id: str, now: datetime) -> dict[str, Any]:
    """Write the message that a queue or a topic gets: where the records are, not the records."""
    batch = discard.batch
    request = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": place.function_arn,
            "condition": discard.condition,
            # 1 on AWS for records that were too old before the first invocation
            "approximateInvokeCount": max(1, batch.failures),
        }
    }
    response = {
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": batch.error,
        }
    }
    return {
        **request,
        **({} if discard.condition == TOO_OLD else response),
        "version": "1.0",
        "timestamp": _timestamp(now, "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": place.shard_id,
            "startSequenceNumber": batch.records[0].sequence_number,
            "endSequenceNumber": batch.records[-1].sequence_number,
            "approximateArrivalOfFirstRecord": _arrival(batch.records[0]),
            "approximateArrivalOfLastRecord": _arrival(batch.records[-1]),
            "batchSize": len(batch.records),
            "streamArn": place.stream_arn,
        },
    }


def with_records(message: Mapping[str, Any], discard: Discard) -> dict[str, Any]:
    """Write what a bucket gets: the message with the event that the function would have got."""
    records = [json.loads(record.body) for record in discard.batch.records]
    return {**message, "payload": {"Records": records}}


def object_key(place: Place, now: datetime, unique: str) -> str:
    """Name the object that a bucket gets."""
    moment = now.astimezone(UTC)
    mapping = mapping_id(place.function_arn.rpartition(":")[2], place.stream_arn)
    return (
        f"aws/lambda/{mapping}/{place.shard_id}/{moment:%Y/%m/%d}"
        f"/{moment:%Y-%m-%dT%H.%M.%S}-{unique}"
    )


def _arrival(record: Record) -> str:
    return _timestamp(datetime.fromtimestamp(record.arrived, UTC), "seconds")


def _timestamp(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
