"""The rules of a review: which transition a claim or a decision is, and what forbids it.

Pure: the case, the auditor and the time are handed in. Each rule gives `None` where the auditor has
done this very step already, so that a second click changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from console.case import Case
from console.words import actor
from riskstack.contract.application import Status
from riskstack.contract.decision import Transition

Verdict: TypeAlias = Literal[Status.ACCEPTED, Status.REJECTED]

NOTE_LIMIT = 1000

UNCLAIMED = "attribute_not_exists(#claimed_by)"
"""What must hold of the item, beside its version, when a claim is written."""

_CLAIMED = "{} was first and is reviewing this application."


class StepRefusedError(ValueError):
    """The step is not possible as things stand: say why, and show the application again."""


class InvalidNoteError(ValueError):
    """The note is empty or too long: ask for another."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who wants a step (`auditor:<name>`), having looked at which version, and when."""

    actor: str
    shown: int
    at: datetime


def claim(case: Case, attempt: Attempt) -> Transition | None:
    """Take an application for review.

    Raises:
        StepRefusedError: it is decided, claimed by another, not in review, or has changed.
    """
    _refuse_unless_in_review(case)
    if case.claimed_by == attempt.actor:
        return None
    if case.claimed_by is not None:
        raise StepRefusedError(_CLAIMED.format(actor(case.claimed_by)))
    changes = {"claimed_by": attempt.actor, "claimed_at": _timestamp(attempt.at)}
    return _transition(case, attempt, Status.IN_REVIEW, "claimed", changes)


def decide(case: Case, attempt: Attempt, verdict: Verdict, note: str) -> Transition | None:
    """Accept or reject an application that the auditor has claimed.

    The version alone guards the claim that was read here: every step counts it up.

    Raises:
        StepRefusedError: it is decided, not claimed by this auditor, not in review, or has changed.
    """
    kept = (case.decided_by, case.application.status, case.note)
    if kept == (attempt.actor, verdict, note):
        return None
    _refuse_unless_in_review(case)
    if case.claimed_by is None:
        raise StepRefusedError("Claim this application before you decide it.")
    if case.claimed_by != attempt.actor:
        raise StepRefusedError(_CLAIMED.format(actor(case.claimed_by)))
    changes = {
        "decided_by": attempt.actor,
        "decided_at": _timestamp(attempt.at),
        "note": note,
    }
    return _transition(case, attempt, verdict, "decided", changes)


def checked_note(text: str) -> str:
    """Give a note as it is kept: one kind of line end, no blanks around it.

    Raises:
        InvalidNoteError: nothing is left, or more than `NOTE_LIMIT` characters.
    """
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not 0 < len(note) <= NOTE_LIMIT:
        raise InvalidNoteError(f"Give your reasons in a note of 1 to {NOTE_LIMIT:,} characters.")
    return note


def _refuse_unless_in_review(case: Case) -> None:
    status = case.application.status
    if status in (Status.ACCEPTED, Status.REJECTED):
        decider = actor(case.decided_by or "somebody")
        raise StepRefusedError(f"This application is already {status}, decided by {decider}.")
    if status is not Status.IN_REVIEW:
        raise StepRefusedError(f"This application is not in review, it is {status}.")


def _transition(
    case: Case, attempt: Attempt, after: Status, action: str, changes: Mapping[str, str]
) -> Transition:
    application = case.application
    if application.version != attempt.shown:
        raise StepRefusedError("This application has changed since you opened it: look again.")
    return Transition(
        application_id=application.application_id,
        version=attempt.shown,
        before=application.status,
        after=after,
        action=action,
        actor=attempt.actor,
        at=_timestamp(attempt.at),
        changes=changes,
    )


def _timestamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
