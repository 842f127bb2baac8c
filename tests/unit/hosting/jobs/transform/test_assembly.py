"""What is sent of records, and what is written of answers."""

from collections.abc import Callable

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.transform.assembly import Assembly
from hosting.jobs.transform.columns import RowError
from hosting.jobs.transform.request import CreateTransformJob

RequestWith = Callable[..., CreateTransformJob]
RECORDS = [b"id-1,3,x", b"id-2,4,y"]


def assembly(request_with: RequestWith, **processing: str) -> Assembly:
    return Assembly.of(request_with(DataProcessing=processing))


def test_records_and_answers_are_passed_on_as_they_are(request_with: RequestWith) -> None:
    plain = assembly(request_with)
    assert plain.payload([b'"1","\xff"', b"2"]) == b'"1","\xff"\n2'
    assert plain.output(RECORDS, b"\xff\n1\n") == b"\xff\n1\n"


@pytest.mark.parametrize(
    ("assembled", "answer", "written"),
    [("Line", b"1", b"1\n"), ("Line", b"1\n", b"1\n"), ("None", b"1", b"1")],
)
def test_assembled_by_line_an_answer_ends_with_a_newline(
    request_with: RequestWith, assembled: str, answer: bytes, written: bytes
) -> None:
    output = {"S3OutputPath": "s3://a/b", "AssembleWith": assembled}
    plain = Assembly.of(request_with(TransformOutput=output))
    assert plain.output(RECORDS, answer) == written


def test_a_filter_chooses_what_is_sent(request_with: RequestWith) -> None:
    assert assembly(request_with, InputFilter="$[1:]").payload(RECORDS) == b"3,x\n4,y"


def test_a_filter_chooses_what_is_kept(request_with: RequestWith) -> None:
    kept = assembly(request_with, OutputFilter="$[1]")
    assert kept.output(RECORDS, b"0,0.5\n1,0.7\n") == b"0.5\n0.7\n"


@pytest.mark.parametrize(
    ("output_filter", "written"),
    [("$", b"id-1,3,x,0.5\nid-2,4,y,0.7\n"), ("$[0,3:]", b"id-1,0.5\nid-2,0.7\n")],
)
def test_an_answer_is_joined_with_the_whole_record(
    request_with: RequestWith, output_filter: str, written: bytes
) -> None:
    # "the joined input data is followed by the transformed data" (the guide)
    joined = assembly(
        request_with, InputFilter="$[1:]", JoinSource="Input", OutputFilter=output_filter
    )
    assert joined.output(RECORDS, b"0.5\n0.7\n") == written


def test_an_answer_of_another_length_cannot_be_joined(request_with: RequestWith) -> None:
    joined = assembly(request_with, JoinSource="Input")
    with pytest.raises(RowError, match="1 lines were answered to 2 records"):
        joined.output(RECORDS, b"0.5\n")


def test_an_expression_that_is_not_read_is_told_by_its_member(request_with: RequestWith) -> None:
    with pytest.raises(InvalidRequestError, match=r"DataProcessing\.OutputFilter: .*'\$\.id'"):
        assembly(request_with, OutputFilter="$.id")
