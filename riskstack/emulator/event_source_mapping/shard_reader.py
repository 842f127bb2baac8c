"""The loop of one shard: reads it, lets its lanes work, keeps its checkpoint.

What follows from what stands in shard; here are the stream, the clock and the threads.
"""

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from riskstack.emulator.event_source_mapping.lane import Action, Invoke, Notify
from riskstack.emulator.event_source_mapping.notice import Place
from riskstack.emulator.event_source_mapping.payload import payload
from riskstack.emulator.event_source_mapping.record import to_event_record
from riskstack.emulator.event_source_mapping.settings import TRIM_HORIZON
from riskstack.emulator.event_source_mapping.shard import Shard
from riskstack.emulator.event_source_mapping.source import RECONNECT_PAUSE, Source
from riskstack.emulator.function import NotInvokedError, Result

BASE_RATE = 0.25
"""Seconds between polls of an idle shard: AWS polls four times a second."""
BUSY_RATE = 0.002
"""Seconds between polls of a shard that had records a moment ago."""
BUSY_FOR = 1.0
"""How long that moment is, in seconds."""
SAVE_RATE = 0.1
"""Seconds between checkpoints; what is done in between is delivered again after a kill."""
LOST_ITERATOR = {"ExpiredIteratorException", "TrimmedDataAccessException"}


class ShardReader:
    """Reads one shard in a thread of its own, and works in as many more as the shard has lanes."""

    def __init__(
        self,
        source: Source,
        shard_id: str,
        *,
        position: str = TRIM_HORIZON,
        not_before: float = 0.0,
    ) -> None:
        """Take where to begin where there is no checkpoint, and what to pass by."""
        self._source = source
        self._shard_id = shard_id
        self._position = position
        self._place = Place(source.function_arn, source.settings.stream_arn, shard_id)
        self._saved = source.checkpoints.read(shard_id)
        self._shard = Shard(source.settings, self._saved, source.counters, not_before)
        # held for every look at the shard; waited on for room in it
        self._turn = threading.Condition()
        self._lanes = ThreadPoolExecutor(
            source.settings.parallelization_factor, thread_name_prefix=f"lane of {shard_id}"
        )
        self._broken = threading.Event()
        self._last_record = float("-inf")
        self._last_save = float("-inf")

    def run(self) -> None:
        """Read until the shard is done or the mapping stops; end after what is under way.

        It ends too where a lane breaks: whoever starts it again has it go on from the checkpoint.
        """
        with self._lanes:
            iterator = self._source.patiently(self._iterator)
            while iterator and not self._is_over:
                iterator = self._read(iterator)
            if not self._is_over:
                self._end()
        with self._turn:
            self._save(at_once=True)
        if self._broken.is_set():
            self._source.stopping.wait(RECONNECT_PAUSE)

    def wake(self) -> None:
        """Look at once whether the mapping stops."""
        with self._turn:
            self._turn.notify_all()

    @property
    def _is_over(self) -> bool:
        return self._source.stopping.is_set() or self._broken.is_set()

    def _read(self, iterator: str) -> str | None:
        """Read a page, when it is time, and give the iterator of the next."""
        source = self._source
        if not self._wait_for_room():
            return iterator
        asked = source.clock()
        try:
            page = source.streams.get_records(ShardIterator=iterator, Limit=self._shard.page)
        except (BotoCoreError, ClientError) as error:
            return self._go_on_behind(error)
        self._take(page["Records"], asked)
        if not page["Records"]:
            self._rest(asked)
        return page.get("NextShardIterator")

    def _take(self, records: Sequence[Mapping[str, Any]], asked: float) -> None:
        arn = self._source.settings.stream_arn
        events = [to_event_record(record, arn) for record in records]
        with self._turn:
            if events:
                self._last_record = self._source.clock()
            self._shard.read(events, self._last_record if events else asked)
            self._work()

    def _rest(self, now: float) -> None:
        """Wait until the next poll, or until the shard wakes."""
        busy = now - self._last_record < BUSY_FOR
        until = now + (BUSY_RATE if busy else BASE_RATE)
        with self._turn:
            wakes_at = self._shard.wakes_at
        if wakes_at is not None:
            until = min(until, wakes_at)
        self._source.stopping.wait(max(0.0, until - self._source.clock()))
        with self._turn:
            self._work()

    def _wait_for_room(self) -> bool:
        with self._turn:
            while not self._shard.has_room and not self._is_over:
                self._sleep()
            return not self._is_over

    def _end(self) -> None:
        with self._turn:
            self._shard.end()
            self._work()
            while not self._shard.finished and not self._is_over:
                self._sleep()

    def _sleep(self) -> None:
        """Wait, the turn given away, for a lane to come back or for the shard to wake."""
        now = self._source.clock()
        until = min(self._shard.wakes_at or now + BASE_RATE, now + BASE_RATE)
        self._turn.wait(max(0.0, until - now))
        self._work()

    def _work(self, *, failed: bool = False) -> None:
        """Keep what is done, and start what is due; whoever calls has the turn."""
        self._save(at_once=failed)
        if self._is_over:
            return
        for action in self._shard.due(self._source.clock()):
            self._lanes.submit(self._perform, action)

    def _save(self, *, at_once: bool) -> None:
        now = self._source.clock()
        if not at_once and now - self._last_save < SAVE_RATE:
            return
        checkpoint = self._shard.checkpoint
        if checkpoint == self._saved:
            return
        self._last_save = now
        try:
            self._source.checkpoints.write(self._shard_id, checkpoint)
        except OSError as error:
            # what is not kept is delivered again after a restart
            self._source.logger.error("a checkpoint cannot be kept", extra={"cause": str(error)})
        else:
            self._saved = checkpoint

    def _perform(self, action: Action) -> None:
        try:
            if isinstance(action, Invoke):
                self._invoke(action)
            else:
                self._notify(action)
        except Exception:
            # nobody else would hear of it, and the lane would hold its items back for ever
            self._source.logger.exception("a lane broke; the shard goes on from its checkpoint")
            with self._turn:
                self._broken.set()
                self._turn.notify_all()

    def _invoke(self, action: Invoke) -> None:
        source, window = self._source, action.window
        members = b""
        if window:
            final = not action.batch.records
            members = window.members(self._shard_id, source.settings.stream_arn, final=final)
        request_id = str(uuid.uuid4())
        result = self._result(payload(action.batch.records, members), request_id)
        with self._turn:
            failed = self._shard.settle(action.lane, result, request_id, source.clock())
            self._work(failed=failed)
            self._turn.notify_all()

    def _result(self, event: bytes, request_id: str) -> Result | None:
        """Invoke the function; give `None` where that was not possible."""
        source = self._source
        try:
            result = source.invoke(event, request_id)
        except NotInvokedError as error:
            source.logger.warning(
                "the function cannot be invoked now",
                extra={"shard": self._shard_id, "cause": repr(error)},
            )
            return None
        except Exception:
            # a lane that ended here would hold its items back for ever, and silently
            source.logger.exception("the function could not be invoked")
            return None
        if result.error:
            source.logger.error(
                "the function failed",
                extra={
                    "function": source.function_arn,
                    "function_request_id": request_id,
                    # not the message: it may quote what is personal
                    "error_type": _error_type(result),
                },
            )
        return result

    def _notify(self, action: Notify) -> None:
        source, discard = self._source, action.discard
        source.logger.error(
            "records are discarded",
            extra={
                "condition": discard.condition,
                "shard": self._shard_id,
                "first": discard.batch.records[0].sequence_number,
                "count": len(discard.batch.records),
            },
        )

        def tell() -> bool:
            if source.destination:
                now = datetime.fromtimestamp(source.clock(), UTC)
                source.destination.tell(discard, self._place, now)
            return True

        if source.patiently(tell):
            with self._turn:
                self._shard.notified(action.lane)
                self._work()
                self._turn.notify_all()

    def _iterator(self) -> str:
        """Give an iterator that goes on behind what was read, or from the starting position."""
        number = self._shard.read_up_to
        if number is None:
            iterator = self._iterator_at(ShardIteratorType=self._position)
            # LATEST is where the mapping begins, once: what came since is wanted
            self._position = TRIM_HORIZON
            return iterator
        try:
            return self._iterator_at(
                ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=number
            )
        except self._source.streams.exceptions.TrimmedDataAccessException:
            self._source.logger.warning(
                "records behind the checkpoint are trimmed", extra={"shard": self._shard_id}
            )
            return self._iterator_at(ShardIteratorType=TRIM_HORIZON)

    def _iterator_at(self, **position: Any) -> str:  # noqa: ANN401 - as the SDK takes it
        answer = self._source.streams.get_shard_iterator(
            StreamArn=self._source.settings.stream_arn, ShardId=self._shard_id, **position
        )
        return answer["ShardIterator"]

    def _go_on_behind(self, error: Exception) -> str | None:
        """Give a new iterator after an error: what was read is known."""
        source = self._source
        source.logger.warning("the stream does not answer", extra={"cause": str(error)})
        code = error.response["Error"].get("Code") if isinstance(error, ClientError) else None
        if code not in LOST_ITERATOR:
            source.stopping.wait(RECONNECT_PAUSE)
            source.patiently(source.provide)
        return source.patiently(self._iterator)


def _error_type(result: Result) -> object:
    answer = json.loads(result.payload or b"null")
    return answer.get("errorType") if isinstance(answer, dict) else None
