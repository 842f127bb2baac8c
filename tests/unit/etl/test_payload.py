import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from etl.payload import digest, digest_of_json, json_object, reference, shaped
from etl.problem import InvalidSubmissionError, Problem


class Shape(BaseModel):
    name: str
    parts: list[int]


def test_a_json_object_is_read_with_and_without_a_byte_order_mark() -> None:
    assert json_object(b'{"a": 1}') == json_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe\xfd", b"[" * 100_000, b'{"a": ' + b"9" * 5000],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidSubmissionError, match="body: is not"):
        json_object(body)


@given(st.binary())
def test_any_bytes_are_a_json_object_or_refused(body: bytes) -> None:
    try:
        assert isinstance(json_object(body), dict)
    except InvalidSubmissionError as error:
        assert [problem.field for problem in error.problems] == ["body"]  # noqa: PT017 - or an object


def test_another_structure_is_refused_place_by_place_without_its_values() -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        shaped(Shape, {"parts": [1, "secret"]})
    assert refused.value.problems == (
        Problem("name", "Field required"),
        Problem(
            "parts.1",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
    )


def test_a_reference_is_a_text_of_some_length() -> None:
    assert reference("Idempotency-Key", " abc ") == "abc"
    for bad in ("", " ", "x" * 201, "a\nb", "\ud800"):
        with pytest.raises(InvalidSubmissionError, match="Idempotency-Key: "):
            reference("Idempotency-Key", bad)


def test_the_digest_is_sha256() -> None:
    assert digest(b"abc").startswith("ba7816bf")


def test_the_digest_of_json_does_not_depend_on_the_order_of_keys() -> None:
    assert digest_of_json({"a": 1, "b": "\ud800"}) == digest_of_json({"b": "\ud800", "a": 1})
    assert digest_of_json({"a": 1}) != digest_of_json({"a": 2})


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(InvalidSubmissionError, match="nested too deeply"):
        digest_of_json(nested)
