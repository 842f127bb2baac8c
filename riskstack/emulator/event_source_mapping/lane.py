"""One of the lanes of a shard: records of the same items, in order, one batch at a time. Pure.

A shard has as many lanes as its ParallelizationFactor says; an item's records are always in the
same one, so that their order holds whatever happens in the others.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from riskstack.emulator.event_source_mapping import answer as answers
from riskstack.emulator.event_source_mapping.batch import (
    ENVELOPE,
    LARGEST_PAYLOAD,
    Batch,
    fill,
    is_full,
)
from riskstack.emulator.event_source_mapping.outcome import EXHAUSTED, TOO_OLD, Discard, settle
from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.event_source_mapping.window import LARGEST_STATE, Window
from riskstack.emulator.function import Result

NOWHERE = -1
"""Before every record."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a restart must know of a batch that failed: which records, how often, and how."""

    lane: int
    first: int
    last: int
    failures: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Invoke:
    """Invoke the function with a batch; one without records ends its window."""

    lane: int
    batch: Batch
    window: Window | None


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the on-failure destination, where there is one, of records that are given up."""

    lane: int
    discard: Discard


Action = Invoke | Notify


class Lane:
    """What waits, what is tried again, and what is under way."""

    def __init__(
        self,
        number: int,
        settings: Settings,
        *,
        done: int = NOWHERE,
        attempts: Iterable[Attempt] = (),
        window: Window | None = None,
    ) -> None:
        """Take up where a checkpoint left off: nothing up to `done` is delivered again."""
        self.done = done
        self.window = window
        self._number = number
        self._settings = settings
        self._waiting: deque[Record] = deque()
        self._waiting_since = 0.0
        self._again: deque[Batch] = deque()
        self._remembered = deque(sorted(attempts, key=lambda attempt: attempt.first))
        self._discard: Discard | None = None
        self._under_way: Action | None = None
        self._pause_until = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to do, not even to end a window."""
        return not (self._waiting or self._again or self._discard or self._under_way or self.window)

    @property
    def wakes_at(self) -> float | None:
        """When `next` may have something to do without an event before."""
        if self._under_way:
            return None
        if self._again or self._discard:
            return self._pause_until
        if self._waiting:
            return self._waiting_since + self._settings.maximum_batching_window
        return None

    def add(self, record: Record, now: float) -> None:
        """Take a record that was read."""
        if not self._waiting:
            self._waiting_since = now
        self._waiting.append(record)

    def next(self, now: float, *, empty_at: float, ended: bool) -> Action | None:
        """Give what is to be done now, once.

        `empty_at` is up to when everything that came was read, `ended` that no more comes.
        """
        if self._under_way or now < self._pause_until:
            return None
        if not self._again and not self._discard:
            if self._window_is_over(empty_at, ended=ended):
                self._again.append(Batch(()))
            elif self._is_ready(now, ended=ended):
                self._again.append(self._cut(now))
            else:
                return None
        self._under_way = self._head(now)
        return self._under_way

    def settle(
        self, result: Result | None, request_id: str, now: float
    ) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
        """Take the result of the invocation, `None` where the function could not be invoked.

        Give the records that are done, and those that failed.
        """
        action = self._under_way
        assert isinstance(action, Invoke)  # noqa: S101 - nothing else is settled
        batch = action.batch
        if result is None:
            self._under_way = None
            self._retry(now, replace(batch, throttles=batch.throttles + 1))
            return (), ()
        answer = answers.read(result, batch.records, self._settings)
        # not before: nothing overtakes a batch whose answer could not be read
        self._under_way = None
        if not batch.records:
            if answer.first_failure is None:
                self.window = None
            else:
                self._retry(now, replace(batch, failures=batch.failures + 1))
            return (), ()
        if self.window and answer.state is not None:
            self.window = replace(self.window, state=answer.state)
        outcome = settle(batch, answer, self._settings, request_id)
        self._discard = outcome.discard
        self._retry(now, *outcome.retry)
        failed = () if answer.first_failure is None else batch.records[answer.first_failure :]
        return self._mark(outcome.done), failed

    def notified(self) -> tuple[Record, ...]:
        """Take it that the destination knows; give the records that are done with that."""
        action, self._under_way = self._under_way, None
        assert isinstance(action, Notify)  # noqa: S101 - nothing else is told
        return self._mark(action.discard.batch.records)

    def attempts(self) -> Iterator[Attempt]:
        """Give what is to be remembered of batches that failed."""
        tried = list(self._again)
        if self._discard:
            tried.append(self._discard.batch)
        match self._under_way:
            case Invoke(batch=batch) | Notify(discard=Discard(batch=batch)):
                tried.append(batch)
        for batch in tried:
            if batch.failures and batch.records:
                first, last = batch.records[0].number, batch.records[-1].number
                yield Attempt(self._number, first, last, batch.failures, batch.error)
        yield from (one for one in self._remembered if one.first <= one.last)

    def _head(self, now: float) -> Action:
        if self._discard:
            discard, self._discard = self._discard, None
            return Notify(self._number, discard)
        batch = self._again.popleft()
        if batch.records and batch.exhausted(self._settings):
            return Notify(self._number, Discard(batch, EXHAUSTED))
        old = batch.expired(self._settings, now)
        if not old:
            return Invoke(self._number, batch, self.window)
        if old < len(batch.records):
            self._again.appendleft(replace(batch, records=batch.records[old:]))
        return Notify(self._number, Discard(replace(batch, records=batch.records[:old]), TOO_OLD))

    def _window_is_over(self, empty_at: float, *, ended: bool) -> bool:
        if self.window is None:
            return False
        if self._waiting:
            return self.window.ends_early or not self.window.holds(self._waiting[0])
        return ended or self.window.ends_early or empty_at >= self.window.end

    def _is_ready(self, now: float, *, ended: bool) -> bool:
        if not self._waiting:
            return False
        settings = self._settings
        if ended or now >= self._waiting_since + settings.maximum_batching_window:
            return True
        return is_full(self._waiting, settings.batch_size, self._room)

    def _cut(self, now: float) -> Batch:
        settings, first = self._settings, self._waiting[0]
        if settings.tumbling_window and self.window is None:
            self.window = Window.around(first, settings.tumbling_window)
        window = self.window
        while self._remembered and self._remembered[0].last < first.number:
            self._remembered.popleft()
        attempt = self._remembered[0] if self._remembered else None
        inside = attempt is not None and attempt.first <= first.number

        def fits(record: Record) -> bool:
            if window and not window.holds(record):
                return False
            if attempt is None:
                return True
            return record.number <= attempt.last if inside else record.number < attempt.first

        records = fill(self._waiting, settings.batch_size, self._room, fits)
        self._waiting_since = now
        if not attempt or not inside:
            return Batch(records)
        # not all of it may have been read by now
        self._remembered[0] = replace(attempt, first=records[-1].number + 1)
        return Batch(records, attempt.failures, attempt.error)

    @property
    def _room(self) -> int:
        around = ENVELOPE + (LARGEST_STATE if self._settings.tumbling_window else 0)
        return LARGEST_PAYLOAD - around

    def _retry(self, now: float, *batches: Batch) -> None:
        self._again.extendleft(reversed(batches))
        if batches:
            self._pause_until = now + batches[0].pause

    def _mark(self, done: tuple[Record, ...]) -> tuple[Record, ...]:
        if done:
            self.done = done[-1].number
        return done
