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
    """Make the feature of a numeric answer; `words` holds `{}` where the number belongs."""
    subject = words.replace("{} ", "")

    def value(answers: Answers) -> Value:
        answer = getattr(answers, name)
        return None if answer is None else float(answer)

    def sentence(number: Value) -> str:
        text = f"No answer: {subject}" if number is None else words.format(f"{number:,.10g}")
        return text[0].upper() + text[1:]

    return Feature(name, risk, value, sentence)


def _one_hot(name: str, category: StrEnum, words: str) -> Feature:
    """Make the feature that tells one category of an answer from all others."""

    def value(answers: Answers) -> Value:
        answer = getattr(answers, name)
        return None if answer is None else float(answer == category)

    def sentence(flag: Value) -> str:
        if flag is None:
            return f"No answer: {name}"
        text = words if flag else f"not: {words}"
        return text[0].upper() + text[1:]

    return Feature(f"{name}={category}", 0, value, sentence)


def _categories() -> Iterator[Feature]:
    for home, words in {
        Home.OWNER: "lives in an own home",
        Home.RENT: "lives in a rented home",
        Home.PARENTS: "lives with the parents",
        Home.PRIVATE: "lives in a private arrangement",
        Home.OTHER: "lives in another kind of home",
    }.items():
        yield _one_hot("home", home, words)
    for marital in Marital:
        yield _one_hot("marital", marital, f"is {marital}")
    for job, words in {
        Job.FIXED: "has a permanent job",
        Job.PART_TIME: "has a part-time job",
        Job.FREELANCE: "works freelance",
        Job.OTHER: "has another kind of job",
    }.items():
        yield _one_hot("job", job, words)


def _bad_record(answers: Answers) -> Value:
    return None if answers.bad_record is None else float(answers.bad_record)


def _bad_record_sentence(flag: Value) -> str:
    if flag is None:
        return "No answer: an earlier loan went bad"
    return "An earlier loan went bad" if flag else "No earlier loan went bad"


FEATURES: tuple[Feature, ...] = (
    _number("seniority", -1, "{} years in the present job"),
    _number("term", 0, "{} months to pay back"),
    _number("age", 0, "{} years of age"),
    _number("expenses", +1, "{} of expenses a month"),
    _number("income", -1, "{} of income a month"),
    _number("assets", -1, "{} of assets"),
    _number("debt", +1, "{} of debt"),
    _number("amount", +1, "{} asked for"),
    _number("price", -1, "{} is the price of what it buys"),
    Feature("bad_record", +1, _bad_record, _bad_record_sentence),
    *_categories(),
)


def vector(answers: Answers) -> tuple[Value, ...]:
    """Give the feature vector, shape (len(FEATURES),), in the order of `FEATURES`."""
    return tuple(feature.value(answers) for feature in FEATURES)


def csv_row(values: Sequence[Value]) -> str:
    """Write numbers as one line of text/csv, without a line end; `None` is an empty cell."""
    return ",".join("" if value is None else format(value, ".10g") for value in values)
