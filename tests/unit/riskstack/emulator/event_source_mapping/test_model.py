"""Any sequence of good and bad invocations, crashes and restarts, over the rules and a fake stream.

Every record is delivered at least once, the changes of an item first in their order, and none is
tried more often than it may be.
"""

import json
from collections import Counter
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
from riskstack.emulator.event_source_mapping.outcome import EXHAUSTED
from riskstack.emulator.event_source_mapping.shard import Shard
from riskstack.emulator.function import Result
from tests.stream_stand import OK, STREAM_ARN, THROWN, change, failing, name_of

ITEMS = "abcd"
BATCH = 4
VERDICTS = ["good", "throw", "throw", "throw", "partial", "odd", "throttle"]


class Mapping(RuleBasedStateMachine):
    """One shard, its stream, and what its function has seen."""

    @initialize(
        factor=st.sampled_from([1, 2, 3]),
        retries=st.sampled_from([-1, 0, 1, 2]),
        bisect=st.booleans(),
    )
    def begin(self, factor: int, retries: int, bisect: bool) -> None:
        self.settings = Settings(
            stream_arn=STREAM_ARN,
            starting_position="TRIM_HORIZON",
            batch_size=BATCH,
            parallelization_factor=factor,
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
        self.settled: set[int] = set()
        """What succeeded or was given up: to be done, and never needed again."""
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
            assert 1 <= len(places) <= BATCH
            assert places == sorted(set(places))
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
            assert action.discard.condition == EXHAUSTED
            self.given_up |= {record.number for record in action.discard.batch.records}
            self.settled |= self.given_up
            self.shard.notified(lane)
        else:
            self.shard.settle(lane, self.answer(action, verdict, at), "r", self.now)
        self.work()

    def answer(self, action: Invoke, verdict: str, at: int) -> Result | None:
        records = action.batch.records
        first, result = 0, THROWN
        match verdict:
            case "throttle":
                return None
            case "good":
                first, result = len(records), OK
            case "odd":
                result = failing(123)
            case "partial":
                first = at % len(records)
                result = failing(records[first].sequence_number)
        self.settled |= {record.number for record in records[:first]}
        splits = self.settings.bisect_batch_on_function_error and len(records) > 1
        if not (verdict == "throw" and splits):
            self.failed.update(record.number for record in records[first:])
        return result

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
            assert set(range(int(number) + 1)) <= self.settled

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
        self.crash()
        for _ in range(100 * len(self.stream)):
            if int(self.kept.sequence_number or -1) == len(self.stream) - 1:
                break
            self.read(5)
            self.wait(10.0)
            for lane, action in self.under_way.items():
                if isinstance(action, Invoke):
                    self.shard.settle(lane, OK, "r", self.now)
                else:
                    self.shard.notified(lane)
            self.under_way = {}
        assert sorted(self.delivered) == list(range(len(self.stream)))
        self.items_come_in_order()


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
