from datetime import UTC, datetime, timedelta, timezone

import pytest

from console import words
from riskstack.contract.application import Answers, Application, Channel, Home, Job, Marital, Status

APPLICATION = Application(
    application_id="app-1",
    channel=Channel.MAIL,
    status=Status.INCOMPLETE,
    version=1,
    source_ref="ref",
    raw_sha256="0" * 64,
    received_at="2026-03-02T08:40:00Z",
    answers=Answers(
        full_name="Ada Example",
        marital=Marital.MARRIED,
        home=Home.PARENTS,
        job=Job.PART_TIME,
        seniority=1,
        term=48,
        income=1250.5,
        amount=1_000_000.0,
        bad_record=True,
    ),
    open_questions=("income", "age"),
    field_confidence={"income": 0.61},
)


def test_every_answer_has_a_row_in_words() -> None:
    rows = {row.label: row for row in words.rows(APPLICATION)}
    assert len(rows) == len(Answers.__dataclass_fields__)
    assert rows["Name"].text == "Ada Example"
    assert rows["Marital status"].text == "married"
    assert rows["Home"].text == "with the parents"
    assert rows["Job"].text == "part-time"
    assert rows["In this job for"].text == "1 year"
    assert rows["To pay back in"].text == "48 months"
    assert rows["Amount asked for"].text == "1,000,000"
    assert rows["Record"].text == "an earlier loan went bad"
    assert rows["Age"] == words.Row("Age", None, None, is_open=True)
    assert rows["Income a month"] == words.Row("Income a month", "1,250.5", 0.61, is_open=True)
    assert rows["Debt"] == words.Row("Debt", None, None, is_open=False)


def test_no_answer_has_no_words() -> None:
    application = Application(
        application_id="app-1",
        channel=Channel.MAIL,
        status=Status.INCOMPLETE,
        version=1,
        source_ref="ref",
        raw_sha256="0" * 64,
        received_at="2026-03-02T08:40:00Z",
        answers=Answers(),
    )
    assert {row.text for row in words.rows(application)} == {None}


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3, minutes=20, seconds=59), "3 h 20 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=2, hours=4, minutes=50), "2 d 4 h"),
    ],
)
def test_a_wait_reads_in_its_two_largest_units(duration: timedelta, text: str) -> None:
    assert words.span(duration) == text


def test_times_are_in_utc() -> None:
    at = datetime(2026, 3, 2, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert words.moment(at) == "1 Mar 2026, 23:05 UTC"
    assert words.moment(datetime(2026, 11, 22, tzinfo=UTC)) == "22 Nov 2026, 00:00 UTC"


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (0.625, "62 %"), (1, "100 %")])
def test_shares_read_as_percentages(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        ("auditor:Grace: H", "Grace: H"),
        ("channel:webform", "Web form"),
        ("channel:telex", "telex"),
        ("rules:v1", "the rules"),
        ("somebody", "somebody"),
    ],
)
def test_an_actor_is_named(actor: str, text: str) -> None:
    assert words.actor(actor) == text


def test_every_status_and_channel_has_words() -> None:
    assert [words.status(status) for status in Status] == [
        "Received",
        "Incomplete",
        "In review",
        "Rejected",
        "Accepted",
    ]
    assert len({words.channel(channel) for channel in Channel}) == len(Channel)
