"""The words of the channels for the contract's questions and categories."""

import re
from collections.abc import Mapping
from enum import StrEnum

from riskstack.contract.application import Home, Job, Marital

_LONGEST_NAME = 100
FIRST_NAME = "first_name"
LAST_NAME = "last_name"

_QUESTIONS: Mapping[str, str] = {
    "full_name": "full name, name, applicant, applicant name, name of applicant",
    FIRST_NAME: "first name, given name, forename",
    LAST_NAME: "last name, family name, surname",
    "age": "age, age in years",
    "marital": "marital, marital status, civil status",
    "home": "home, housing, residence",
    "job": "job, job type, employment",
    "seniority": "seniority, years in job, years in present job, years employed",
    "income": "income, monthly income",
    "expenses": "expenses, monthly expenses",
    "assets": "assets, total assets",
    "debt": "debt, total debt",
    "bad_record": "bad record, earlier loan went bad, earlier default",
    "amount": "amount, loan amount, amount requested",
    "price": "price, purchase price",
    "term": "term, term months, term in months, months",
}
"""Each question's names; spelling does not count: `loan amount` is also `LOAN_AMOUNT:`."""

# priv, partime, others and widow are the words of the data set
_CATEGORIES: Mapping[str, Mapping[StrEnum, str]] = {
    "home": {
        Home.OWNER: "owner, own, own home, home owner",
        Home.RENT: "rent, rented, rented home, tenant",
        Home.PARENTS: "parents, with parents, parents home",
        Home.PRIVATE: "private, private arrangement, priv",
        Home.OTHER: "other, others, other home",
    },
    "marital": {
        Marital.SINGLE: "single, unmarried",
        Marital.MARRIED: "married",
        Marital.WIDOWED: "widowed, widow, widower",
        Marital.SEPARATED: "separated",
        Marital.DIVORCED: "divorced",
    },
    "job": {
        Job.FIXED: "fixed, permanent, permanent job",
        Job.PART_TIME: "part time, partime, part time job",
        Job.FREELANCE: "freelance, freelancer, self employed",
        Job.OTHER: "other, others, other job",
    },
}
_YES = "on, yes, y, true, t, 1, x, checked, ja, oui, si, sí"
_NO = "off, no, n, false, f, 0, unchecked, nein, non"


def _spelling(text: str) -> str:
    """Reduce a text to what counts: letters and digits, no case, nothing in parentheses."""
    if len(text) > _LONGEST_NAME:
        return ""
    return "".join(sign for sign in re.sub(r"\([^)]*\)", "", text).casefold() if sign.isalnum())


def _spellings(words: str) -> list[str]:
    return [_spelling(word) for word in words.split(",")]


_QUESTION_OF = {
    name: question for question, words in _QUESTIONS.items() for name in _spellings(words)
}
_CATEGORY_OF = {
    (question, name): category
    for question, categories in _CATEGORIES.items()
    for category, words in categories.items()
    for name in _spellings(words)
}
_OPTIONS_OF: dict[str, list[tuple[str, StrEnum]]] = {}
for (_question, _word), _category in _CATEGORY_OF.items():
    _OPTIONS_OF.setdefault(_word, []).append((_question, _category))
_FLAG_OF = dict.fromkeys(_spellings(_YES), True) | dict.fromkeys(_spellings(_NO), False)


def question_named(name: str) -> str | None:
    """Give the question that a form, slot, key or column asks, or `None`.

    Beside the contract's questions there are `first_name` and `last_name`, parts of `full_name`.
    """
    return _QUESTION_OF.get(_spelling(name))


def category_named(question: str, name: str) -> StrEnum | None:
    """Give the category that a word means as the answer to a question, or `None`."""
    return _CATEGORY_OF.get((question, _spelling(name)))


def option_named(name: str) -> tuple[str, StrEnum] | None:
    """Give question and category of a check box's label, or `None` where it is not just one."""
    options = _OPTIONS_OF.get(_spelling(name), ())
    return options[0] if len(options) == 1 else None


def flag_named(name: str) -> bool | None:
    """Give what a word for yes or no means, or `None`."""
    return _FLAG_OF.get(_spelling(name))
