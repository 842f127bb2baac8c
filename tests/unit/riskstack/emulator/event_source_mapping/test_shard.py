import gc
import json
import sys
from typing import Any

import pytest

from riskstack.emulator.event_source_mapping import Checkpoint, Counters, Settings
from riskstack.emulator.event_source_mapping import answer as answer_module
from riskstack.emulator.event_source_mapping import shard as shard_module
from riskstack.emulator.event_source_mapping.answer import Answer
from riskstack.emulator.event_source_mapping.lane import Attempt, Invoke, Notify
from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.event_source_mapping.shard import Shard
from riskstack.emulator.event_source_mapping.window import Window
from riskstack.emulator.function import Result
from tests.stream_stand import (
    OK,
    STREAM_ARN,
    THROWN,
    Case,
    change,
    each_case,
    failing,
    run_by_rules,
)

NOW = 1_000_000.0


def make_settings(**changes: Any) -> Settings:  # noqa: ANN401 - any setting
    return Settings(**{"stream_arn": STREAM_ARN, "starting_position": "TRIM_HORIZON", **changes})


def make_shard(
    checkpoint: Checkpoint | None = None,
    not_before: float = 0.0,
    **changes: Any,  # noqa: ANN401 - any setting
) -> Shard:
    settings = make_settings(**changes)
    return Shard(settings, checkpoint or Checkpoint(), Counters(), not_before)


def page(names: str, first: int = 1, arrived: float = NOW) -> list[dict[str, Any]]:
    return [change(name, first + place, arrived) for place, name in enumerate(names.split())]


def invoked(shard: Shard, now: float = NOW) -> Invoke:
    """Give the one invocation that is due."""
    (action,) = shard.due(now)
    assert isinstance(action, Invoke)
    return action


def numbers(action: Invoke) -> list[int]:
    return [record.number for record in action.batch.records]


@each_case
def test_the_case_holds_over_the_rules(case: Case) -> None:
    case.check(run_by_rules(case))


def test_an_action_is_given_once_and_nothing_overtakes_it() -> None:
    shard = make_shard(batch_size=2)
    shard.read(page("a1 b1 c1"), NOW)
    assert numbers(invoked(shard)) == [1, 2]
    assert shard.due(NOW) == []
    shard.settle(0, OK, "r", NOW)
    assert numbers(invoked(shard)) == [3]


def test_the_checkpoint_stands_before_the_lowest_record_that_is_not_done() -> None:
    shard = make_shard(parallelization_factor=10)
    shard.read(page("a1 b1 a2 b2"), NOW)
    first, second = shard.due(NOW)
    lanes = {first.lane: first, second.lane: second}
    assert isinstance(first, Invoke)
    behind = first if numbers(first) == [1, 3] else second
    (other,) = (action for action in lanes.values() if action is not behind)
    shard.settle(other.lane, OK, "r", NOW)
    kept = shard.checkpoint
    assert kept.sequence_number is None
    assert kept.done == ((other.lane, 4),)
    again = make_shard(kept, parallelization_factor=10)
    again.read(page("a1 b1 a2 b2"), NOW)
    assert numbers(invoked(again)) == [1, 3]
    again.settle(behind.lane, OK, "r", NOW)
    assert int(again.checkpoint.sequence_number or 0) == 4
    assert again.checkpoint.done == ()


def test_with_another_factor_what_is_not_sure_is_delivered_again() -> None:
    attempt = Attempt(1, 1, 1, 3, None)
    kept = Checkpoint(None, factor=2, done=((0, 2),), attempts=(attempt,))
    shard = make_shard(kept, parallelization_factor=1)
    shard.read(page("a1 b1"), NOW)
    batch = invoked(shard).batch
    assert ([record.number for record in batch.records], batch.failures) == ([1, 2], 0)


def test_failures_are_remembered_over_a_restart_and_so_is_what_was_given_up() -> None:
    settings: dict[str, Any] = {"maximum_retry_attempts": 1, "batch_size": 2}
    shard = make_shard(**settings)
    shard.read(page("a1 b1 c1"), NOW)
    invoked(shard)
    shard.settle(0, THROWN, "r", NOW)
    again = make_shard(shard.checkpoint, **settings)
    again.read(page("a1 b1 c1"), NOW)
    assert invoked(again).batch.failures == 1
    again.settle(0, THROWN, "r", NOW)
    last = make_shard(again.checkpoint, **settings)
    last.read(page("a1 b1 c1"), NOW)
    (action,) = last.due(NOW)
    assert isinstance(action, Notify)
    assert (action.discard.batch.failures, action.discard.batch.error) == (2, "Unhandled")
    last.notified(0)
    assert numbers(invoked(last)) == [3]


def test_a_retry_pauses_and_the_shard_says_until_when() -> None:
    shard = make_shard()
    shard.read(page("a1"), NOW)
    for pause in (0.1, 0.2, 0.4):
        at = shard.wakes_at or NOW
        invoked(shard, at)
        assert shard.wakes_at is None
        shard.settle(0, THROWN, "r", at)
        assert shard.due(at) == []
        assert shard.wakes_at == pytest.approx(at + pause)


def test_a_batching_window_gathers_until_it_is_over_or_the_batch_is_full() -> None:
    shard = make_shard(batch_size=3, maximum_batching_window=60)
    shard.read(page("a1"), NOW)
    shard.read(page("b1", 2), NOW + 59)
    assert shard.due(NOW + 59.9) == []
    assert shard.wakes_at == NOW + 60
    assert numbers(invoked(shard, NOW + 60)) == [1, 2]
    shard.settle(0, OK, "r", NOW + 60)
    shard.read(page("c1 d1 e1 f1", 3), NOW + 61)
    assert numbers(invoked(shard, NOW + 61)) == [3, 4, 5]
    shard.settle(0, OK, "r", NOW + 61)
    shard.end()
    assert numbers(invoked(shard, NOW + 61)) == [6]


def test_a_batch_is_cut_at_six_megabytes_and_flushed_there() -> None:
    large = page("a1 b1 c1 d1 e1")
    for one in large:
        one["dynamodb"]["NewImage"]["blob"] = {"S": "x" * 2_000_000}
    shard = make_shard(maximum_batching_window=300)
    shard.read(large, NOW)
    assert numbers(invoked(shard)) == [1, 2, 3]
    shard.settle(0, OK, "r", NOW)
    assert shard.due(NOW) == []
    assert numbers(invoked(shard, NOW + 300)) == [4, 5]


def test_records_are_read_ahead_up_to_a_limit() -> None:
    shard = make_shard(batch_size=1)
    shard.read(page(" ".join(["a1"] * 999)), NOW)
    assert shard.has_room
    shard.read(page("a1", 1000), NOW)
    assert not shard.has_room
    invoked(shard)
    shard.settle(0, OK, "r", NOW)
    assert shard.has_room


@pytest.mark.parametrize(
    ("batch_size", "factor", "expected"), [(1, 1, 100), (100, 1, 200), (100, 10, 1000)]
)
def test_a_page_is_large_enough_for_every_lane(batch_size: int, factor: int, expected: int) -> None:
    assert make_shard(batch_size=batch_size, parallelization_factor=factor).page == expected


def test_large_records_are_read_ahead_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_module, "LARGEST_BACKLOG", 500)
    shard = make_shard()
    shard.read(page("a1 b1"), NOW)
    assert not shard.has_room
    invoked(shard)
    shard.settle(0, OK, "r", NOW)
    assert shard.has_room


def test_sequence_numbers_compare_as_numbers() -> None:
    events = page("a1 b1", 9)
    for event, number in zip(events, ("9", "10"), strict=True):
        event["dynamodb"]["SequenceNumber"] = number
    shard = make_shard(Checkpoint("8"))
    shard.read(events, NOW)
    assert numbers(invoked(shard)) == [9, 10]
    shard.settle(0, OK, "r", NOW)
    shard.read(events, NOW)
    assert shard.due(NOW) == []
    assert shard.checkpoint.sequence_number == "10"


def test_a_shard_is_finished_when_it_has_ended_and_all_is_done() -> None:
    shard = make_shard()
    shard.read(page("a1"), NOW)
    shard.end()
    assert not shard.finished
    invoked(shard)
    shard.settle(0, OK, "r", NOW)
    assert shard.finished
    assert shard.checkpoint == Checkpoint(f"{1:021}", finished=True)


def test_the_old_part_of_a_batch_is_given_up_and_the_rest_is_delivered() -> None:
    """As AWS did in localstack's test_kinesis_maximum_record_age_exceeded_discard_records."""
    shard = make_shard(maximum_record_age=60, maximum_retry_attempts=0)
    shard.read([*page("a1", 1, NOW - 80), *page("b1 c1", 2)], NOW)
    (action,) = shard.due(NOW)
    assert isinstance(action, Notify)
    assert [record.number for record in action.discard.batch.records] == [1]
    shard.notified(0)
    assert numbers(invoked(shard)) == [2, 3]


def test_throttled_records_are_given_up_when_they_are_too_old() -> None:
    shard = make_shard(maximum_record_age=60, maximum_retry_attempts=0)
    shard.read(page("a1"), NOW)
    now = NOW
    for _ in range(5):
        invoked(shard, now)
        shard.settle(0, None, "r", now)
        now += 10
    (action,) = shard.due(NOW + 60)
    assert isinstance(action, Notify)
    assert action.discard.condition == "RecordAgeExceeded"
    assert action.discard.batch.failures == 0


def test_without_a_maximum_age_a_record_is_tried_for_a_day() -> None:
    shard = make_shard()
    shard.read(page("a1", arrived=NOW - 3 * 86400), NOW)
    invoked(shard)
    shard.settle(0, THROWN, "r", NOW)
    assert numbers(invoked(shard, NOW + 86399)) == [1]
    shard.settle(0, THROWN, "r", NOW + 86399)
    (action,) = shard.due(NOW + 86400)
    assert isinstance(action, Notify)
    assert action.discard.condition == "RecordAgeExceeded"


def test_records_before_the_beginning_pass_by() -> None:
    shard = make_shard(not_before=NOW)
    shard.read([*page("a1", 1, NOW - 1), *page("b1", 2)], NOW)
    assert numbers(invoked(shard)) == [2]


def test_what_happens_is_counted() -> None:
    shard = make_shard(
        batch_size=2,
        maximum_retry_attempts=0,
        filters=(Pattern.read('{"eventName": ["INSERT"]}'),),
        report_batch_item_failures=True,
        on_failure_arn="arn:aws:sqs:r:1:q",
    )
    counters = shard._counters
    shard.read(page("a1 a2 b1 c1"), NOW)
    invoked(shard)
    shard.settle(0, failing(f"{3:021}"), "r", NOW + 2)
    (action,) = shard.due(NOW + 2)
    assert isinstance(action, Notify)
    shard.notified(0)
    invoked(shard, NOW + 3.5)
    shard.settle(0, OK, "r", NOW + 9)
    assert counters.values() == {
        "PolledEventCount": 4,
        "FilteredOutEventCount": 1,
        "InvokedEventCount": 3,
        "FailedInvokeEventCount": 1,
        "DroppedEventCount": 1,
        "OnFailureDestinationDeliveredEventCount": 1,
        "IteratorAge": 3500.0,
    }


def test_what_stands_in_its_lane_grows_older_with_every_attempt() -> None:
    shard = make_shard()
    shard.read(page("a1"), NOW)
    for age in (1, 50, 900):
        invoked(shard, NOW + age)
        shard.settle(0, THROWN, "r", NOW + age)
        assert shard._counters.values()["IteratorAge"] == age * 1000


def test_an_answer_that_breaks_the_rules_lets_nothing_overtake_its_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(*_: object) -> Answer:
        raise RuntimeError

    monkeypatch.setattr(answer_module, "read", read)
    shard = make_shard(batch_size=1)
    shard.read(page("a1 a2"), NOW)
    invoked(shard)
    with pytest.raises(RuntimeError):
        shard.settle(0, OK, "r", NOW)
    assert shard.due(NOW + 10) == []
    assert shard.checkpoint == Checkpoint()


def test_what_is_done_behind_a_lane_that_stands_takes_no_more_room() -> None:
    shard = make_shard(parallelization_factor=10)
    events = page("a1 b1")
    for event in events:
        event["dynamodb"]["NewImage"]["blob"] = {"S": "x" * 100_000}
    shard.read(events, NOW)
    del events, event
    first, second = shard.due(NOW)
    body = second.batch.records[0].body if isinstance(second, Invoke) else b""
    assert len(body) > 100_000
    shard.settle(second.lane, OK, "r", NOW)
    del first, second
    gc.collect()
    # this function, and the call that counts
    assert sys.getrefcount(body) == 2


def with_state(**state: Any) -> Result:  # noqa: ANN401 - any JSON
    return Result(json.dumps({"state": state}).encode())


def windowed(**changes: Any) -> Shard:  # noqa: ANN401 - any setting
    return make_shard(**{"tumbling_window": 100, **changes})


def test_a_window_ends_when_a_record_of_the_next_comes() -> None:
    shard = windowed()
    shard.read([*page("a1 b1"), *page("c1", 3, NOW + 100)], NOW)
    first = invoked(shard)
    assert numbers(first) == [1, 2]
    assert first.window == Window(1_000_000, 100)
    shard.settle(0, with_state(count=2), "r", NOW)
    final = invoked(shard)
    assert final.window == Window(1_000_000, 100, '{"count": 2}')
    assert numbers(final) == []
    shard.settle(0, with_state(), "r", NOW)
    following = invoked(shard)
    assert (following.window, numbers(following)) == (Window(1_000_100, 100), [3])


def test_a_window_ends_when_its_time_is_over_and_nothing_was_left_to_read() -> None:
    shard = windowed()
    shard.read(page("a1"), NOW)
    invoked(shard)
    shard.settle(0, with_state(count=1), "r", NOW)
    shard.read([], NOW + 99)
    assert shard.due(NOW + 101) == []
    shard.read([], NOW + 100)
    assert numbers(invoked(shard, NOW + 100)) == []


def test_a_window_ends_though_only_what_passes_no_filter_comes_after_it() -> None:
    shard = windowed(filters=(Pattern.read('{"eventName": ["INSERT"]}'),))
    shard.read(page("a1"), NOW)
    invoked(shard)
    shard.settle(0, with_state(count=1), "r", NOW)
    shard.read(page("a2", 2, NOW + 99), NOW + 99)
    assert shard.due(NOW + 99) == []
    shard.read(page("a3", 3, NOW + 100), NOW + 100)
    assert numbers(invoked(shard, NOW + 100)) == []


def test_a_final_invocation_that_fails_is_tried_until_it_succeeds() -> None:
    shard = windowed(maximum_retry_attempts=0)
    shard.read(page("a1"), NOW)
    invoked(shard)
    shard.settle(0, with_state(count=1), "r", NOW)
    shard.end()
    at = NOW
    for answer in (THROWN, None, Result(b"{}"), THROWN):
        assert numbers(invoked(shard, at)) == []
        shard.settle(0, answer, "r", at)
        assert not shard.finished
        at = shard.wakes_at or at
    invoked(shard, at)
    shard.settle(0, with_state(), "r", at)
    assert shard.finished


def test_a_state_that_is_too_large_ends_the_window_early() -> None:
    shard = windowed(batch_size=1)
    shard.read(page("a1 b1"), NOW)
    invoked(shard)
    shard.settle(0, with_state(text="x" * 2**20), "r", NOW)
    final = invoked(shard)
    assert numbers(final) == []
    assert final.window
    assert b'"isWindowTerminatedEarly": true' in final.window.members("s", "arn", final=True)
    shard.settle(0, with_state(), "r", NOW)
    assert invoked(shard).window == Window(1_000_000, 100)


def test_an_answer_without_state_is_a_failure() -> None:
    shard = windowed(maximum_retry_attempts=0)
    shard.read(page("a1"), NOW)
    invoked(shard)
    shard.settle(0, Result(b"{}"), "r", NOW)
    (action,) = shard.due(NOW)
    assert isinstance(action, Notify)


def test_the_state_of_a_window_survives_a_restart() -> None:
    shard = windowed(batch_size=1)
    shard.read(page("a1 b1"), NOW)
    invoked(shard)
    shard.settle(0, with_state(count=1), "r", NOW)
    again = Shard(make_settings(tumbling_window=100), shard.checkpoint, Counters())
    again.read(page("b1", 2), NOW)
    assert invoked(again).window == Window(1_000_000, 100, '{"count": 1}')


def test_partial_failures_keep_the_state_that_came_with_them() -> None:
    shard = windowed(report_batch_item_failures=True)
    shard.read(page("a1 b1"), NOW)
    invoked(shard)
    failures = [{"itemIdentifier": f"{2:021}"}]
    answer = {"state": {"count": 1}, "batchItemFailures": failures}
    shard.settle(0, Result(json.dumps(answer).encode()), "r", NOW)
    again = invoked(shard, NOW + 1)
    assert numbers(again) == [2]
    assert again.window == Window(1_000_000, 100, '{"count": 1}')
