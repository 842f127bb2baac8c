import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_json
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError

nan = np.nan


def read(body: bytes, columns: int = 2) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_json.read(body, columns)))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b'{"instances": [[1, 2], [3.5, null]]}', [[1, 2], [3.5, nan]]),
        (b'{"instances": [1, 2]}', [[1, 2]]),
        (b"[[1, 2], [null, 4]]", [[1, 2], [nan, 4]]),
        (b"[1, null]", [[1, nan]]),
        (b"[null, null]", [[nan, nan]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    found = read(body)

    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


@pytest.mark.parametrize("body", [b"[]", b'{"instances": []}'])
def test_no_rows_are_no_error(body: bytes) -> None:
    assert list(from_json.read(body, 2)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1, 2", "not JSON: "),
        (b"\xff\xff", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[1, NaN]", "not JSON: NaN is no JSON, a missing value is null"),
        (b"[1, -Infinity]", "not JSON: -Infinity is no JSON"),
        (b"3", 'expected {"instances": [[...], ...]}, a list of rows or one row, found 3'),
        (b'{"instances": "x"}', 'found "x"'),
        (b"{}", "found null"),
        (b'{"instances": [], "rows": []}', "found the key 'rows'"),
        (b'[{"age": 1}]', "row 1: expected a list of numbers and nulls"),
        (b"[[1, 2], 3]", "row 2: expected a list of numbers and nulls"),
        (b'[[1, 2], [3, "4"]]', "row 2, column 2: expected a finite number, found '\"4\"'"),
        (b"[[1, true]]", "row 1, column 2: expected a finite number, found 'true'"),
        (b"[[1, [2]]]", "row 1, column 2: expected a finite number, found '[2]'"),
        (b"[[1, 2], [1e39, 2]]", "row 2, column 1: expected a finite number, found '1e+39'"),
        (b"[[1, 1e999]]", "row 1, column 2: expected a finite number, found 'inf'"),
        (b"[[null, 1" + b"0" * 400 + b"]]", "row 1, column 2: expected a finite number, found '10"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body)

    assert message in str(error.value)
    assert len(str(error.value)) < 200


def test_a_row_of_another_length_is_named() -> None:
    with pytest.raises(WrongColumnCountError, match="row 2: expected 2 columns, found 1"):
        read(b"[[1, 2], [3]]")


def test_a_long_list_comes_in_slices_and_keeps_its_row_numbers() -> None:
    rows = [[number, None] for number in range(2_000)]

    slices = list(from_json.read(json.dumps(rows).encode(), 2))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(2_000))
    with pytest.raises(WrongColumnCountError, match=r"^row 2001: "):
        read(json.dumps([*rows, []]).encode())


values = st.none() | st.integers(-(2**70), 2**70) | st.floats(width=32, allow_infinity=False)


@given(st.lists(st.lists(values, min_size=2, max_size=2), min_size=1))
def test_what_is_written_is_read(rows: list[list[float | None]]) -> None:
    clean = [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124 - only NaN differs from itself

    found = read(json.dumps(clean).encode())

    assert np.array_equal(found, np.array(clean, dtype=np.float32), equal_nan=True)
