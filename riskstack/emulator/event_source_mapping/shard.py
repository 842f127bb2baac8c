"""The rules of one shard, as a machine without clock, stream or threads.

In go the pages that were read, the results of invocations and the time; out come what is to be done
(`due`), how long nothing will be (`wakes_at`), and how far the shard is done (`checkpoint`). A
record is done when everything before it in its lane is done; the checkpoint stands where everything
before it in the shard is.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from riskstack.emulator.event_source_mapping import metrics
from riskstack.emulator.event_source_mapping.checkpoint import Checkpoint
from riskstack.emulator.event_source_mapping.lane import NOWHERE, Action, Invoke, Lane
from riskstack.emulator.event_source_mapping.metrics import Counters
from riskstack.emulator.event_source_mapping.record import Event, Record
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.function import Result

LARGEST_BACKLOG = 64 * 1024**2
"""Bytes of records that may wait."""
BATCHES_AHEAD = 2
LEAST_AHEAD = 1000
"""Records that may wait even where batches are small."""
SMALLEST_PAGE, LARGEST_PAGE = 100, 1000
"""Records of a page; AWS gives at most 1000 (botocore, GetRecords)."""


class Shard:
    """What is read of a shard and not yet done, in lanes."""

    def __init__(
        self,
        settings: Settings,
        checkpoint: Checkpoint,
        counters: Counters,
        not_before: float = 0.0,
    ) -> None:
        """Take up where a checkpoint left off; records that arrived before `not_before` pass by."""
        self.read_up_to = checkpoint.sequence_number
        self._settings = settings
        self._counters = counters
        self._not_before = not_before
        self._done_up_to = checkpoint.sequence_number
        # places and their texts alone: what is done behind a lane that stands takes no more room
        self._open: deque[tuple[int, str]] = deque()
        self._done: set[int] = set()
        self._waiting_bytes = 0
        self._empty_at = 0.0
        self._ended = checkpoint.finished
        factor = settings.parallelization_factor
        same = checkpoint.factor == factor
        marks = dict(checkpoint.done) if same else {}
        self._lanes = [
            Lane(
                number,
                settings,
                done=marks.get(number, NOWHERE),
                attempts=[one for one in checkpoint.attempts if same and one.lane == number],
                window=checkpoint.window if settings.tumbling_window else None,
            )
            for number in range(factor)
        ]

    @property
    def finished(self) -> bool:
        """Whether the shard is read to its end and everything in it is done."""
        return self._ended and not self._open and all(lane.is_idle for lane in self._lanes)

    @property
    def has_room(self) -> bool:
        """Whether more records may be read."""
        most = max(self._batches_ahead, LEAST_AHEAD)
        return len(self._open) < most and self._waiting_bytes < LARGEST_BACKLOG

    @property
    def page(self) -> int:
        """How many records to ask for: what gives every lane its work, and soon."""
        return min(LARGEST_PAGE, max(SMALLEST_PAGE, self._batches_ahead))

    @property
    def wakes_at(self) -> float | None:
        """When something is to be done though nothing happens before; `None` for never."""
        return min((at for lane in self._lanes if (at := lane.wakes_at) is not None), default=None)

    @property
    def checkpoint(self) -> Checkpoint:
        """How far the shard is done, with all that a restart needs to go on."""
        behind = int(self._done_up_to) if self._done_up_to is not None else NOWHERE
        return Checkpoint(
            sequence_number=self._done_up_to,
            finished=self.finished,
            factor=self._settings.parallelization_factor,
            done=tuple(
                (number, lane.done) for number, lane in enumerate(self._lanes) if lane.done > behind
            ),
            attempts=tuple(attempt for lane in self._lanes for attempt in lane.attempts()),
            window=self._lanes[0].window,
        )

    def read(self, events: Sequence[Event], now: float) -> None:
        """Take a page; an empty one that was asked for at `now` says that nothing waits."""
        if not events:
            self._empty_at = now
        last = int(self.read_up_to) if self.read_up_to is not None else NOWHERE
        for event in events:
            record = Record.of(event, now)
            if record.number <= last:
                # read again, because an iterator was lost
                continue
            last, self.read_up_to = record.number, record.sequence_number
            self._counters.add(metrics.POLLED, 1)
            self._open.append((record.number, record.sequence_number))
            # everything that arrived before it has been read
            self._empty_at = max(self._empty_at, record.arrived)
            lane = self._lane_of(record)
            if record.number <= lane.done or record.arrived < self._not_before:
                self._done.add(record.number)
            elif not self._passes(event):
                self._counters.add(metrics.FILTERED_OUT, 1)
                self._done.add(record.number)
            else:
                self._waiting_bytes += len(record.body)
                lane.add(record, now)
        self._advance()

    def end(self) -> None:
        """Take it that the shard brings no more records."""
        self._ended = True

    def due(self, now: float) -> list[Action]:
        """Give what is to be done now; each action once, until it is settled or notified."""
        actions = []
        for lane in self._lanes:
            action = lane.next(now, empty_at=self._empty_at, ended=self._ended)
            if action:
                actions.append(action)
                if isinstance(action, Invoke) and action.batch.records:
                    self._counters.add(metrics.INVOKED, len(action.batch.records))
                    self._counters.set_iterator_age(now - action.batch.records[-1].arrived)
        return actions

    def settle(self, lane: int, result: Result | None, request_id: str, now: float) -> bool:
        """Take the result of a lane's invocation, `None` where it could not be invoked.

        Give whether records failed: how often they did is to survive whatever comes.
        """
        done, failed = self._lanes[lane].settle(result, request_id, now)
        self._counters.add(metrics.FAILED, len(failed))
        self._finish(done)
        return bool(failed)

    def notified(self, lane: int) -> None:
        """Take it that a lane's notice is delivered, or that nobody wants it."""
        done = self._lanes[lane].notified()
        self._counters.add(metrics.DROPPED, len(done))
        if self._settings.on_failure_arn is not None:
            self._counters.add(metrics.DELIVERED, len(done))
        self._finish(done)

    @property
    def _batches_ahead(self) -> int:
        settings = self._settings
        return BATCHES_AHEAD * settings.batch_size * settings.parallelization_factor

    def _lane_of(self, record: Record) -> Lane:
        return self._lanes[record.item % len(self._lanes)]

    def _passes(self, event: Event) -> bool:
        filters = self._settings.filters
        return not filters or any(one.matches(event) for one in filters)

    def _finish(self, done: Iterable[Record]) -> None:
        for record in done:
            self._done.add(record.number)
            self._waiting_bytes -= len(record.body)
        self._advance()

    def _advance(self) -> None:
        while self._open and self._open[0][0] in self._done:
            number, self._done_up_to = self._open.popleft()
            self._done.remove(number)
