import json

import pytest

from riskstack.emulator.event_source_mapping import Settings
from riskstack.emulator.event_source_mapping.answer import Answer, read
from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.function import Result
from tests.stream_stand import OK, THROWN, change, failing

RECORDS = [Record.of(change("a1", number, 1.5), 2.5) for number in (9, 10, 11)]
NUMBERS = [record.sequence_number for record in RECORDS]
PLAIN = Settings(stream_arn="arn", starting_position="TRIM_HORIZON")
REPORTING = Settings(
    stream_arn="arn", starting_position="TRIM_HORIZON", report_batch_item_failures=True
)
WINDOWED = Settings(
    stream_arn="arn",
    starting_position="TRIM_HORIZON",
    report_batch_item_failures=True,
    tumbling_window=60,
)


def test_the_lowest_of_several_failures_counts() -> None:
    assert read(failing(NUMBERS[2], NUMBERS[1]), RECORDS, REPORTING) == Answer(1)


def test_an_error_is_a_complete_failure_with_its_kind() -> None:
    for settings in (PLAIN, REPORTING, WINDOWED):
        assert read(THROWN, RECORDS, settings) == Answer(0, "Unhandled")


def test_reports_are_read_only_where_they_are_turned_on() -> None:
    assert read(failing(NUMBERS[0]), RECORDS, PLAIN) == Answer()


@pytest.mark.parametrize("payload", [b"", b"null", b"{}", b'{"ok": true}', b"not json"])
def test_without_reports_every_answer_is_a_success(payload: bytes) -> None:
    assert read(Result(payload), RECORDS, PLAIN) == Answer()


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_a_failure_where_reports_are_read(payload: bytes) -> None:
    assert read(Result(payload), RECORDS, REPORTING) == Answer(0)


@pytest.mark.parametrize("failures", ["", {}, "text", 0, False, [[]], [{"itemIdentifier": []}]])
def test_a_list_of_failures_that_is_none_is_a_complete_failure(failures: object) -> None:
    answer = json.dumps({"batchItemFailures": failures}).encode()
    assert read(Result(answer), RECORDS, REPORTING) == Answer(0)


def test_a_state_comes_with_failures_and_without() -> None:
    answer = {"state": {"n": 1}, "batchItemFailures": [{"itemIdentifier": NUMBERS[1]}]}
    assert read(Result(json.dumps(answer).encode()), RECORDS, WINDOWED) == Answer(
        1, state='{"n": 1}'
    )
    assert read(Result(b'{"state": {}}'), RECORDS, WINDOWED) == Answer(state="{}")


def test_a_state_can_be_sent_again_whatever_is_in_it() -> None:
    assert read(Result(b'{"state": {"a": "\\ud800"}}'), RECORDS, WINDOWED) == Answer(
        state='{"a": "?"}'
    )


@pytest.mark.parametrize("answer", [OK, Result(b"{}"), Result(b'{"state": null}'), Result(b"3")])
def test_an_answer_without_a_state_is_a_failure_in_a_window(answer: Result) -> None:
    assert read(answer, RECORDS, WINDOWED) == Answer(0)
