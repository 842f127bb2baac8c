import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_jsonlines
from model_server.rows.errors import (
    UnreadableRowsError,
    WrongColumnCountError,
    WrongNamesError,
)

nan = np.nan


def read(body: bytes) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_jsonlines.read(body, 2, ("age", "debt"))))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"[1, 2]", [[1, 2]]),
        (b"[1, 2]\n[3, null]\n", [[1, 2], [3, nan]]),
        (b'{"features": [1, 2]}\r\n{"debt": 4, "age": 3}\r\n', [[1, 2], [3, 4]]),
        (b'{"data": {"features": {"values": [1, 2]}}}', [[1, 2]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    assert np.array_equal(read(body), np.array(rows, np.float32), equal_nan=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1, 2]\n\n[3, 4]", "row 2: not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"[1, 2]\n[3, 4", "row 2: not JSON: Expecting ',' delimiter: line 1 column 6 (char 5)"),
        (b"[1, 2] [3, 4]", "row 1: not JSON: Extra data: line 1 column 8 (char 7)"),
        (b"[1, NaN]", "row 1: not JSON: NaN is no JSON, a missing value is null"),
        (b"[1, 2]\n3", "row 2: expected a list of numbers and nulls, or an object of features"),
        (b'[1, "2"]', "row 1, column 2: expected a finite number, found '\"2\"'"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body)

    assert str(error.value) == message


def test_a_long_body_comes_in_slices_and_keeps_its_row_numbers() -> None:
    body = b"\n".join(b"[%d, null]" % number for number in range(2_000))

    slices = list(from_jsonlines.read(body, 2))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(2_000))
    with pytest.raises(WrongColumnCountError, match=r"^row 2001: expected 2 columns, found 1$"):
        read(body + b"\n[1]")
    with pytest.raises(WrongNamesError, match=r"^row 2001: missing 'debt'$"):
        read(body + b'\n{"age": 1}')


numbers = st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=1), st.booleans())
def test_what_is_written_is_read(rows: list[list[float | None]], named: bool) -> None:
    lines: list[object] = [dict(zip(("age", "debt"), row, strict=True)) for row in rows]
    body = "\n".join(map(json.dumps, lines if named else rows)).encode()

    assert np.array_equal(read(body), np.array(rows, np.float32), equal_nan=True)


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_reason(body: bytes) -> None:
    try:
        slices = list(from_jsonlines.read(body, 2))
    except (UnreadableRowsError, WrongColumnCountError, WrongNamesError) as error:
        assert str(error).encode().startswith(b"row ")  # noqa: PT017 - both outcomes are right
    else:
        assert all(found.shape[1] == 2 for found in slices)
