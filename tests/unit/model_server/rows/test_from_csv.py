import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_csv
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError

nan = np.nan


def read(body: bytes, columns: int) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_csv.read(body, columns)))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"1,2", [[1, 2]]),
        (b"1,2\n", [[1, 2]]),
        (b"1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        (b"1,2\r\n3,", [[1, 2], [3, nan]]),
        (b",\n,2\n1,", [[nan, nan], [nan, 2], [1, nan]]),
        (b" 1 ,\t2\n", [[1, 2]]),
        (b"1, \n \t,2\n", [[1, nan], [nan, 2]]),
        (b"NaN,nan", [[nan, nan]]),
        (b"+1.5,-2e-3", [[1.5, -0.002]]),
        (b"1,\r\n2,\r\n", [[1, nan], [2, nan]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    found = read(body, 2)

    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


def test_one_column_may_be_an_empty_line() -> None:
    assert np.isnan(read(b"\n", 1)).tolist() == [[True]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1,x", "row 1, column 2: expected a finite number, found 'x'"),
        (b"1,2\n3,4\n5, six ", "row 3, column 2: expected a finite number, found 'six'"),
        (b"1,1_000", "row 1, column 2: expected a finite number, found '1_000'"),
        (b"1,inf", "row 1, column 2: expected a finite number, found 'inf'"),
        (b"1,\n \t,-Infinity", "row 2, column 2: expected a finite number, found '-Infinity'"),
        (b"1,2\n1e39,2", "row 2, column 1: expected a finite number, found '1e39'"),
        (b" ,1e999", "row 1, column 2: expected a finite number, found '1e999'"),
        (b'1,"2"', "row 1, column 2: expected a finite number, found '\"2\"'"),
        (b"1,\xff", "row 1, column 2: expected a finite number, found '\ufffd'"),
        (b"1," + b"z" * 99, f"row 1, column 2: expected a finite number, found '{'z' * 40}...'"),
    ],
)
def test_a_bad_cell_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body, 2)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1", "row 1: expected 2 columns, found 1"),
        (b"1,2\n3,4,5\n", "row 2: expected 2 columns, found 3"),
        (b"1,2\n\n3,4\n", "row 2: expected 2 columns, found 1"),
        (b"1,2\n\n", "row 2: expected 2 columns, found 1"),
    ],
)
def test_a_row_of_another_length_is_named(body: bytes, message: str) -> None:
    with pytest.raises(WrongColumnCountError) as error:
        read(body, 2)

    assert str(error.value) == message


def test_a_long_body_comes_in_slices_and_keeps_its_row_numbers() -> None:
    lines = [f"{number},{number / 4}" for number in range(20_000)]
    body = "\n".join(lines).encode()

    slices = list(from_csv.read(body, 2))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(20_000))
    with pytest.raises(UnreadableRowsError, match=r"^row 20001, column 1: "):
        read(body + b"\nx,1", 2)
    with pytest.raises(WrongColumnCountError, match=r"^row 20001: "):
        read(body + b"\n1", 2)


numbers = st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(
    rows=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=20),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_what_is_written_is_read(rows: list[list[float | None]], end: str, last: bool) -> None:
    text = end.join(
        ",".join("" if value is None else format(value, ".9g") for value in row) for row in rows
    )
    found = read((text + (end if last else "")).encode(), 3)

    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


@given(st.binary(max_size=200), st.integers(1, 4))
def test_any_bytes_give_rows_or_a_reason(body: bytes, columns: int) -> None:
    try:
        found = read(body, columns)
    except (UnreadableRowsError, WrongColumnCountError) as error:
        assert str(error).startswith("row ")  # noqa: PT017 - both outcomes are right
    else:
        assert found.shape[1] == columns
        assert not np.isinf(found).any()


@pytest.mark.parametrize(("body", "count"), [(b"1,2,3", 3), (b"1\n2,3", 1), (b",\r\n", 2)])
def test_columns_are_those_of_the_first_line(body: bytes, count: int) -> None:
    assert from_csv.column_count(body) == count
