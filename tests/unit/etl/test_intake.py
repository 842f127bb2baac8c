from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from etl.core import ConflictError
from etl.intake import BusyError, Intake, Outcome, UnknownApplicationError
from etl.problem import InvalidSubmissionError
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Application, Channel
from riskstack.contract.decision import Transition
from riskstack.contract.record import to_item

NOW = datetime(2026, 3, 1, 9, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
COMPLETE = {
    "full_name": "Ana Silva",
    "age": 30,
    "seniority": 4,
    "expenses": 45,
    "bad_record": False,
    "amount": 900,
    "price": 1500,
    "term": 36,
}


class Shelf:
    """A store in memory, in which others may be faster: `meanwhile` runs before each change."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.meanwhile: list[Callable[[], object]] = []

    def create(self, application: Application, attributes: Mapping[str, object]) -> bool:
        if application.application_id in self.items:
            return False
        self.items[application.application_id] = to_item(application) | dict(attributes)
        return True

    def read(self, application_id: str) -> Mapping[str, Any] | None:
        return self.items.get(application_id)

    def change(self, transition: Transition) -> bool:
        if self.meanwhile:
            self.meanwhile.pop()()
        item = self.items[transition.application_id]
        if item["version"] != transition.version:
            return False
        changes: dict[str, Any] = dict(transition.changes)
        given = {name: answer for name, answer in changes["answers"].items() if answer is not None}
        item |= {**changes, "answers": given, "status": transition.after}
        item["version"] += 1
        return True


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def intake(shelf: Shelf) -> Intake:
    return Intake(shelf, min_confidence=0.8, retention=timedelta(days=365))


def submission(digest: str = "digest-1", **answers: object) -> Submission:
    return Submission(
        channel=Channel.WEBFORM,
        reference="ref-1",
        raw_sha256=digest,
        answers={name: RawAnswer(value) for name, value in {**COMPLETE, **answers}.items()},
    )


def test_a_new_application_is_created(intake: Intake, shelf: Shelf) -> None:
    outcome = intake.take(submission(), "request-1", NOW)
    (item,) = shelf.items.values()
    assert outcome == Outcome("created", item["application_id"], "received", ())
    assert item["received_at"] == item["updated_at"] == "2026-03-01T07:00:00.123+00:00"
    expires = datetime.fromtimestamp(item["expires_at"], UTC)
    assert expires == datetime(2027, 3, 1, 7, 0, 0, tzinfo=UTC)


def test_the_same_submission_again_changes_nothing(intake: Intake, shelf: Shelf) -> None:
    first = intake.take(submission(age=None), "request-1", NOW)
    before = {key: dict(item) for key, item in shelf.items.items()}
    again = intake.take(submission(age=None), "request-2", NOW + timedelta(days=1))
    assert again == Outcome("repeated", first.application_id, "incomplete", ("age",))
    assert shelf.items == before


def test_a_repeat_tells_the_present_status(intake: Intake, shelf: Shelf) -> None:
    first = intake.take(submission(), "request-1", NOW)
    shelf.items[first.application_id] |= {"status": "in_review", "version": 2}
    assert intake.take(submission(), "request-1", NOW).status == "in_review"


def test_a_correction_completes_an_application(intake: Intake, shelf: Shelf) -> None:
    first = intake.take(submission(age=None), "request-1", NOW)
    outcome = intake.take(submission("digest-2"), "request-2", NOW)
    assert outcome == Outcome("corrected", first.application_id, "received", ())
    assert shelf.items[first.application_id]["version"] == 2


def test_a_correction_that_lost_a_race_is_decided_anew(intake: Intake, shelf: Shelf) -> None:
    first = intake.take(submission(age=None), "request-1", NOW)
    faster = submission("digest-2", age=None, term=None)
    shelf.meanwhile = [lambda: intake.take(faster, "request-2", NOW)]
    outcome = intake.take(submission("digest-3"), "request-3", NOW)
    item = shelf.items[first.application_id]
    assert outcome.action == "corrected"
    assert item["version"] == 3
    assert item["superseded_sha256"] == ["digest-1", "digest-2"]


def test_a_correction_that_lost_to_a_complete_one_is_a_conflict(
    intake: Intake, shelf: Shelf
) -> None:
    intake.take(submission(age=None), "request-1", NOW)
    shelf.meanwhile = [lambda: intake.take(submission("digest-2"), "request-2", NOW)]
    with pytest.raises(ConflictError):
        intake.take(submission("digest-3", age=31), "request-3", NOW)


def test_an_application_that_others_keep_changing_is_busy(intake: Intake, shelf: Shelf) -> None:
    first = intake.take(submission(age=None), "request-1", NOW)

    def bump() -> None:
        shelf.items[first.application_id]["version"] += 1

    shelf.meanwhile = [bump] * 100
    with pytest.raises(BusyError, match=f"{first.application_id} is being changed"):
        intake.take(submission("digest-2"), "request-2", NOW)


def test_an_application_that_is_gone_when_it_is_read_is_created(
    intake: Intake, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(shelf, "create", lambda *_: next(answers))
    assert intake.take(submission(), "request-1", NOW).action == "created"


def test_impossible_answers_are_not_kept(intake: Intake, shelf: Shelf) -> None:
    with pytest.raises(InvalidSubmissionError, match="age: is out of range"):
        intake.take(submission(age=200), "request-1", NOW)
    assert shelf.items == {}


def test_reading_keeps_nothing(intake: Intake, shelf: Shelf) -> None:
    assert intake.read(submission(), "request-1", NOW).status == "received"
    assert shelf.items == {}


def test_the_status_is_told(intake: Intake) -> None:
    first = intake.take(submission(), "request-1", NOW)
    assert intake.status(first.application_id)["status"] == "received"


@pytest.mark.parametrize("unknown", ["app-aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "x" * 5000, "\ud800"])
def test_an_unknown_application_is_an_error(intake: Intake, unknown: str) -> None:
    with pytest.raises(UnknownApplicationError):
        intake.status(unknown)
