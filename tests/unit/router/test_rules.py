import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskstack.contract.application import BOUNDS, Answers
from router.core import facts
from router.rules import FOLDER, InvalidRuleError, RuleSet
from seed.dataset import rows

RULES = RuleSet()


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"age": 17}, "under_age", "The applicant is 17 years old; the least age is 18"),
        ({"age": 73}, "over_age", "The applicant would be over 75 when the loan ends"),
        (
            {"amount": 2000.0},
            "amount_above_price",
            "The amount asked for, 2000, is above the price, 1500",
        ),
        (
            {"bad_record": True, "debt": 1100.0},
            "bad_record_with_debt",
            "An earlier loan went bad and the debt is above half of a year's income",
        ),
        (
            {"bad_record": True, "income": 0.0, "expenses": 0.0, "debt": 1_000_000.0},
            "bad_record_with_debt",
            "An earlier loan went bad and the debt is above half of a year's income",
        ),
        (
            {"bad_record": True, "seniority": 0},
            "bad_record_new_job",
            "An earlier loan went bad and the present job is in its first year",
        ),
        (
            {"income": 50.0},
            "income_below_expenses",
            "The expenses are above the income before the loan is paid",
        ),
    ],
)
def test_each_rejection(answers: Answers, changes: dict[str, Any], code: str, text: str) -> None:
    (hit,) = RULES.eligibility(facts(replace(answers, **changes))).rejections
    assert (hit.code, hit.text) == (code, text)


@pytest.mark.parametrize(
    "changes",
    [
        {"age": 18},
        {"age": 72},
        {"amount": 1500.0},
        {"bad_record": True, "debt": 1080.0},
        {"bad_record": True, "debt": 0.0, "income": 0.0, "expenses": 0.0},
        {"bad_record": True, "seniority": 1},
        {"income": 60.0, "amount": 0.01},
        {"income": None, "debt": None, "assets": None},
    ],
)
def test_the_edge_of_each_rejection(answers: Answers, changes: dict[str, Any]) -> None:
    assert RULES.eligibility(facts(replace(answers, **changes))).rejections == ()


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"bad_record": True}, ["bad_record"]),
        ({"amount": 2500.0, "price": 3000.0}, ["large_amount"]),
        ({"amount": 1500.0, "term": 6}, ["tight_budget"]),
        # what covers exactly, and a cent less
        ({"income": 1000.3, "expenses": 900.2, "amount": 1201.2, "term": 12}, []),
        ({"income": 1000.29, "expenses": 900.2, "amount": 1201.2, "term": 12}, ["tight_budget"]),
    ],
)
def test_concerns_give_priority(
    answers: Answers, changes: dict[str, Any], codes: list[str]
) -> None:
    eligibility = RULES.eligibility(facts(replace(answers, **changes)))
    assert [hit.code for hit in eligibility.concerns] == codes
    assert eligibility.priority == ("high" if codes else "normal")


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.0, "low"),
        (0.1499, "low"),
        (0.15, "medium"),
        (0.3999, "medium"),
        (0.4, "high"),
        (1.0, "high"),
    ],
)
def test_bands(answers: Answers, score: float, band: str) -> None:
    assessment = RULES.assessment(facts(answers), score)
    assert assessment.band == band
    assert not assessment.straight_through


def test_the_rules_reject_what_went_bad_more_often_than_not() -> None:
    rejected = [row for row in rows() if RULES.eligibility(facts(row.answers)).rejections]
    share = len(rejected) / 4454
    assert 0.02 < share < 0.15
    assert sum(row.bad for row in rejected) / len(rejected) > 0.5


@pytest.mark.parametrize("bound", [0, 1])
def test_the_rules_can_count_with_every_number_that_is_an_answer(
    answers: Answers, bound: int
) -> None:
    at_bound: dict[str, Any] = {name: bounds[bound] for name, bounds in BOUNDS.items()}
    assert RULES.eligibility(facts(replace(answers, **at_bound))).priority in {"high", "normal"}


def test_the_version_changes_with_a_rule(tmp_path: Path, answers: Answers) -> None:
    for file in FOLDER.glob("*.json"):
        shutil.copy(file, tmp_path)
    assert RuleSet(tmp_path).version == RULES.version
    file = tmp_path / "assessment.json"
    rules = json.loads(file.read_text())
    rules["nodes"][1]["content"]["rules"][0]["out1"] = "true"
    file.write_text(json.dumps(rules))
    changed = RuleSet(tmp_path)
    assert changed.version != RULES.version
    assert changed.assessment(facts(answers), 0.1).straight_through


@pytest.mark.parametrize(
    ("column", "cell"), [("in0", "< < 0.15"), ("out0", "'low"), ("out1", "maybe(")]
)
def test_a_rule_that_cannot_be_read_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    for file in FOLDER.glob("*.json"):
        shutil.copy(file, tmp_path)
    file = tmp_path / "assessment.json"
    rules = json.loads(file.read_text())
    rules["nodes"][1]["content"]["rules"][0][column] = cell
    file.write_text(json.dumps(rules))
    with pytest.raises(InvalidRuleError, match=r"assessment.json, table Bands, rule Little risk"):
        RuleSet(tmp_path)
