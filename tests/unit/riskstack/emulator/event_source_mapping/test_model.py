"""Any sequence of good and bad invocations, crashes and restarts, over the rules and a fake stream.

Every record that passes the filters is delivered at least once or grows too old, the changes of an
item first in their order, none is tried more often than it may be, and the state of a window counts
each success once.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from riskstack.emulator.event_source_mapping import Checkpoint, Counters, Settings
from riskstack.emulator.event_source_mapping.lane import Action, Invoke, Notify
from riskstack.emulator.event_source_mapping.outcome import TOO_OLD
from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.event_source_mapping.settings import FOREVER
from riskstack.emulator.event_source_mapping.shard import Shard
from riskstack.emulator.event_source_mapping.window import Window
from riskstack.emulator.function import Result
from tests.stream_stand import STREAM_ARN, THROWN, change, name_of

ITEMS = "abcd"
BATCH = 4
NOT_D = Pattern.read('{"dynamodb": {"Keys": {"application_id": {"S": ["a", "b", "c"]}}}}')
VERDICTS = ["good", "throw", "throw", "throw", "partial", "odd", "throttle"]


class Mapping(RuleBasedStateMachine):
    """One shard, its stream, and what its function has seen."""

    @initialize(
        factor=st.sampled_from([1, 2, 3]),
        retries=st.sampled_from([-1, 0, 1, 2]),
        bisect=st.booleans(),
        gathering=st.sampled_from([0, 5]),
        age=st.sampled_from([FOREVER, 60]),
        window=st.sampled_from([0, 0, 60]),
        filters=st.sampled_from([(), (NOT_D,)]),
        ends_with_crash=st.booleans(),
    )
    def begin(
        self,
        factor: int,
        retries: int,
        bisect: bool,
        gathering: int,
        age: int,
        window: int,
        filters: tuple[Pattern, ...],
        ends_with_crash: bool,
    ) -> None:
        self.ends_with_crash = ends_with_crash
        self.settings = Settings(
            stream_arn=STREAM_ARN,
            starting_position="TRIM_HORIZON",
            batch_size=BATCH,
            maximum_batching_window=gathering,
            # the two exclude each other
            parallelization_factor=1 if window else factor,
            maximum_record_age=age,
            tumbling_window=window,
            filters=filters,
            maximum_retry_attempts=retries,
            bisect_batch_on_function_error=bisect,
            report_batch_item_failures=True,
            on_failure_arn="arn:aws:sqs:eu-central-1:123456789012:q",
        )
        self.now = 1000.0
        self.stream: list[dict[str, Any]] = []
        self.kept = Checkpoint()
        self.counters = Counters()
        self.delivered: list[int] = []
        """Places in the stream, as they were first delivered."""
        self.given_up: set[int] = set()
        self.too_old: set[int] = set()
        self.succeeded: list[int] = []
        self.counted = 0
        """What the states of all windows that ended came to."""
        self.failed: Counter[int] = Counter()
        """Failures of each record that were not a split."""
        self.crash()

    @rule()
    def crash(self) -> None:
        """Lose everything but the checkpoint, with whatever is under way."""
        body = json.loads(json.dumps(self.kept.to_json()))
        self.shard = Shard(self.settings, Checkpoint.from_json(body), self.counters)
        self.under_way: dict[int, Action] = {}

    @rule(items=st.text(ITEMS, min_size=1, max_size=6))
    def put(self, items: str) -> None:
        for item in items:
            place = len(self.stream)
            self.stream.append(change(f"{item}{place}", place, self.now))
        self.read(len(items))

    @rule(size=st.integers(1, 5))
    def read(self, size: int) -> None:
        number = self.shard.read_up_to
        start = 0 if number is None else int(number) + 1
        self.shard.read(self.stream[start : start + size], self.now)
        self.work()

    @rule(again=st.integers(1, 4))
    def lose_the_iterator(self, again: int) -> None:
        """Read something twice, as after an iterator that expired."""
        number = self.shard.read_up_to
        start = 0 if number is None else int(number) + 1
        self.shard.read(self.stream[max(0, start - again) : start], self.now)
        self.work()

    @rule(seconds=st.sampled_from([0.05, 0.2, 10.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.work()

    def work(self) -> None:
        """Keep the checkpoint and start what is due, as the loop does behind every event."""
        self.keep()
        for action in self.shard.due(self.now):
            assert action.lane not in self.under_way
            self.under_way[action.lane] = action
            if isinstance(action, Notify):
                continue
            places = [record.number for record in action.batch.records]
            assert len(places) <= BATCH
            assert places or action.window
            assert places == sorted(set(places))
            assert self.passing.issuperset(places)
            self.delivered += [place for place in places if place not in self.delivered]

    @rule(
        verdicts=st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=8),
        pick=st.integers(0, 5),
        at=st.integers(0, BATCH),
    )
    def go_on(self, verdicts: list[str], pick: int, at: int) -> None:
        """Finish what is under way, one after the other, with all the time that pauses take."""
        for verdict in verdicts:
            self.wait(10.0)
            if not self.under_way:
                self.read(BATCH)
            if self.under_way:
                lane = sorted(self.under_way)[pick % len(self.under_way)]
                self.finish(lane, verdict, at)

    def finish(self, lane: int, verdict: str, at: int) -> None:
        action = self.under_way.pop(lane)
        if isinstance(action, Notify):
            records = action.discard.batch.records
            if action.discard.condition == TOO_OLD:
                age = self.settings.maximum_record_age
                assert all(FOREVER < age <= self.now - record.arrived for record in records)
                self.too_old |= {record.number for record in records}
            else:
                self.given_up |= {record.number for record in records}
            self.shard.notified(lane)
        else:
            self.shard.settle(lane, self.answer(action, verdict, at), "r", self.now)
        self.work()

    def answer(self, action: Invoke, verdict: str, at: int) -> Result | None:
        records, window = action.batch.records, action.window
        if verdict == "throttle":
            return None
        if verdict == "throw":
            first, result = 0, THROWN
        elif not records and window:
            self.counted += count_of(window)
            return answering([], 0)
        else:
            first = {"good": len(records), "partial": at % len(records), "odd": 0}[verdict]
            failed = [123 if verdict == "odd" else one.sequence_number for one in records[first:]]
            result = answering(failed, count_of(window) + first if window else None)
        self.succeeded += [record.number for record in records[:first]]
        splits = self.settings.bisect_batch_on_function_error and len(records) > 1
        if not (verdict == "throw" and splits):
            self.failed.update(record.number for record in records[first:])
        return result

    @property
    def passing(self) -> set[int]:
        """The places of the records that pass the filters."""
        everyone = range(len(self.stream))
        return {
            place
            for place in everyone
            if not self.settings.filters or self.settings.filters[0].matches(self.stream[place])
        }

    def keep(self) -> None:
        before = self.kept.sequence_number
        self.kept = self.shard.checkpoint
        if before is not None:
            assert self.kept.sequence_number is not None
            assert int(self.kept.sequence_number) >= int(before)

    @invariant()
    def nothing_is_passed_over(self) -> None:
        number = self.kept.sequence_number if hasattr(self, "kept") else None
        if number is not None:
            settled = self.given_up | self.too_old | set(self.succeeded)
            assert self.passing.intersection(range(int(number) + 1)) <= settled

    @invariant()
    def a_window_counts_each_success_once(self) -> None:
        if hasattr(self, "settings") and self.settings.tumbling_window:
            # a success that is done never comes again
            assert len(self.succeeded) == len(set(self.succeeded))
            window = self.kept.window
            assert self.counted + (count_of(window) if window else 0) == len(self.succeeded)

    @invariant()
    def items_come_in_order(self) -> None:
        seen: dict[str, int] = {}
        for place in getattr(self, "delivered", ()):
            item = name_of(self.stream[place])[0]
            assert seen.get(item, -1) < place
            seen[item] = place

    @invariant()
    def nothing_is_tried_too_often(self) -> None:
        retries = self.settings.maximum_retry_attempts if hasattr(self, "settings") else -1
        if retries >= 0:
            assert all(times <= retries + 1 for times in self.failed.values())
            assert all(self.failed[place] == retries + 1 for place in self.given_up)

    def teardown(self) -> None:
        """Let everything succeed: the stream comes to its end."""
        if not hasattr(self, "settings"):
            return
        if self.ends_with_crash:
            self.crash()
        for _ in range(100 * len(self.stream)):
            is_done = int(self.kept.sequence_number or -1) == len(self.stream) - 1
            if is_done and not self.kept.window:
                break
            for lane in list(self.under_way):
                self.finish(lane, "good", 0)
            self.read(5)
            self.wait(10.0)
        assert self.passing <= set(self.delivered) | self.too_old
        self.nothing_is_passed_over()
        self.a_window_counts_each_success_once()
        self.items_come_in_order()


def count_of(window: Window) -> int:
    """Give how many successes the state of a window has counted."""
    count: int = json.loads(window.state).get("count", 0)
    return count


def answering(failed: Sequence[object], count: int | None) -> Result:
    """Report failed items, and the new state where there is a window."""
    body: dict[str, Any] = {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
    if count is not None:
        body["state"] = {"count": count}
    return Result(json.dumps(body).encode())


def test_any_sequence_of_events_keeps_the_promises_of_the_mapping() -> None:
    run_state_machine_as_test(
        Mapping,
        settings=settings(
            max_examples=200,
            stateful_step_count=30,
            # the explanation of a failure takes minutes here
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        ),
    )
