"""From a submission to an application, and what becomes of one that comes again.

Plain functions: time and request are handed in, nothing is stored here (store, intake).
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from etl.answers import is_blank, read_answers
from etl.problem import InvalidSubmissionError
from etl.submission import Submission
from riskstack.contract.application import REQUIRED, Answers, Application, Channel, Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import from_item

SUPERSEDED = "superseded_sha256"
"""The attribute with the digests of what was corrected, so that a late retry undoes nothing."""

_DECIDED = (
    "score",
    "band",
    "priority",
    "reasons",
    "decided_by",
    "decided_at",
    "model_version",
    "rules_version",
)


class ConflictError(Exception):
    """A reference is taken by another application: send the new one under a new reference."""

    def __init__(self, application_id: str, status: str, message: str) -> None:
        super().__init__(message)
        self.application_id = application_id
        self.status = status


def application_id(channel: Channel, reference: str) -> str:
    """Derive the id of an application, so that the same submission twice is one application."""
    found = hashlib.sha256(f"{channel}\0{reference}".encode()).digest()
    return f"app-{base64.b32encode(found).decode().lower()[:26]}"


def is_application_id(text: str) -> bool:
    """Tell whether a text can be the id of an application."""
    return re.fullmatch("app-[a-z2-7]{26}", text) is not None


def application(
    submission: Submission, *, request_id: str, received_at: str, min_confidence: float
) -> Application:
    """Make version 1 of an application from a submission.

    Without a reference the request's id stands in. Absent required answers and doubtful ones are
    open questions, and a doubtful answer is left out: those below `min_confidence` (0 to 1), and
    those that the adapter doubts.

    Raises:
        InvalidSubmissionError: names every answer that cannot be true.
    """
    given = {
        question: answer
        for question, answer in submission.answers.items()
        if not is_blank(answer.value)
    }
    confidence = {
        # DynamoDB takes no number below 1e-130
        question: round(answer.confidence, 6)
        for question, answer in given.items()
        if answer.confidence is not None
    }
    doubtful = submission.doubtful | {
        question for question, sure in confidence.items() if sure < min_confidence
    }
    answers, impossible = read_answers(
        {question: answer.value for question, answer in given.items() if question not in doubtful}
    )
    if problems := sorted({*submission.problems, *impossible}):
        raise InvalidSubmissionError(problems)
    open_questions = tuple(
        question
        for question, answer in asdict(answers).items()
        if question in doubtful or (answer is None and question in REQUIRED)
    )
    reference = submission.reference or request_id
    return Application(
        application_id=application_id(submission.channel, reference),
        channel=submission.channel,
        status=Status.INCOMPLETE if open_questions else Status.RECEIVED,
        version=1,
        source_ref=reference,
        raw_sha256=submission.raw_sha256,
        received_at=received_at,
        answers=answers,
        open_questions=open_questions,
        field_confidence=confidence,
    )


def correction(item: Mapping[str, Any], again: Application) -> Transition | None:
    """Decide on an application whose reference came again; `item` is what is stored.

    `None` is a retry: it says what is stored, or what was corrected since. Otherwise the
    application is incomplete and takes the new answers.

    Raises:
        ConflictError: it says something else, and the application is no longer incomplete, or it
            is another person's.
        MalformedItemError: what is stored is no application.
    """
    stored = from_item(item)
    superseded = item.get(SUPERSEDED, [])
    if again.raw_sha256 in {stored.raw_sha256, *superseded} or _says(again) == _says(stored):
        return None
    if stored.status is not Status.INCOMPLETE:
        raise ConflictError(
            stored.application_id,
            stored.status,
            f"the reference belongs to application {stored.application_id}, which has other"
            f" content and is {stored.status}: send a new application under a new reference",
        )
    if _other_person(stored.answers.full_name, again.answers.full_name):
        raise ConflictError(
            stored.application_id,
            stored.status,
            f"the reference belongs to application {stored.application_id}, which has another"
            " applicant: send a new application under a new reference",
        )
    return Transition(
        application_id=stored.application_id,
        version=stored.version,
        before=stored.status,
        after=again.status,
        action="corrected",
        actor=f"channel:{again.channel}",
        at=again.received_at,
        changes={
            "answers": asdict(again.answers),
            "open_questions": list(again.open_questions),
            "field_confidence": dict(again.field_confidence),
            "raw_sha256": again.raw_sha256,
            SUPERSEDED: [*superseded, stored.raw_sha256],
        },
    )


def _says(one: Application) -> tuple[Answers, tuple[str, ...]]:
    return one.answers, one.open_questions


def _other_person(one: str | None, other: str | None) -> bool:
    """Tell whether two names are of two people; a name that is not known is nobody else's."""
    if one is None or other is None:
        return False
    return _name(one) != _name(other)


def _name(text: str) -> str:
    # an accent may be a character of its own
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def status_view(item: Mapping[str, Any]) -> dict[str, object]:
    """Give what the company's own channel services, behind their API key, see of an application.

    Where it stands, which questions are open, and once it is decided the score, by whom and why.
    The answers are left out, but the reasons' texts repeat those that decided ("Monthly income:
    1,234, which raises the risk"), so that a view is not for the public.
    """
    view: dict[str, object] = {
        "application_id": item["application_id"],
        "channel": item["channel"],
        "status": item["status"],
        "version": int(item["version"]),
        "received_at": item["received_at"],
        "updated_at": item.get("updated_at", item["received_at"]),
        "open_questions": list(item.get("open_questions", [])),
    }
    view |= {name: item[name] for name in _DECIDED if name in item}
    if "score" in view:
        view["score"] = float(item["score"])
    return view
