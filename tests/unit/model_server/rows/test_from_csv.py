import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_csv
from model_server.rows.errors import (
    UnreadableRowsError,
    WrongColumnCountError,
    WrongNamesError,
)
from model_server.rows.from_csv import PLAIN, Dialect

nan = np.nan
HEADER = Dialect(header=True)
LABEL = Dialect(label=True)


def read(
    body: bytes, columns: int, names: tuple[str, ...] = (), dialect: Dialect = PLAIN
) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_csv.read(body, columns, names, dialect)))


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
        (b"\xef\xbb\xbf1,2\n", [[1, 2]]),
        (b'"1","2.5"\r\n3,""\n', [[1, 2.5], [3, nan]]),
        (b"1,2\n\n", [[1, 2]]),
        (b"\n \r\n1,2\r\n3,\r\n\r\n\t\n", [[1, 2], [3, nan]]),
        (b'\xef\xbb\xbf\n"1",2\n\n', [[1, 2]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    found = read(body, 2)

    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


def test_one_column_may_be_an_empty_line_between_others() -> None:
    found = read(b'\n1\n\n \n2\n""\n\n', 1)

    assert np.array_equal(found, np.array([[1], [nan], [nan], [2], [nan]]), equal_nan=True)


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\t\n"])
def test_blank_lines_alone_have_no_rows(body: bytes) -> None:
    assert list(from_csv.read(body, 1)) == []
    assert from_csv.one_row(body, 1) is None


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
        (b'1,"x"', "row 1, column 2: expected a finite number, found 'x'"),
        (b'1, "2"', "row 1, column 2: expected a finite number, found '\"2\"'"),
        (b'1,2\n"1,5",2', "row 2, column 1: expected a finite number, found '1,5'"),
        (b'"1\n5",2', "row 1, column 1: expected a finite number, found '1\\n5'"),
        (b'1,2\n3,"4', "row 2: unexpected end of data"),
        (b'1,"2"3', "row 1: ',' expected after '\"'"),
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
        (b"\n1,2\n\n3,4\n", "row 2: expected 2 columns, found 1"),
    ],
)
def test_a_row_of_another_length_is_named(body: bytes, message: str) -> None:
    with pytest.raises(WrongColumnCountError) as error:
        read(body, 2)

    assert str(error.value) == message


@pytest.mark.parametrize(
    "lines",
    [
        [f"{number},{number / 4}" for number in range(20_000)],
        [f"{number}," for number in range(20_000)],
        [f'"{number}",nan' for number in range(20_000)],
    ],
)
def test_a_long_body_comes_in_slices_and_keeps_its_row_numbers(lines: list[str]) -> None:
    body = "\n".join(lines).encode()

    slices = list(from_csv.read(body, 2))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(20_000))
    with pytest.raises(UnreadableRowsError, match=r"^row 20001, column 1: "):
        read(body + b"\nx,1", 2)
    with pytest.raises(UnreadableRowsError, match=r"^row 20001, column 2: .*1e39"):
        read(body + b"\n1,1e39", 2)
    with pytest.raises(WrongColumnCountError, match=r"^row 20001: "):
        read(body + b"\n1", 2)


def test_empty_cells_are_missing_also_in_a_long_body() -> None:
    lines = [b",,,", b"1,,,4", b",2,,", b"1,2,3,4"] * 1_000

    found = read(b"\n".join(lines), 4)

    once = [[nan] * 4, [1, nan, nan, 4], [nan, 2, nan, nan], [1, 2, 3, 4]]
    assert np.array_equal(found, np.array(once * 1_000, np.float32), equal_nan=True)


def test_lines_without_a_cell_are_rows_also_in_a_long_body() -> None:
    body = b"1\n\n" * 5_000 + b"\n" * 9_000 + b"1"

    assert len(read(body, 1)) == 19_001


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"age,debt\n1,2", ("age", "debt")),
        (b"\xef\xbb\xbfage,debt\r\n1,2\r\n", ("age", "debt")),
        (b'"age","debt"\n"1",2', ("age", "debt")),
        (b'"a,g\ne","de""bt"\n1,2', ("a,g\ne", 'de"bt')),
        (b"whatever,else\n1,2", ()),
        (b"\nage,debt\n1,2\n\n", ("age", "debt")),
    ],
)
def test_a_header_is_no_row(body: bytes, names: tuple[str, ...]) -> None:
    assert read(body, 2, names, HEADER).tolist() == [[1, 2]]


def test_a_header_alone_has_no_rows() -> None:
    assert list(from_csv.read(b"age,debt\n", 2, ("age", "debt"), HEADER)) == []
    assert list(from_csv.read(b'"age",debt', 2, ("age", "debt"), HEADER)) == []


def test_rows_are_counted_after_the_header() -> None:
    with pytest.raises(UnreadableRowsError, match=r"^row 2, column 1: "):
        read(b"age,debt\n1,2\nx,2", 2, ("age", "debt"), HEADER)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"debt,age", "header, column 1: 'debt' is out of order, expected 'age'"),
        (b"age,dept", "header, column 2: 'dept' is no feature of the model, expected 'debt'"),
        (b"1,2", "header, column 1: '1' is no feature of the model, expected 'age'"),
    ],
)
def test_a_header_that_is_not_the_models_is_refused(header: bytes, message: str) -> None:
    with pytest.raises(WrongNamesError) as error:
        read(header + b"\n1,2", 2, ("age", "debt"), HEADER)

    assert str(error.value) == message


def test_a_header_of_another_length_is_refused() -> None:
    with pytest.raises(WrongColumnCountError, match=r"^header: expected 2 columns, found 3$"):
        read(b"age,debt,home\n1,2,3", 2, (), HEADER)


def test_a_broken_header_is_refused() -> None:
    with pytest.raises(UnreadableRowsError, match=r"^header: unexpected end of data$"):
        read(b'"age', 2, (), HEADER)


def test_names_are_in_the_charset() -> None:
    names = ("größe", "debt")

    assert len(read("größe,debt\n1,2".encode(), 2, names, HEADER)) == 1
    latin = Dialect(header=True, charset="latin-1")
    assert len(read("größe,debt\n1,2".encode("latin-1"), 2, names, latin)) == 1
    assert len(read('"größe",debt\n1,2'.encode("latin-1"), 2, names, latin)) == 1
    with pytest.raises(WrongNamesError):
        read("größe,debt\n1,2".encode("latin-1"), 2, names, HEADER)


def test_a_label_is_dropped() -> None:
    rows = read(b"9,1,2\n9,3,\n", 2, (), LABEL)

    assert np.array_equal(rows, np.array([[1, 2], [3, nan]], np.float32), equal_nan=True)
    assert rows.flags.c_contiguous
    with pytest.raises(WrongColumnCountError, match=r"^row 1: expected 3 columns, found 2$"):
        read(b"1,2", 2, (), LABEL)


def test_a_label_has_a_name_of_its_own() -> None:
    both = Dialect(header=True, label=True)

    assert read(b"target,age,debt\n9,1,2", 2, ("age", "debt"), both).tolist() == [[1, 2]]


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


bodies = st.binary(max_size=200) | st.text('0123456789.,-+eEna"\r\n _#').map(str.encode)


@given(
    bodies,
    st.integers(1, 4),
    st.builds(Dialect, st.booleans(), st.booleans(), st.sampled_from(["utf-8", "latin-1"])),
    st.sampled_from([1, 3_000]),
)
def test_any_bytes_give_rows_or_a_reason(
    body: bytes, columns: int, dialect: Dialect, times: int
) -> None:
    try:
        slices = list(from_csv.read(body * times, columns, ("a", "b")[:columns], dialect))
    except (UnreadableRowsError, WrongColumnCountError, WrongNamesError) as error:
        assert str(error).encode().startswith((b"row ", b"header"))  # noqa: PT017 - both are right
    else:
        assert all(found.shape[1] == columns for found in slices)
        assert not any(np.isinf(found).any() for found in slices)


@pytest.mark.parametrize(
    ("body", "count"), [(b"1,2,3", 3), (b"1\n2,3", 1), (b",\r\n", 2), (b"\n1,2", 2)]
)
def test_columns_are_those_of_the_first_line(body: bytes, count: int) -> None:
    assert from_csv.column_count(body) == count
