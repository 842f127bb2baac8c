"""A record of a stream: as a function receives it, and as it waits for that."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Event: TypeAlias = Mapping[str, Any]
"""A stream record as a function receives it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record on its way: what the rules ask of it, and its JSON, written once."""

    sequence_number: str
    number: int
    """Its place in the shard; as text, places of different length would not compare."""
    arrived: float
    """When it came into the stream, in seconds since the epoch."""
    read: float
    """When it was read here, in seconds since the epoch."""
    item: int
    """The same for records of the same item."""
    body: bytes

    @classmethod
    def of(cls, event: Event, now: float) -> "Record":
        """Take a record as a function receives it, read now."""
        change = event["dynamodb"]
        key = json.dumps(change.get("Keys", {}), sort_keys=True)
        return cls(
            sequence_number=change["SequenceNumber"],
            number=int(change["SequenceNumber"]),
            arrived=float(change.get("ApproximateCreationDateTime", now)),
            read=now,
            # a hash that is the same in the next process
            item=zlib.crc32(key.encode()),
            # half a character, which an emulator may keep, is none in UTF-8
            body=json.dumps(event, ensure_ascii=False).encode(errors="replace"),
        )


def to_event_record(record: Mapping[str, Any], stream_arn: str) -> Event:
    """Turn a record of GetRecords, as the SDK gives it, into the one that a function receives."""
    change = dict(record["dynamodb"])
    created = change.get("ApproximateCreationDateTime")
    if isinstance(created, datetime):
        change["ApproximateCreationDateTime"] = created.timestamp()
    event = {**record, "dynamodb": change, "eventSourceARN": stream_arn}
    identity = event.pop("userIdentity", None)
    if identity:
        # the members of GetRecords begin with capitals, those of the event do not (DynamoDB
        # developer guide, "DynamoDB Streams and Time to Live")
        event["userIdentity"] = {
            "type": identity.get("Type"),
            "principalId": identity.get("PrincipalId"),
        }
    plain: Event = _without_bytes(event)
    return plain


def _without_bytes(value: Any) -> Any:  # noqa: ANN401 - a record is any document
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case Mapping():
            return {key: _without_bytes(part) for key, part in value.items()}
        case list():
            return [_without_bytes(part) for part in value]
    return value
