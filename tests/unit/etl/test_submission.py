from etl.problem import Problem
from etl.submission import RawAnswer, gather


def test_answers_are_sorted_by_question_and_other_names_are_left_out() -> None:
    gathered = gather([("LoanAmount", RawAnswer("9000")), ("consent", RawAnswer("on"))])
    assert gathered.answers == {"amount": RawAnswer("9000")}
    assert gathered.problems() == ()


def test_two_different_answers_are_a_problem_that_names_the_question() -> None:
    gathered = gather([("age", RawAnswer("30")), ("Age", RawAnswer("31"))])
    assert gathered.problems() == (
        Problem("age", "was answered twice, differently; expected one answer"),
    )


def test_a_blank_never_displaces_an_answer() -> None:
    for pair in (["", "30"], ["30", ""]):
        gathered = gather(("age", RawAnswer(value)) for value in pair)
        assert gathered.answers == {"age": RawAnswer("30")}
        assert not gathered.conflicts


def test_of_two_equal_answers_the_surer_one_stays() -> None:
    one, other = RawAnswer("1,000", 0.5), RawAnswer("1000", 0.9)
    assert gather([("debt", one), ("debt", other)]).answers == {"debt": other}
    assert gather([("debt", other), ("debt", one)]).answers == {"debt": other}
    assert gather([("debt", RawAnswer("1000")), ("debt", other)]).answers == {
        "debt": RawAnswer("1000")
    }


def test_first_and_last_name_make_the_full_name() -> None:
    parts = [("first_name", RawAnswer("Ana", 0.9)), ("last_name", RawAnswer("Silva", 0.7))]
    assert gather(parts).answers == {"full_name": RawAnswer("Ana Silva", 0.7)}


def test_half_a_name_is_no_name() -> None:
    assert gather([("first_name", RawAnswer("Ana"))]).answers == {}
    assert gather([("first_name", RawAnswer("Ana")), ("last_name", RawAnswer(" "))]).answers == {}


def test_a_full_name_beside_its_parts_must_agree_with_them() -> None:
    parts = [("first_name", RawAnswer("Ana")), ("last_name", RawAnswer("Silva"))]
    assert not gather([*parts, ("full_name", RawAnswer("Ana Silva"))]).conflicts
    assert gather([*parts, ("full_name", RawAnswer("Ana Souza"))]).conflicts == {"full_name"}


def test_two_first_names_are_a_conflict_of_the_full_name() -> None:
    names = [("first_name", RawAnswer("Ana")), ("first_name", RawAnswer("Eva"))]
    assert gather(names).conflicts == {"full_name"}


def test_a_part_of_a_name_that_is_no_text_is_left_for_the_reader_to_refuse() -> None:
    parts = [("first_name", RawAnswer(["Ana"])), ("last_name", RawAnswer("Silva"))]
    assert gather(parts).answers == {"full_name": RawAnswer(["Ana"])}
