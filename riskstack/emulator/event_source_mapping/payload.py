"""The event that a function receives, written from records that are JSON already."""

from collections.abc import Iterable

from riskstack.emulator.event_source_mapping.batch import SEPARATOR
from riskstack.emulator.event_source_mapping.record import Record


def payload(records: Iterable[Record], members: bytes = b"") -> bytes:
    """Write an event; `members` are those that stand beside the records, as JSON."""
    listed = b'{"Records": [' + SEPARATOR.join(record.body for record in records) + b"]"
    return listed + (SEPARATOR + members if members else b"") + b"}"
