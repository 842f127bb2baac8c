"""How an application is decided: rules first, then the score. Plain functions, no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from riskstack.contract.application import MOST_MONEY, Answers, Application, Status
from riskstack.contract.decision import Decision, Reason, Source, Transition, decision_changes
from riskstack.contract.features import FEATURES, vector
from router.rules import Assessment, Eligibility, Hit

MONTHS = 12

MOST_RATIO = 100.0 * MOST_MONEY
"""Above that of any debt to any income in cents; a number, as rules and JSON know no infinity."""


class Rules(Protocol):
    """What is asked of a rule set."""

    version: str

    def eligibility(self, facts: dict[str, object]) -> Eligibility:
        """Say whether an application may be considered at all."""

    def assessment(self, facts: dict[str, object], score: float) -> Assessment:
        """Say what a score means."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model said of one application.

    `contributions` are log-odds in the order of `FEATURES`, empty where the image explains nothing.
    """

    score: float
    contributions: Sequence[float]
    model_version: str


def facts(answers: Answers) -> dict[str, object]:
    """Give what the rules may ask: the answers, and what follows from them.

    `debt_ratio` is the debt over a year's income, at most `MOST_RATIO`, which is that of a debt
    without an income; `surplus` is what a month leaves after the expenses and the instalment
    without interest, to the cent. Each is `None` where an answer is missing.
    """
    known = {name: value for name, value in asdict(answers).items() if name != "full_name"}
    debt_ratio = surplus = None
    if answers.income is not None and answers.debt is not None:
        debt_ratio = _ratio(answers.debt, answers.income * MONTHS)
    if (
        answers.income is not None
        and answers.expenses is not None
        and answers.amount is not None
        and answers.term
    ):
        # floats leave a hair of what is covered exactly
        surplus = round(answers.income - answers.expenses - answers.amount / answers.term, 2)
    return {**known, "debt_ratio": debt_ratio, "surplus": surplus}


def _ratio(debt: float, income: float) -> float:
    if not debt:
        return 0.0
    return min(debt / income, MOST_RATIO) if income else MOST_RATIO


def screen(application: Application, rules: Rules) -> Decision | Eligibility:
    """Reject by rules, or say with which priority the application goes on."""
    eligibility = rules.eligibility(facts(application.answers))
    if not eligibility.rejections:
        return eligibility
    return Decision(
        status=Status.REJECTED,
        reasons=_rule_reasons(eligibility.rejections),
        rules_version=rules.version,
    )


def assess(
    application: Application,
    eligibility: Eligibility,
    scored: Scored,
    rules: Rules,
    model_reasons: int,
) -> Decision:
    """Decide an eligible application by its score: for an auditor, or straight through."""
    assessment = rules.assessment(facts(application.answers), scored.score)
    return Decision(
        status=Status.ACCEPTED if assessment.straight_through else Status.IN_REVIEW,
        reasons=(
            *_rule_reasons(eligibility.concerns),
            *_model_reasons(application.answers, scored.contributions, model_reasons),
        ),
        rules_version=rules.version,
        score=scored.score,
        band=assessment.band,
        priority=eligibility.priority,
        model_version=scored.model_version,
    )


def transition(application: Application, decision: Decision, at: str) -> Transition:
    """Give the step that writes a decision; an outcome that no auditor makes is the rules'."""
    changes = decision_changes(decision)
    actor = f"rules:{decision.rules_version}"
    if decision.status is not Status.IN_REVIEW:
        changes |= {"decided_by": actor, "decided_at": at}
    return Transition(
        application_id=application.application_id,
        version=application.version,
        before=application.status,
        after=decision.status,
        action="routed",
        actor=actor,
        at=at,
        changes=changes,
    )


def _rule_reasons(hits: Sequence[Hit]) -> tuple[Reason, ...]:
    return tuple(Reason(Source.RULE, hit.code, hit.text) for hit in hits)


def _model_reasons(answers: Answers, contributions: Sequence[float], most: int) -> list[Reason]:
    """Give the features that raised the risk most, the weightiest first."""
    if len(contributions) != len(FEATURES):
        return []
    ranked = sorted(
        zip(contributions, FEATURES, vector(answers), strict=True), key=lambda part: -part[0]
    )
    return [
        Reason(Source.MODEL, feature.name, f"{feature.sentence(value)}, which raises the risk")
        for contribution, feature, value in ranked[:most]
        if contribution > 0
    ]
