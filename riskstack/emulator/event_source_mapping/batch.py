"""A batch: the records that one invocation gets, and how it is cut from what waits."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.settings import FOREVER, Settings

LARGEST_PAYLOAD = 6 * 1024**2
"""Bytes of a synchronous invocation (Lambda developer guide, "Lambda quotas")."""
SEPARATOR = b", "
"""Between two records of an event."""
ENVELOPE = 1024
"""Bytes kept free for what stands around the records."""
RETENTION = 24 * 3600.0
"""Seconds that a DynamoDB stream keeps a record."""
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that one invocation gets, and what became of earlier ones with them."""

    records: tuple[Record, ...]
    failures: int = 0
    """Invocations that used up the retry quota."""
    error: str | None = None
    """The kind of error of the last of them; none where the function reported failed items."""
    throttles: int = 0
    """Times that the function could not be invoked: they use up nothing."""

    @property
    def pause(self) -> float:
        """Seconds to wait before it is tried again."""
        tries = self.failures + self.throttles
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries - 1, 10)) if tries else 0.0

    def exhausted(self, settings: Settings) -> bool:
        """Say whether it has failed as often as it may."""
        return FOREVER < settings.maximum_retry_attempts < self.failures

    def expired(self, settings: Settings, now: float) -> int:
        """Give how many of its records, from the first, are too old to be tried.

        Without a maximum age that is what the stream on AWS would have dropped since it was read:
        an emulator may have kept it for longer before.
        """
        oldest = settings.maximum_record_age
        for place, record in enumerate(self.records):
            since, most = (
                (record.read, RETENTION) if oldest == FOREVER else (record.arrived, oldest)
            )
            if now - since < most:
                return place
        return len(self.records)


def fill(
    waiting: deque[Record], most: int, room: int, fits: Callable[[Record], bool]
) -> tuple[Record, ...]:
    """Take records from the front that fit: at most so many, in at most `room` bytes.

    The first is always taken.
    """
    taken = [waiting.popleft()]
    size = len(taken[0].body)
    while waiting and len(taken) < most and fits(waiting[0]):
        size += len(waiting[0].body) + len(SEPARATOR)
        if size > room:
            break
        taken.append(waiting.popleft())
    return tuple(taken)


def is_full(waiting: Iterable[Record], most: int, room: int) -> bool:
    """Say whether more records would not come into the next batch."""
    size = 0
    for count, record in enumerate(waiting, 1):
        size += len(record.body) + len(SEPARATOR)
        if count >= most or size > room:
            return True
    return False
