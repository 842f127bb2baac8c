from io import BytesIO

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as strategies

from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.training import from_parquet


def parquet(**columns: Array) -> bytes:
    file = BytesIO()
    write_parquet(Table.from_arrays(list(columns.values()), names=list(columns)), file)
    return file.getvalue()


def floats(*values: float | None) -> Array:
    return Array(values, type=DataType.float64())


def test_columns_of_numbers_are_read() -> None:
    body = parquet(
        label=Array([1, 0, 1], type=DataType.int64()),
        a=floats(0.5, None, np.nan),
        b=Array([True, False, True], type=DataType.bool()),
        c=Array([7, None, 9], type=DataType.uint8()),
    )

    numbers = from_parquet.read(body, 4)

    assert from_parquet.column_count(body) == 4
    assert numbers.dtype == np.float32
    expected = [[1, 0.5, 1, 7], [0, np.nan, 0, np.nan], [1, np.nan, 1, 9]]
    assert np.array_equal(numbers, np.array(expected, np.float32), equal_nan=True)


@given(
    numbers=strategies.arrays(
        np.float32, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(width=32)
    )
)
def test_what_is_written_is_read(numbers: from_parquet.Floats) -> None:
    numbers[np.isinf(numbers)] = np.nan
    columns = {
        f"c{index}": Array.from_numpy(np.ascontiguousarray(column))
        for index, column in enumerate(numbers.T)
    }

    read = from_parquet.read(parquet(**columns), numbers.shape[1])

    assert np.array_equal(read, numbers, equal_nan=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not a whole Parquet file: it begins and ends with PAR1"),
        (b"1,2\n3,4\n5,6\n", "not a whole Parquet file: it begins and ends with PAR1"),
        (b"PAR1" + bytes(20) + b"PAR1", "not a Parquet file that can be read: "),
        (
            parquet(a=floats(1, 2), b=Array(["x", "y"], type=DataType.utf8())),
            "row 1, column 2 (b): expected numbers, found Utf8",
        ),
        (
            parquet(a=floats(1, 2), b=floats(1, 1e300)),
            "row 2, column 2: expected a finite number, found '1e+300'",
        ),
    ],
)
def test_what_cannot_be_read_is_named(
    body: bytes, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        from_parquet.read(body, 2)

    assert str(error.value).startswith(message)
    capfd.readouterr()  # the reader of Parquet prints where it panics


def test_another_number_of_columns_is_named() -> None:
    with pytest.raises(WrongColumnCountError, match="row 1: expected 3 columns, found 1"):
        from_parquet.read(parquet(a=floats(1)), 3)


def test_a_stop_is_not_taken_for_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_file: BytesIO) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(from_parquet, "read_parquet", stop)

    with pytest.raises(SystemExit):
        from_parquet.column_count(parquet(a=floats(1)))
