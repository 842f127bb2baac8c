"""Records of an object, and the payloads that they are sent in."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.jobs.transform.parameters import MB, Parameters, Strategy
from hosting.jobs.transform.records import TooLargeError, lines, payloads, whole

MULTI = Parameters(1, Strategy.MULTI_RECORD, 1)
SINGLE = Parameters(1, Strategy.SINGLE_RECORD, 1)
UNLIMITED = Parameters(1, Strategy.MULTI_RECORD, 0)
RECORDS = st.lists(st.integers(0, MB), max_size=8)


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\n\nb\n", [b"a", b"", b"b"]),
        (b"a\r\nb\n", [b"a\r", b"b"]),
    ],
)
def test_a_record_is_a_line_without_its_end(content: bytes, records: list[bytes]) -> None:
    assert list(lines(io.BytesIO(content))) == records


@given(RECORDS)
def test_payloads_hold_all_records_in_order_and_as_many_as_fit(sizes: list[int]) -> None:
    records = [b"x" * size for size in sizes]
    batches = list(payloads(records, MULTI))
    assert [record for batch in batches for record in batch] == records
    assert all(len(b"\n".join(batch)) <= MB for batch in batches)
    for batch, following in pairwise(batches):
        assert len(b"\n".join([*batch, following[0]])) > MB


@given(RECORDS)
def test_a_single_record_is_a_payload_of_its_own(sizes: list[int]) -> None:
    records = [b"x" * size for size in sizes]
    assert list(payloads(records, SINGLE)) == [[record] for record in records]


def test_without_a_limit_all_records_are_one_payload() -> None:
    records = [b"x" * MB] * 3
    assert list(payloads(records, UNLIMITED)) == [records]


@pytest.mark.parametrize("parameters", [MULTI, SINGLE])
def test_a_record_over_the_limit_is_an_error(parameters: Parameters) -> None:
    with pytest.raises(TooLargeError, match="1 MB are 1048576 bytes"):
        list(payloads([b"a", b"x" * (MB + 1)], parameters))


def test_an_object_that_is_not_split_is_one_payload() -> None:
    assert whole(io.BytesIO(b"a\nb\n"), MULTI) == b"a\nb\n"
    assert len(whole(io.BytesIO(b"x" * MB), SINGLE)) == MB
    with pytest.raises(TooLargeError):
        whole(io.BytesIO(b"x" * (MB + 1)), MULTI)
    assert len(whole(io.BytesIO(b"x" * (MB + 1)), UNLIMITED)) == MB + 1
