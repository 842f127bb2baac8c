import json

from riskstack.emulator.event_source_mapping.payload import payload
from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.window import LARGEST_STATE, Window
from tests.stream_stand import change


def record(arrived: float) -> Record:
    return Record.of(change("a1", 1, arrived), arrived)


def test_windows_follow_one_another_without_gaps() -> None:
    window = Window.around(record(119.9), 60)
    assert (window.start, window.end) == (60, 120)
    assert window.holds(record(119.9))
    assert not window.holds(record(120))
    assert Window.around(record(120), 60).start == 120


def test_a_record_that_is_late_belongs_to_the_open_window() -> None:
    assert Window(60, 60).holds(record(59))


def test_a_state_may_have_a_megabyte() -> None:
    quotes = len('""')
    assert not Window(0, 60, json.dumps("x" * (LARGEST_STATE - quotes))).ends_early
    assert Window(0, 60, json.dumps("x" * LARGEST_STATE)).ends_early


def test_an_event_without_a_window_has_records_alone() -> None:
    records = [record(1.0), record(2.0)]
    assert json.loads(payload(records)) == {"Records": [json.loads(one.body) for one in records]}
    assert json.loads(payload([])) == {"Records": []}
