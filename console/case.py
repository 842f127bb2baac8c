"""What an auditor sees of one application, read from its item and its audit trail.

Not: how it is worded (words), what may be done with it (review).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskstack.contract.application import Application
from riskstack.contract.decision import Reason, Source
from riskstack.contract.record import MalformedItemError, from_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application with what the rules, the model and the auditors have added to it.

    `score` is the probability that the loan goes bad; times are in UTC.
    """

    application: Application
    received_at: datetime
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    band: str | None = None
    priority: str | None = None
    model_version: str | None = None
    rules_version: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One step of an application's life, from its audit trail."""

    at: datetime
    action: str
    actor: str
    status: str


def read_case(item: Mapping[str, Any]) -> Case:
    """Read a case from an application's item.

    Raises:
        MalformedItemError: an attribute is missing or is not what it must be.
    """
    application = from_item(item)
    try:
        return Case(
            application=application,
            received_at=_moment(application.received_at),
            reasons=tuple(
                Reason(Source(reason["source"]), reason["code"], reason["text"])
                for reason in item.get("reasons", ())
            ),
            score=float(item["score"]) if "score" in item else None,
            band=item.get("band"),
            priority=item.get("priority"),
            model_version=item.get("model_version"),
            rules_version=item.get("rules_version"),
            claimed_by=item.get("claimed_by"),
            claimed_at=_moment(item["claimed_at"]) if "claimed_at" in item else None,
            decided_by=item.get("decided_by"),
            decided_at=_moment(item["decided_at"]) if "decided_at" in item else None,
            note=item.get("note"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedItemError(f"not a case: {error!r}") from error


def read_event(item: Mapping[str, Any]) -> Event:
    """Read one step from its item in the audit trail.

    Raises:
        MalformedItemError: an attribute is missing or is not what it must be.
    """
    try:
        return Event(
            at=_moment(item["at"]),
            action=item["action"],
            actor=item["actor"],
            status=item["status"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedItemError(f"not an audit event: {error!r}") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its time zone")
    return moment
