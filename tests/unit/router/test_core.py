import json
from dataclasses import replace

import pytest

from riskstack.contract.application import MOST_MONEY, Answers, Application, Status
from riskstack.contract.decision import Decision, Reason, Source
from riskstack.contract.features import FEATURES
from router.core import MOST_RATIO, Scored, assess, facts, screen, transition
from router.rules import Assessment, Eligibility, Hit

NOW = "2026-03-01T09:00:01.000+00:00"


class Rules:
    """Rules that say what they were made to say."""

    version = "v1"

    def __init__(self, rejections: tuple[Hit, ...] = (), *, straight_through: bool = False) -> None:
        self._rejections = rejections
        self._straight_through = straight_through

    def eligibility(self, _facts: dict[str, object]) -> Eligibility:
        return Eligibility(self._rejections, "high", (Hit("concern", "A concern"),))

    def assessment(self, _facts: dict[str, object], score: float) -> Assessment:
        return Assessment(f"band of {score}", self._straight_through)


def scored(**contributions: float) -> Scored:
    return Scored(0.3, [contributions.get(f.name, 0.0) for f in FEATURES], "m1")


def test_facts_are_the_answers_and_what_follows_from_them(answers: Answers) -> None:
    known = facts(replace(answers, debt=540.0))
    assert "full_name" not in known
    assert known["age"] == 36
    assert known["debt_ratio"] == pytest.approx(540 / (180 * 12))
    assert known["surplus"] == pytest.approx(180 - 60 - 900 / 36)


@pytest.mark.parametrize("missing", ["income", "expenses", "amount", "term"])
def test_nothing_follows_from_a_missing_answer(answers: Answers, missing: str) -> None:
    assert facts(replace(answers, **{missing: None}))["surplus"] is None


@pytest.mark.parametrize("missing", ["income", "debt"])
def test_without_income_or_debt_stated_there_is_no_ratio(answers: Answers, missing: str) -> None:
    assert facts(replace(answers, **{missing: None}))["debt_ratio"] is None


def test_a_debt_without_income_is_above_any_ratio(answers: Answers) -> None:
    most = facts(replace(answers, income=0.01, debt=float(MOST_MONEY)))["debt_ratio"]
    without = facts(replace(answers, income=0.0, debt=0.01))["debt_ratio"]
    assert isinstance(most, float)
    assert most < MOST_RATIO == without
    assert json.loads(json.dumps(without, allow_nan=False)) == without
    # an income that is next to none, from elsewhere than ETL
    assert facts(replace(answers, income=1e-130, debt=1e12))["debt_ratio"] == MOST_RATIO


def test_no_debt_is_none_of_any_income(answers: Answers) -> None:
    assert facts(replace(answers, income=0.0, debt=0.0))["debt_ratio"] == 0


@pytest.mark.parametrize(("income", "surplus"), [(1000.30, 0), (1000.29, -0.01), (1000.31, 0.01)])
def test_a_surplus_is_told_to_the_cent(answers: Answers, income: float, surplus: float) -> None:
    known = facts(replace(answers, income=income, expenses=900.20, amount=1201.20, term=12))
    assert known["surplus"] == surplus


def test_a_rule_rejects_without_a_score(application: Application) -> None:
    decision = screen(application, Rules((Hit("no", "No"), Hit("nor", "Nor"))))
    assert decision == Decision(
        status=Status.REJECTED,
        reasons=(Reason(Source.RULE, "no", "No"), Reason(Source.RULE, "nor", "Nor")),
        rules_version="v1",
    )


def test_an_eligible_application_goes_on(application: Application) -> None:
    assert screen(application, Rules()) == Rules().eligibility({})


def test_reasons_are_rules_first_then_what_raised_the_risk_most(application: Application) -> None:
    rules = Rules()
    contributions = {"debt": 0.1, "seniority": 0.9, "job=fixed": 0.4, "age": -2.0, "term": 0.2}
    decision = assess(application, rules.eligibility({}), scored(**contributions), rules, 3)
    assert decision.status is Status.IN_REVIEW
    assert (decision.score, decision.band, decision.priority) == (0.3, "band of 0.3", "high")
    assert decision.model_version == "m1"
    assert [reason.code for reason in decision.reasons] == [
        "concern",
        "seniority",
        "job=fixed",
        "term",
    ]
    assert decision.reasons[1].text == "Years in the present job: 9, which raises the risk"


def test_what_lowers_the_risk_is_no_reason(application: Application) -> None:
    rules = Rules()
    decision = assess(application, rules.eligibility({}), scored(age=-1.0), rules, 3)
    assert [reason.code for reason in decision.reasons] == ["concern"]


def test_an_image_that_explains_nothing_gives_no_model_reasons(application: Application) -> None:
    rules = Rules()
    decision = assess(application, rules.eligibility({}), Scored(0.3, [], "m1"), rules, 3)
    assert [reason.source for reason in decision.reasons] == [Source.RULE]


def test_straight_through_acceptance_is_the_rules_decision(application: Application) -> None:
    rules = Rules(straight_through=True)
    decision = assess(application, rules.eligibility({}), scored(), rules, 3)
    step = transition(application, decision, NOW)
    assert step.after is Status.ACCEPTED
    assert step.changes["decided_by"] == "rules:v1"
    assert step.changes["decided_at"] == NOW


def test_a_review_is_decided_by_nobody_yet(application: Application) -> None:
    rules = Rules()
    decision = assess(application, rules.eligibility({}), scored(), rules, 3)
    step = transition(application, decision, NOW)
    assert (step.version, step.before, step.after) == (1, Status.RECEIVED, Status.IN_REVIEW)
    assert "decided_by" not in step.changes
    assert step.changes["score"] == 0.3
