"""What a check is, and what can come of it. The checks themselves stand in verdicts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from image_check.seen import Seen


class Level(StrEnum):
    """How much depends on a check."""

    MUST = "must"
    """SageMaker does not work with the image otherwise."""
    SHOULD = "should"
    """It works, until the day on which it matters."""
    CLAIMED = "if claimed"
    """Optional; but an image that claims it, by a label, a path or an option, must keep it."""


class Outcome(StrEnum):
    """What came of a check."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_CHECKED = "not checked"
    NOT_CLAIMED = "not claimed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check, and by what that was seen."""

    outcome: Outcome
    seen: str


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of the contract."""

    id: str
    demand: str
    source: str
    level: Level
    meaning: str
    """What happens on SageMaker where it does not hold."""
    judge: Callable[[Seen], Verdict]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check and its verdict."""

    check: Check
    verdict: Verdict

    @property
    def fails(self) -> bool:
        """Tell whether the demand does not hold."""
        return self.verdict.outcome is Outcome.FAILS

    @property
    def fatal(self) -> bool:
        """Tell whether the image is not fit for SageMaker for this alone."""
        return self.fails and self.check.level is not Level.SHOULD


def holds(seen: str) -> Verdict:
    """The demand is kept."""
    return Verdict(Outcome.HOLDS, seen)


def fails(seen: str) -> Verdict:
    """The demand is not kept."""
    return Verdict(Outcome.FAILS, seen)


def holds_if(condition: bool, seen: str) -> Verdict:  # noqa: FBT001 - the one thing it is about
    """The demand is kept where the condition is true."""
    return holds(seen) if condition else fails(seen)


def not_checked(why: str) -> Verdict:
    """It could not be seen, or something before it failed."""
    return Verdict(Outcome.NOT_CHECKED, why)


def not_claimed(why: str) -> Verdict:
    """The image does not claim this."""
    return Verdict(Outcome.NOT_CLAIMED, why)
