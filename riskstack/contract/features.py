"""The feature vector: which numbers the model sees, in which order, and how each reads as a reason.

The order is defined here and nowhere else: training data, requests, constraints and explanations
all come from `FEATURES`. Every feature is numeric, categories are one-hot, a missing answer is an
empty cell, so that any SageMaker image that serves XGBoost can take the vector.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from riskstack.contract.application import Answers, Home, Job, Marital

Value: TypeAlias = float | None


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the vector.

    `risk` says which way the model may go: +1, a higher value never lowers the risk; -1, it never
    raises it; 0, free. `sentence` tells an auditor in words what a value says.
    """

    name: str
    risk: int
    value: Callable[[Answers], Value]
    sentence: Callable[[Value], str]


def _number(name: str, risk: int, words: str) -> Feature:
    """Make the feature of a numeric answer; `words` is what it is, with `{}` for the number."""
    subject = words.partition(":")[0]

    def value(answers: Answers) -> Value:
        answer = getattr(answers, name)
        return None if answer is None else float(answer)

    def sentence(number: Value) -> str:
        return f"{subject} not stated" if number is None else words.format(f"{number:,.10g}")

    return Feature(name, risk, value, sentence)


def _one_hot(name: str, category: StrEnum, words: str) -> Feature:
    """Make the feature that tells one category of an answer from all others."""

    def value(answers: Answers) -> Value:
        answer = getattr(answers, name)
        return None if answer is None else float(answer == category)

    def sentence(flag: Value) -> str:
        if flag is None:
            return f"{name.capitalize()} not stated"
        return words if flag else f"Does not apply: {words[0].lower()}{words[1:]}"

    return Feature(f"{name}={category}", 0, value, sentence)


def _categories() -> Iterator[Feature]:
    for home, words in {
        Home.OWNER: "Lives in an own home",
        Home.RENT: "Lives in a rented home",
        Home.PARENTS: "Lives with the parents",
        Home.PRIVATE: "Lives in a private arrangement",
        Home.OTHER: "Lives in another kind of home",
    }.items():
        yield _one_hot("home", home, words)
    for marital in Marital:
        yield _one_hot("marital", marital, f"Is {marital}")
    for job, words in {
        Job.FIXED: "Has a permanent job",
        Job.PART_TIME: "Has a part-time job",
        Job.FREELANCE: "Works freelance",
        Job.OTHER: "Has another kind of job",
    }.items():
        yield _one_hot("job", job, words)


def _bad_record(answers: Answers) -> Value:
    return None if answers.bad_record is None else float(answers.bad_record)


def _bad_record_sentence(flag: Value) -> str:
    if flag is None:
        return "Earlier loans not stated"
    return "An earlier loan went bad" if flag else "No earlier loan went bad"


FEATURES: tuple[Feature, ...] = (
    _number("seniority", -1, "Years in the present job: {}"),
    _number("term", 0, "Months to pay back: {}"),
    _number("age", 0, "Age: {}"),
    _number("expenses", +1, "Monthly expenses: {}"),
    _number("income", -1, "Monthly income: {}"),
    _number("assets", -1, "Assets: {}"),
    _number("debt", +1, "Debt: {}"),
    _number("amount", +1, "Amount asked for: {}"),
    _number("price", -1, "Price of what it buys: {}"),
    Feature("bad_record", +1, _bad_record, _bad_record_sentence),
    *_categories(),
)


def vector(answers: Answers) -> tuple[Value, ...]:
    """Give the feature vector, shape (len(FEATURES),), in the order of `FEATURES`."""
    return tuple(feature.value(answers) for feature in FEATURES)


def csv_row(values: Sequence[Value]) -> str:
    """Write numbers as one line of text/csv, without a line end; `None` is an empty cell."""
    return ",".join("" if value is None else format(value, ".10g") for value in values)
