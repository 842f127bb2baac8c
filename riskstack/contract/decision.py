"""What is decided about an application and why. Not: how (router) or by whom (console)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from riskstack.contract.application import SUCCESSORS, Status


class Source(StrEnum):
    """What gave a reason."""

    RULE = "rule"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a plain sentence, with the code that reports count by."""

    source: Source
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome of the rules and the model; `reasons` are ranked, the weightiest first.

    `score` is the probability that the loan goes bad, `None` where a rule spared the model.
    """

    status: Status
    reasons: tuple[Reason, ...]
    rules_version: str
    score: float | None = None
    band: str | None = None
    priority: str | None = None
    model_version: str | None = None


class ForbiddenTransitionError(ValueError):
    """An application cannot go from the one status to the other: read it again and decide anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One step in an application's life, with its audit event.

    `version` is the one that was read, and the write is conditional on it; `changes` are the
    attributes that the step sets beside the status.
    """

    application_id: str
    version: int
    before: Status
    after: Status
    action: str
    actor: str
    at: str
    """ISO 8601, UTC."""
    changes: Mapping[str, object]

    def __post_init__(self) -> None:
        if self.after not in SUCCESSORS[self.before]:
            raise ForbiddenTransitionError(
                f"application {self.application_id} cannot go from {self.before} to {self.after}"
            )


def decision_changes(decision: Decision) -> dict[str, object]:
    """Give the attributes that a decision sets on an application's item."""
    return {
        "score": decision.score,
        "band": decision.band,
        "priority": decision.priority,
        "model_version": decision.model_version,
        "rules_version": decision.rules_version,
        "reasons": reasons_as_items(decision.reasons),
    }


def reasons_as_items(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Give reasons as the list of maps that an item holds."""
    return [{key: str(value) for key, value in asdict(reason).items()} for reason in reasons]
