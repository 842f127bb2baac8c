import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.event_source_mapping import Settings
from riskstack.emulator.event_source_mapping.answer import Answer
from riskstack.emulator.event_source_mapping.batch import Batch
from riskstack.emulator.event_source_mapping.outcome import EXHAUSTED, Discard, Outcome, settle
from riskstack.emulator.event_source_mapping.record import Record
from tests.stream_stand import change

RECORDS = tuple(Record.of(change("a1", number, 1.5), 2.5) for number in range(10, 15))
THROWN = Answer(0, "Unhandled")


def make_settings(retries: int = -1, *, bisect: bool = False) -> Settings:
    return Settings(
        stream_arn="arn",
        starting_position="TRIM_HORIZON",
        maximum_retry_attempts=retries,
        bisect_batch_on_function_error=bisect,
    )


def test_a_split_halves_what_is_left_and_counts_nothing() -> None:
    outcome = settle(Batch(RECORDS, 1), THROWN, make_settings(1, bisect=True), "r")
    assert outcome == Outcome(retry=(Batch(RECORDS[:2], 1), Batch(RECORDS[2:], 1)))


@pytest.mark.parametrize("bisect", [True, False])
def test_a_partial_failure_is_split_where_it_failed_and_counts(bisect: bool) -> None:
    outcome = settle(Batch(RECORDS), Answer(3), make_settings(1, bisect=bisect), "r")
    assert outcome == Outcome(RECORDS[:3], (Batch(RECORDS[3:], 1),))


def test_what_has_no_attempts_left_is_given_up() -> None:
    outcome = settle(Batch(RECORDS, 2), THROWN, make_settings(2), "r")
    assert outcome == Outcome(discard=Discard(Batch(RECORDS, 3, "Unhandled"), EXHAUSTED, "r"))


@given(
    count=st.integers(1, 5),
    failures=st.integers(0, 10),
    retries=st.integers(-1, 3),
    bisect=st.booleans(),
    first=st.none() | st.integers(0, 4),
    error=st.sampled_from([None, "Unhandled"]),
)
def test_every_record_is_done_tried_again_or_given_up_in_order(
    count: int, failures: int, retries: int, bisect: bool, first: int | None, error: str | None
) -> None:
    records = RECORDS[:count]
    answer = THROWN if error else Answer(None if first is None else first % count)
    outcome = settle(Batch(records, failures), answer, make_settings(retries, bisect=bisect), "r")
    seen = list(outcome.done)
    seen += outcome.discard.batch.records if outcome.discard else ()
    seen += [record for batch in outcome.retry for record in batch.records]
    assert seen == list(records)
    assert not (outcome.discard and outcome.retry)
