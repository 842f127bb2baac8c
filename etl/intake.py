"""What the function does for its callers: takes submissions, tells how applications stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from etl.core import application, correction, is_application_id, status_view
from etl.submission import Submission
from riskstack.contract.application import Application
from riskstack.contract.decision import Transition

_ATTEMPTS = 10


class UnknownApplicationError(LookupError):
    """There is no such application: ask with an id that a submission was answered with."""


class BusyError(Exception):
    """Others kept changing the application meanwhile: send the same again."""


class Store(Protocol):
    """Where applications are kept; `False` says that another write came first."""

    def create(self, application: Application, attributes: Mapping[str, object]) -> bool:
        """Write a new application, unless it exists."""

    def read(self, application_id: str) -> Mapping[str, Any] | None:
        """Read the item of an application as it is now."""

    def change(self, transition: Transition) -> bool:
        """Write one step, unless the application has another version by now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission; `action` is created, corrected or repeated."""

    action: str
    application_id: str
    status: str
    open_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """The function's work, on a store."""

    store: Store
    min_confidence: float
    retention: timedelta

    def read(self, submission: Submission, request_id: str, at: datetime) -> Application:
        """Make an application without keeping it.

        Raises:
            InvalidSubmissionError: names every answer that cannot be true.
        """
        return application(
            submission,
            request_id=request_id,
            received_at=_timestamp(at),
            min_confidence=self.min_confidence,
        )

    def take(self, submission: Submission, request_id: str, at: datetime) -> Outcome:
        """Keep an application once: create it, correct an incomplete one, or find it there.

        Raises:
            InvalidSubmissionError: names every answer that cannot be true.
            ConflictError: the reference came before with other content.
            BusyError: others changed the application each time.
        """
        new = self.read(submission, request_id, at)
        attributes = {
            "expires_at": int((at + self.retention).timestamp()),
            "updated_at": new.received_at,
        }
        for _ in range(_ATTEMPTS):
            if self.store.create(new, attributes):
                return _outcome("created", new)
            item = self.store.read(new.application_id)
            if item is None:
                continue
            transition = correction(item, new)
            if transition is None:
                return Outcome(
                    "repeated",
                    new.application_id,
                    item["status"],
                    tuple(item.get("open_questions", ())),
                )
            if self.store.change(transition):
                return _outcome("corrected", new)
        raise BusyError(f"application {new.application_id} is being changed: send it again")

    def status(self, application_id: str) -> dict[str, object]:
        """Tell how an application stands.

        Raises:
            UnknownApplicationError: there is none of that id.
        """
        item = self.store.read(application_id) if is_application_id(application_id) else None
        if item is None:
            raise UnknownApplicationError("there is no such application")
        return status_view(item)


def _outcome(action: str, new: Application) -> Outcome:
    return Outcome(action, new.application_id, new.status, new.open_questions)


def _timestamp(at: datetime) -> str:
    """Give ISO 8601 of one width, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
