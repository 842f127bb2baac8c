from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.answers import QUESTIONS, is_blank, read_answer, read_answers, same
from etl.problem import InvalidSubmissionError, Problem
from riskstack.contract.application import Answers, Home, Job, Marital

HALF_A_CHARACTER = "\ud800"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("question", "raw", "answer"),
    [
        ("full_name", "  Ana   Maria Silva ", "Ana Maria Silva"),
        ("age", 30, 30),
        ("age", "30", 30),
        ("age", 30.0, 30),
        ("age", "30.0", 30),
        ("age", 0, 0),
        ("age", 130, 130),
        ("term", "600", 600),
        ("income", "42,000", 42_000.0),
        ("income", 129, 129.0),
        ("income", 0.1 + 0.2, 0.3),
        ("income", Decimal("12.345"), 12.34),
        ("debt", -0.0, 0.0),
        ("amount", "0.01", 0.01),
        ("bad_record", "on", True),
        ("bad_record", "Nein", False),
        ("bad_record", True, True),
        ("bad_record", 0, False),
        ("home", "priv", Home.PRIVATE),
        ("job", "partime", Job.PART_TIME),
        ("job", "others", Job.OTHER),
        ("marital", "widow", Marital.WIDOWED),
    ],
)
def test_an_answer_is_read(question: str, raw: object, answer: object) -> None:
    read = read_answer(question, raw)
    assert read == answer
    assert type(read) is type(answer)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("blank", [None, "", "  ", "-", "n/a", "N/A", "ignore"])
def test_a_blank_is_no_answer(question: str, blank: object) -> None:
    assert is_blank(blank)
    assert read_answer(question, blank) is None


@pytest.mark.parametrize(
    ("question", "raw", "fault"),
    [
        ("full_name", 7, "is not a text"),
        ("full_name", "x" * 201, "is longer than 200 characters"),
        ("full_name", "Ana\x00Silva", "holds control characters"),
        ("full_name", "Ana\nSilva", "holds control characters"),
        ("full_name", HALF_A_CHARACTER, "holds control characters"),
        ("full_name", "Jos\ufffd", "holds bytes that were not UTF-8: send UTF-8"),
        ("age", -1, "is out of range"),
        ("age", 131, "is out of range"),
        ("age", "thirty", "is not a number"),
        ("age", 30.5, "is not a whole number"),
        ("age", True, "is not a number"),
        ("age", [30], "is not a number"),
        ("seniority", "131", "is out of range"),
        ("term", 0, "is out of range"),
        ("term", 601, "is out of range"),
        ("term", "60 months", "is not a number"),
        ("income", "-1", "is out of range"),
        ("income", -0.001, "is out of range"),
        ("income", float("nan"), "is not a number"),
        ("income", float("inf"), "is not a number"),
        ("income", 10**400, "is out of range"),
        ("income", "9" * 201, "is longer than 200 characters"),
        ("assets", "1\x07", "holds control characters"),
        ("debt", {"value": 1}, "is not a number"),
        ("amount", 0, "is out of range"),
        ("amount", "0.00", "is out of range"),
        ("amount", "-5", "is out of range"),
        ("bad_record", "maybe", "is neither yes nor no"),
        ("bad_record", 2, "is neither yes nor no"),
        ("bad_record", ["yes"], "is neither yes nor no"),
        ("home", "castle", "is not a known answer"),
        ("marital", False, "is not a text"),
        ("job", "x" * 201, "is longer than 200 characters"),
    ],
)
def test_what_cannot_be_true_is_refused(question: str, raw: object, fault: str) -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        read_answer(question, raw)
    (problem,) = refused.value.problems
    assert problem.field == question
    assert problem.problem.startswith(f"{fault}; expected ")


def test_a_problem_says_what_is_expected() -> None:
    expected = {
        "age": "whole years from 0 to 130",
        "home": "one of owner, rent, parents, private, other",
        "amount": "money from 0.01 to 1,000,000,000,000",
        "term": "months from 1 to 600",
        "bad_record": "yes or no",
    }
    _, problems = read_answers(dict.fromkeys(expected, "?"))
    assert {problem.field: problem.problem.split("expected ")[1] for problem in problems} == (
        expected
    )


def test_every_problem_is_collected_and_the_rest_is_read() -> None:
    answers, problems = read_answers({"age": "200", "income": "-5", "term": "36", "x": "left out"})
    assert answers == Answers(term=36)
    assert problems == (
        Problem("age", "is out of range; expected whole years from 0 to 130"),
        Problem("income", "is out of range; expected money from 0 to 1,000,000,000,000"),
    )


def test_the_same_answer_may_be_written_in_two_ways() -> None:
    assert same("income", "1,000", "1000.00")
    assert same("bad_record", "yes", "ja")
    assert same("full_name", "Ana  Silva", "Ana Silva")
    assert not same("income", "1,000", "1,00")


def test_impossible_answers_are_the_same_where_their_texts_are() -> None:
    assert same("age", "Thirty ", "thirty")
    assert not same("age", "thirty", "forty")
    assert not same("age", "thirty", 30)


@given(st.sampled_from(QUESTIONS), json_values)
def test_any_json_is_read_or_refused(question: str, raw: object) -> None:
    try:
        answer = read_answer(question, raw)
    except InvalidSubmissionError as error:
        assert [problem.field for problem in error.problems] == [question]  # noqa: PT017 - or read
    else:
        again = read_answer(question, answer)
        assert again == answer


@given(st.sampled_from(QUESTIONS), st.text(min_size=1))
def test_a_problem_never_repeats_the_value(question: str, raw: str) -> None:
    marked = f"{raw}sentinel"
    if question != "full_name":
        with pytest.raises(InvalidSubmissionError) as refused:
            read_answer(question, marked)
        assert "sentinel" not in str(refused.value)
