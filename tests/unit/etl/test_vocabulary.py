import pytest

from etl.answers import QUESTIONS
from etl.vocabulary import category_named, flag_named, option_named, question_named
from riskstack.contract.application import Home, Job, Marital


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_goes_by_its_own_name(question: str) -> None:
    assert question_named(question) == question


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("LoanAmount", "amount"),
        ("loanAmount", "amount"),
        ("loan_amount", "amount"),
        ("LOAN AMOUNT:", "amount"),
        ("Name:", "full_name"),
        ("Monthly income (EUR):", "income"),
        ("first_name", "first_name"),
    ],
)
def test_spelling_does_not_count(name: str, question: str) -> None:
    assert question_named(name) == question


@pytest.mark.parametrize(
    "name", ["", "consent", "Debts", "CoApplicant", "(age)", "time", "records"]
)
def test_what_is_no_question_is_none(name: str) -> None:
    assert question_named(name) is None


@pytest.mark.parametrize(
    ("question", "word", "category"),
    [
        ("home", "priv", Home.PRIVATE),
        ("home", "Home owner", Home.OWNER),
        ("home", "other", Home.OTHER),
        ("job", "partime", Job.PART_TIME),
        ("job", "Part-time", Job.PART_TIME),
        ("job", "partTime", Job.PART_TIME),
        ("job", "others", Job.OTHER),
        ("marital", "widow", Marital.WIDOWED),
        ("marital", "SINGLE", Marital.SINGLE),
        ("marital", "fixed", None),
        ("age", "single", None),
    ],
)
def test_categories_have_synonyms(question: str, word: str, category: object) -> None:
    assert category_named(question, word) is category


def test_a_check_box_is_known_by_its_label_unless_two_questions_have_it() -> None:
    assert option_named("Married:") == ("marital", Marital.MARRIED)
    assert option_named("Part-time") == ("job", Job.PART_TIME)
    assert option_named("Other") is None
    assert option_named("Employed") is None


@pytest.mark.parametrize("word", ["on", "Yes", "TRUE", "1", "x", "ja", "Sí"])
def test_yes(word: str) -> None:
    assert flag_named(word) is True


@pytest.mark.parametrize("word", ["off", "No.", "false", "0", "nein"])
def test_no(word: str) -> None:
    assert flag_named(word) is False


def test_neither_yes_nor_no() -> None:
    assert flag_named("maybe") is None


def test_a_name_without_end_is_none_at_once() -> None:
    assert question_named("(" * 10_000_000) is None
