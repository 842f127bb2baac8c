from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.event_source_mapping.batch import LONGEST_PAUSE, Batch, fill, is_full
from riskstack.emulator.event_source_mapping.payload import payload
from riskstack.emulator.event_source_mapping.record import Record
from tests.stream_stand import change

RECORD = Record.of(change("a1", 1, 1.5), 2.5)


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 10), st.integers(1, 120))
def test_batches_hold_all_records_in_order_and_no_more_than_they_may(
    sizes: list[int], most: int, room: int
) -> None:
    waiting = deque(
        replace(RECORD, number=place, body=b"x" * size) for place, size in enumerate(sizes)
    )
    taken = []
    while waiting:
        full = is_full(waiting, most, room)
        batch = fill(waiting, most, room, lambda _record: True)
        event = payload(batch)
        assert len(batch) == 1 or len(event) - len(payload([])) <= room
        assert len(batch) <= most
        assert full or not waiting
        taken += [record.number for record in batch]
    assert taken == list(range(len(sizes)))


def test_a_batch_ends_before_the_first_record_that_does_not_fit() -> None:
    waiting = deque(replace(RECORD, number=number) for number in (1, 2, 5, 3))
    batch = fill(waiting, 100, 10**6, lambda record: record.number < 5)
    assert [record.number for record in batch] == [1, 2]
    assert [record.number for record in waiting] == [5, 3]


def test_the_pause_doubles_up_to_its_longest() -> None:
    pauses = [Batch((), failures).pause for failures in range(4)]
    assert pauses == pytest.approx([0.0, 0.1, 0.2, 0.4])
    assert Batch((), 40).pause == Batch((), throttles=10_000).pause == LONGEST_PAUSE
