from collections.abc import Callable

import pytest

from etl.channels import mail_batch
from etl.problem import InvalidSubmissionError
from etl.request import Request
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Channel

MakeRequest = Callable[..., Request]
Adapt = Callable[..., tuple[Submission, ...]]

HEADER = "batch_id;operator_id;keyed_at;doc_id;name;age;income"
ROW = "b-1;{};2026-03-02;{};{}"


@pytest.fixture
def batch(request_of: MakeRequest) -> Adapt:
    """Read a file of rows (operator, document, cells)."""

    def adapt(*rows: tuple[str, str, str], header: str = HEADER) -> tuple[Submission, ...]:
        lines = [header, *(ROW.format(*row) for row in rows)]
        return mail_batch.adapt(request_of("\r\n".join(lines), "text/csv"))

    return adapt


def test_what_two_operators_keyed_alike_is_an_answer(batch: Adapt) -> None:
    (submission,) = batch(
        ("op-1", "doc-1", "Ana Silva;30;1.234,50"), ("op-2", "doc-1", "Ana  Silva;30,0;1234,5")
    )
    assert submission.channel is Channel.MAIL
    assert submission.reference == "doc-1"
    assert submission.doubtful == frozenset()
    assert submission.answers == {
        "full_name": RawAnswer("Ana Silva"),
        "age": RawAnswer("30"),
        "income": RawAnswer("1.234,50"),
    }


def test_what_they_keyed_differently_or_only_once_is_doubtful(batch: Adapt) -> None:
    (submission,) = batch(("op-1", "doc-1", "Ana;30;100"), ("op-2", "doc-1", "Ana;36;"))
    assert submission.doubtful == {"age", "income"}


def test_what_both_left_out_is_no_answer_and_no_doubt(batch: Adapt) -> None:
    (submission,) = batch(("op-1", "doc-1", "Ana;30;"), ("op-2", "doc-1", "Ana;30;-"))
    assert "income" not in submission.answers
    assert submission.doubtful == frozenset()


def test_a_document_keyed_by_one_operator_is_all_doubtful(batch: Adapt) -> None:
    (submission,) = batch(("op-1", "doc-1", "Ana;30;"))
    assert submission.doubtful == {"full_name", "age"}
    # twice by the same person is still once, and the later row counts
    (again,) = batch(("op-1", "doc-1", "Ana;30;"), ("op-1", "doc-1", "Ana;31;"))
    assert again.doubtful == {"full_name", "age"}
    assert again.answers["age"] == RawAnswer("31")


def test_a_third_operator_must_agree_with_both(batch: Adapt) -> None:
    rows = [("op-1", "doc-1", "Ana;30;5"), ("op-2", "doc-1", "Ana;30;5")]
    assert batch(*rows, ("op-3", "doc-1", "Ana;30;5"))[0].doubtful == frozenset()
    assert batch(*rows, ("op-3", "doc-1", "Ana;31;5"))[0].doubtful == {"age"}


def test_what_both_find_impossible_is_left_for_the_reader_to_refuse(batch: Adapt) -> None:
    (submission,) = batch(("op-1", "doc-1", "Ana;300;"), ("op-2", "doc-1", "Ana;300;"))
    assert submission.answers["age"] == RawAnswer("300")
    assert submission.doubtful == frozenset()


def test_each_document_is_a_submission_in_the_order_of_the_file(batch: Adapt) -> None:
    rows = [
        ("op-1", "doc-2", "Ana;30;"),
        ("op-1", "doc-1", "Eva;31;"),
        ("op-2", "doc-1", "Eva;31;"),
        ("op-2", "doc-2", "Ana;30;"),
    ]
    submissions = batch(*rows)
    assert [one.reference for one in submissions] == ["doc-2", "doc-1"]
    # a document's digest does not depend on the others
    assert batch(rows[1], rows[2])[0].raw_sha256 == submissions[1].raw_sha256
    assert submissions[0].raw_sha256 != submissions[1].raw_sha256


def test_a_byte_order_mark_and_either_delimiter_are_taken(request_of: MakeRequest) -> None:
    text = (
        'batch_id,operator_id,keyed_at,doc_id,name,income\nb,1,t,d,"Silva, Ana","1234,5"\n\n'
        'b,2,t,d,"Silva, Ana",1234.50\n'
    )
    for body in (text.encode(), text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode()):
        (submission,) = mail_batch.adapt(request_of(body, "text/csv"))
        assert submission.answers == {
            "full_name": RawAnswer("Silva, Ana"),
            "income": RawAnswer("1234,5"),
        }
        assert submission.doubtful == frozenset()


def test_columns_are_known_in_any_case_and_unknown_ones_left_alone(batch: Adapt) -> None:
    header = "Batch_ID;OPERATOR_ID;keyed_at;Doc_Id; Last Name ;first_name;remarks"
    (submission,) = batch(
        ("op-1", "doc-1", "Silva;Ana;torn"), ("op-2", "doc-1", "Silva;Ana;"), header=header
    )
    assert submission.answers == {"full_name": RawAnswer("Ana Silva")}


def test_the_words_of_the_data_set_are_columns(batch: Adapt) -> None:
    header = "batch_id;operator_id;keyed_at;doc_id;Records;Time;age"
    rows = [(operator, "doc-1", "no;36;") for operator in ("op-1", "op-2")]
    (submission,) = batch(*rows, header=header)
    assert submission.answers == {"bad_record": RawAnswer("no"), "term": RawAnswer("36")}
    assert submission.doubtful == frozenset()


def test_two_columns_for_one_question_that_differ_are_doubtful(batch: Adapt) -> None:
    header = "batch_id;operator_id;keyed_at;doc_id;age;age in years;debt"
    rows = [(operator, "doc-1", "30;31;") for operator in ("op-1", "op-2")]
    assert batch(*rows, header=header)[0].doubtful == {"age"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "body: lacks the columns batch_id, operator_id, keyed_at, doc_id"),
        ("batch_id;keyed_at;doc_id;age", "body: lacks the columns operator_id"),
        ("batch_id;operator_id;keyed_at;doc_id", "body: has no column for any question"),
        (f"{HEADER};age", "age: is a column twice"),
        (HEADER, "body: holds no documents"),
        (f"{HEADER}\nb;op;t;doc;Ana;30", "body: has 6 cells at line 2; expected 7"),
        (f"{HEADER}\nb;op;t;doc;Ana;30;5;6", "body: has 8 cells at line 2; expected 7"),
        (f"{HEADER}\nb;op;t;;Ana;30;5", "doc_id at line 2: is empty"),
        (f"{HEADER}\nb; ;t;doc;Ana;30;5", "operator_id at line 2: is empty"),
        (f'{HEADER}\nb;op;t;doc;"Ana"x;30;5', "body: is not CSV at line 2"),
        (f"{HEADER}\nb;op;t;doc;{'x' * 200_000};30;5", "body: is not CSV at line 2"),
    ],
)
def test_what_is_no_batch_is_refused(request_of: MakeRequest, text: str, problem: str) -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        mail_batch.adapt(request_of(text, "text/csv"))
    assert str(refused.value) == problem


def test_a_batch_that_cannot_be_taken_in_time_is_refused(batch: Adapt) -> None:
    rows = [("op-1", f"doc-{number}", "Ana;30;") for number in range(201)]
    assert len(batch(*rows[:200])) == 200
    with pytest.raises(InvalidSubmissionError, match="more than 200 documents: split it"):
        batch(*rows)
