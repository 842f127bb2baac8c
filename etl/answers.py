"""Raw answers into the contract's `Answers`: what each question takes, whatever the channel."""

import math
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, LiteralString, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from etl.numerals import number
from etl.problem import InvalidSubmissionError, Problem
from etl.vocabulary import category_named, flag_named
from riskstack.contract.application import MOST_MONEY, Answers, Home, Job, Marital

LONGEST_TEXT = 200
# ignore is the data set's word for an answer that is not known
_NO_ANSWER = {"", "-", "n/a", "ignore"}


def is_blank(value: object) -> bool:
    """Tell whether a raw value says nothing: absent, empty, or a dash on paper."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NO_ANSWER)


def text_fault(text: str) -> LiteralString | None:
    """Say why a text cannot be kept, or `None`: its length, or characters that are none."""
    if len(text) > LONGEST_TEXT:
        return "is longer than 200 characters"
    # Cs: half of a surrogate pair, which JSON can spell and UTF-8 cannot
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        return "holds control characters"
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "holds bytes that were not UTF-8: send UTF-8"
    return None


def _fault(text: LiteralString) -> PydanticCustomError:
    return PydanticCustomError("impossible", text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _fault("is not a text")
    text = value.strip()
    if fault := text_fault(text):
        raise _fault(fault)
    return " ".join(text.split())


def _number(value: object) -> Decimal:
    match value:
        case bool():
            raise _fault("is not a number")
        case int() | Decimal():
            return Decimal(value)
        case float() if math.isfinite(value):
            return Decimal(repr(value))
        case str():
            text = _text(value)
            try:
                return number(text)
            except ValueError:
                raise _fault("is not a number") from None
        case _:
            raise _fault("is not a number")


def _whole(value: object) -> int:
    exact = _number(value)
    if exact != exact.to_integral_value():
        raise _fault("is not a whole number")
    return int(exact)


def _cents(amount: Decimal) -> float:
    return float(round(amount, 2))


def _flag(value: object) -> bool:
    match value:
        case bool():
            return value
        case 0 | 1:
            return bool(value)
        case str():
            flag = flag_named(_text(value))
            if flag is not None:
                return flag
    raise _fault("is neither yes nor no")


def _category(question: str) -> BeforeValidator:
    def read(value: object) -> StrEnum:
        category = category_named(question, _text(value))
        if category is None:
            raise _fault("is not a known answer")
        return category

    return BeforeValidator(read)


_Years: TypeAlias = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=130)]
_Money: TypeAlias = Annotated[
    Decimal, BeforeValidator(_number), Field(ge=0, le=MOST_MONEY), AfterValidator(_cents)
]
_YEARS = "whole years from 0 to 130"
_MONEY = f"money from 0 to {MOST_MONEY:,}"


def _one_of(categories: type[StrEnum]) -> str:
    return f"one of {', '.join(categories)}"


_QUESTIONS: Mapping[str, tuple[Any, str]] = {
    "full_name": (Annotated[str, BeforeValidator(_text)], "a name of at most 200 characters"),
    "age": (_Years, _YEARS),
    "marital": (Annotated[Marital, _category("marital")], _one_of(Marital)),
    "home": (Annotated[Home, _category("home")], _one_of(Home)),
    "job": (Annotated[Job, _category("job")], _one_of(Job)),
    "seniority": (_Years, _YEARS),
    "income": (_Money, _MONEY),
    "expenses": (_Money, _MONEY),
    "assets": (_Money, _MONEY),
    "debt": (_Money, _MONEY),
    "bad_record": (Annotated[bool, BeforeValidator(_flag)], "yes or no"),
    "amount": (Annotated[_Money, Field(ge=0.01)], f"money from 0.01 to {MOST_MONEY:,}"),
    "price": (_Money, _MONEY),
    "term": (Annotated[int, BeforeValidator(_whole), Field(ge=1, le=600)], "months from 1 to 600"),
}
"""What each question takes, as a type and in words."""

QUESTIONS = tuple(_QUESTIONS)

_READERS: Mapping[str, TypeAdapter[Any]] = {
    question: TypeAdapter(kind) for question, (kind, _) in _QUESTIONS.items()
}


def read_answer(question: str, value: object) -> object:
    """Read one answer; a blank one is `None`.

    Raises:
        InvalidSubmissionError: it cannot be true; names the question, what is wrong and what is
            expected.
    """
    if is_blank(value):
        return None
    try:
        return _READERS[question].validate_python(value)
    except ValidationError as error:
        # the first one is the reader's: the checks after it do not run
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        fault = found["msg"] if found["type"] == "impossible" else "is out of range"
        expected = _QUESTIONS[question][1]
        raise InvalidSubmissionError([Problem(question, f"{fault}; expected {expected}")]) from None


def read_answers(values: Mapping[str, object]) -> tuple[Answers, tuple[Problem, ...]]:
    """Read all answers, and give them with the problems of those that cannot be true."""
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for question in QUESTIONS:
        try:
            answers[question] = read_answer(question, values.get(question))
        except InvalidSubmissionError as error:
            problems += error.problems
    return Answers(**answers), tuple(problems)


def same(question: str, one: object, other: object) -> bool:
    """Tell whether two raw values give the same answer: `1,000` and `1000.00` do."""
    return _meaning(question, one) == _meaning(question, other)


def _meaning(question: str, value: object) -> object:
    try:
        return question, read_answer(question, value)
    except InvalidSubmissionError:
        return str(value).casefold().split()
