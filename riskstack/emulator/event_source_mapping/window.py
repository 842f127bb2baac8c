"""Tumbling windows: a state that goes from invocation to invocation until its time is over.

Facts: Lambda developer guide, "Implementing stateful DynamoDB stream processing in Lambda".
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from riskstack.emulator.event_source_mapping.record import Record

LARGEST_STATE = 1024**2
"""Bytes; with a larger one the window ends early."""
EMPTY = "{}"


@dataclass(frozen=True, slots=True)
class Window:
    """An open window; times are in seconds since the epoch."""

    start: int
    length: int
    state: str = EMPTY
    """A JSON object."""

    @classmethod
    def around(cls, record: Record, length: int) -> "Window":
        """Give the window, fresh, that a record belongs to by the time of its arrival."""
        return cls(int(record.arrived // length) * length, length)

    @property
    def end(self) -> int:
        """When it is over."""
        return self.start + self.length

    @property
    def ends_early(self) -> bool:
        """Whether its state is too large to go on."""
        return len(self.state.encode()) > LARGEST_STATE

    def holds(self, record: Record) -> bool:
        """Say whether a record belongs to it; one that is late belongs to the open window."""
        return record.arrived < self.end

    def members(self, shard_id: str, stream_arn: str, *, final: bool) -> bytes:
        """Give what an event says of its window beside the records, as members of an object."""
        members = {
            "window": {"start": _moment(self.start), "end": _moment(self.end)},
            "state": json.loads(self.state),
            "shardId": shard_id,
            "eventSourceARN": stream_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": final and self.ends_early,
        }
        return json.dumps(members, ensure_ascii=False).encode()[1:-1]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
