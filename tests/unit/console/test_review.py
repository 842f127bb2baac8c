from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.case import Case
from console.review import (
    NOTE_LIMIT,
    Attempt,
    InvalidNoteError,
    StepRefusedError,
    Verdict,
    checked_note,
    claim,
    decide,
)
from riskstack.contract.application import Answers, Application, Channel, Status
from riskstack.contract.decision import Transition

RECEIVED = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
AT = RECEIVED + timedelta(hours=3)
AT_TEXT = "2026-03-02T11:40:00.000+00:00"
GRACE = Attempt("auditor:Grace", 4, AT)
LINUS = Attempt("auditor:Linus", 4, AT)

CASE = Case(
    application=Application(
        application_id="app-1",
        channel=Channel.PHONE,
        status=Status.IN_REVIEW,
        version=4,
        source_ref="ref",
        raw_sha256="0" * 64,
        received_at=RECEIVED.isoformat(),
        answers=Answers(),
    ),
    received_at=RECEIVED,
)
CLAIMED = replace(CASE, claimed_by="auditor:Grace", claimed_at=AT)


def in_status(case: Case, status: Status, **changes: Any) -> Case:  # noqa: ANN401 - of a case
    return replace(case, application=replace(case.application, status=status), **changes)


def accept(case: Case, attempt: Attempt) -> Transition | None:
    return decide(case, attempt, Status.ACCEPTED, "Checked.")


def test_a_claim_leaves_the_application_in_review() -> None:
    assert claim(CASE, GRACE) == Transition(
        application_id="app-1",
        version=4,
        before=Status.IN_REVIEW,
        after=Status.IN_REVIEW,
        action="claimed",
        actor="auditor:Grace",
        at=AT_TEXT,
        changes={"claimed_by": "auditor:Grace", "claimed_at": AT_TEXT},
    )


@pytest.mark.parametrize("shown", [4, 3])
def test_claiming_ones_own_claim_changes_nothing(shown: int) -> None:
    assert claim(CLAIMED, replace(GRACE, shown=shown)) is None


@pytest.mark.parametrize("step", [claim, accept])
def test_a_claim_keeps_others_away(step: Callable[[Case, Attempt], object]) -> None:
    with pytest.raises(StepRefusedError, match="Grace was first and is reviewing"):
        step(CLAIMED, LINUS)


@pytest.mark.parametrize("verdict", [Status.ACCEPTED, Status.REJECTED])
def test_a_decision_signs_its_verdict(verdict: Verdict) -> None:
    assert decide(CLAIMED, GRACE, verdict, "Checked.") == Transition(
        application_id="app-1",
        version=4,
        before=Status.IN_REVIEW,
        after=verdict,
        action="decided",
        actor="auditor:Grace",
        at=AT_TEXT,
        changes={"decided_by": "auditor:Grace", "decided_at": AT_TEXT, "note": "Checked."},
    )


def test_a_decision_needs_a_claim() -> None:
    with pytest.raises(StepRefusedError, match="Claim this application before"):
        accept(CASE, GRACE)


def test_deciding_the_same_again_changes_nothing() -> None:
    decided = in_status(CLAIMED, Status.ACCEPTED, decided_by="auditor:Grace", note="Checked.")
    assert accept(decided, GRACE) is None


@pytest.mark.parametrize(
    ("verdict", "note", "attempt"),
    [
        (Status.REJECTED, "Checked.", GRACE),
        (Status.ACCEPTED, "Other words.", GRACE),
        (Status.ACCEPTED, "Checked.", LINUS),
    ],
)
def test_a_decision_stands(verdict: Verdict, note: str, attempt: Attempt) -> None:
    decided = in_status(CLAIMED, Status.ACCEPTED, decided_by="auditor:Grace", note="Checked.")
    with pytest.raises(StepRefusedError, match="already accepted, decided by Grace"):
        decide(decided, attempt, verdict, note)


def test_what_the_rules_decided_is_not_for_review() -> None:
    decided = in_status(CASE, Status.REJECTED, decided_by="rules:v1")
    with pytest.raises(StepRefusedError, match="already rejected, decided by the rules"):
        claim(decided, GRACE)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.INCOMPLETE])
@pytest.mark.parametrize("step", [claim, accept])
def test_only_what_is_in_review_can_be_reviewed(
    status: Status, step: Callable[[Case, Attempt], object]
) -> None:
    with pytest.raises(StepRefusedError, match=f"not in review, it is {status}"):
        step(in_status(CASE, status), GRACE)


@pytest.mark.parametrize(("step", "case"), [(claim, CASE), (accept, CLAIMED)])
@pytest.mark.parametrize("shown", [3, 5])
def test_a_step_counts_only_on_the_version_that_was_looked_at(
    step: Callable[[Case, Attempt], object], case: Case, shown: int
) -> None:
    with pytest.raises(StepRefusedError, match="has changed since you opened it"):
        step(case, replace(GRACE, shown=shown))


@pytest.mark.parametrize("text", ["", " \r\n\t", "x" * (NOTE_LIMIT + 1)])
def test_a_note_must_say_something_in_its_limit(text: str) -> None:
    with pytest.raises(InvalidNoteError, match="1 to 1,000 characters"):
        checked_note(text)


def test_a_browsers_line_ends_do_not_count_twice() -> None:
    note = "\n".join(["x"] * (NOTE_LIMIT // 2))
    assert checked_note(note.replace("\n", "\r\n") + "y") == note + "y"


@given(st.text(max_size=NOTE_LIMIT).filter(str.strip))
def test_a_kept_note_survives_a_browsers_text_field(text: str) -> None:
    note = checked_note(text)
    assert note.strip() == note
    assert checked_note(note.replace("\n", "\r\n")) == note
