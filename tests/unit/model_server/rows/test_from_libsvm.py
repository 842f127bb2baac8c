from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_libsvm
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError

nan = np.nan


def read(body: bytes, columns: int = 3) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_libsvm.read(body, columns)))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"1 0:5 2:6\n0 1:7\n", [[5, nan, 6], [nan, 7, nan]]),
        (b"0:5 2:6\r\n1:7", [[5, nan, 6], [nan, 7, nan]]),
        (b"1 qid:7 2:-1e3 0:.5\n", [[0.5, nan, -1000]]),
        (b"qid:7 2:1", [[nan, nan, 1]]),
        (b"  -1.5\t1:nan   2:3  ", [[nan, nan, 3]]),
        (b"1\n\n2:1\n", [[nan] * 3, [nan] * 3, [nan, nan, 1]]),
        (b"1 0:5\n\n", [[5, nan, nan]]),
        (b"\r\n \n1 0:5\n \t\n1 1:6\n\n \r\n", [[5, nan, nan], [nan] * 3, [nan, 6, nan]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    found = read(body)

    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


@pytest.mark.parametrize("body", [b"\n", b" \r\n\t\n"])
def test_blank_lines_alone_have_no_rows(body: bytes) -> None:
    assert list(from_libsvm.read(body, 3)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1,2,3", "row 1, the label: expected a finite number, found '1,2,3'"),
        (b"1 0:1 x:2", "row 1: expected index:value, found 'x'"),
        (b"1 0:1\n1 -1:2", "row 2: expected index:value, found '-1'"),
        (b"1 2", "row 1, index 2: expected a finite number, found ''"),
        (b"1 1_0:2", "row 1: expected index:value, found '1_0'"),
        (b"1 99999999999:2", "row 1: expected index:value, found '99999999999'"),
        (b"1 0:1 1:", "row 1, index 1: expected a finite number, found ''"),
        (b"1 0:1 1:\xff", "row 1, index 1: expected a finite number, found '\ufffd'"),
        (b"1 0:1_0", "row 1, index 0: expected a finite number, found '1_0'"),
        (b"1 0:inf", "row 1, index 0: expected a finite number, found 'inf'"),
        (b"1 0:1\n0 2:1e39", "row 2, index 2: expected a finite number, found '1e39'"),
        (b"1 0:1:2", "row 1, index 0: expected a finite number, found '1:2'"),
        (b"1 0:1 0:1", "row 1: the index 0 stands twice"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body)

    assert str(error.value) == message


def test_an_index_beyond_the_model_is_named() -> None:
    with pytest.raises(
        WrongColumnCountError, match=r"^row 2: expected indices from 0 to 2, found 3$"
    ):
        read(b"1 2:1\n1 3:1\n")


def test_a_long_body_comes_in_slices_and_keeps_its_row_numbers() -> None:
    body = b"".join(b"1 0:%d\n" % number for number in range(60_000))

    slices = list(from_libsvm.read(body, 3))

    assert len(slices) > 2
    assert np.concatenate(slices)[:, 0].tolist() == list(range(60_000))
    with pytest.raises(UnreadableRowsError, match=r"^row 60001, index 0: "):
        read(body + b"1 0:x")


def labelled(body: bytes) -> list[list[float]]:
    columns = from_libsvm.column_count(body)
    slices = list(from_libsvm.read_labelled(body, columns))
    return [
        np.concatenate([part.rows for part in slices]).tolist(),
        np.concatenate([part.labels for part in slices]).tolist(),
        np.concatenate([part.weights for part in slices]).tolist(),
    ]


def test_labels_and_weights() -> None:
    body = b"# a comment\n1:0.5 0:5 1:6 # another\n\n-1 qid:3 0:7 1:8\n"

    assert labelled(body) == [[[5, 6], [7, 8]], [1, -1], [0.5, 1]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1 0:1\nx 0:1", "row 2, the label: expected a finite number, found 'x'"),
        (b"1:y 0:1", "row 1, the weight: expected a finite number, found 'y'"),
        (b"1: 0:1", "row 1, the weight: expected a finite number, found ''"),
        (b"1 0:1 z:1", "row 1: expected index:value, found 'z'"),
    ],
)
def test_a_bad_label_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        list(from_libsvm.read_labelled(body, 3))

    assert str(error.value) == message


def test_comments_alone_have_no_rows() -> None:
    assert list(from_libsvm.read_labelled(b"# a comment\n\n", 3)) == []


@pytest.mark.parametrize(
    ("body", "count"), [(b"1 0:5 7:1\n0 3:2", 8), (b"1\n", 0), (b"1 qid:9 1:2", 2)]
)
def test_columns_are_one_more_than_the_highest_index(body: bytes, count: int) -> None:
    assert from_libsvm.column_count(body) == count


def test_columns_of_what_is_no_libsvm() -> None:
    with pytest.raises(UnreadableRowsError, match=r"^row 2: expected index:value, found 'a'$"):
        from_libsvm.column_count(b"1 0:1\n1 a:1")


@pytest.mark.parametrize(
    "body", [b"1 0:5 2:6\n0 1:7\n", b"1 1:5 2:6\n0 1:7\n", b"1:0.5 1:5 # note\n\n0:2 2:3\n"]
)
def test_the_file_is_what_xgboost_reads(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.libsvm"
    path.write_bytes(body)
    with xgboost.config_context(verbosity=0):  # it warns that it may stop to read text
        matrix = xgboost.DMatrix(f"{path}?format=libsvm", nthread=1)
    present = matrix.get_data().toarray() != 0

    rows, labels, weights = labelled(body)

    assert matrix.num_col() == from_libsvm.column_count(body)
    assert np.array_equal(~np.isnan(rows), present)
    assert np.array_equal(np.nan_to_num(rows), matrix.get_data().toarray())
    assert matrix.get_label().tolist() == labels
    assert matrix.get_weight().tolist() in ([], weights)


numbers = st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=20), st.booleans())
def test_what_is_written_is_read(rows: list[list[float | None]], labels: bool) -> None:
    lines = [
        " ".join(
            # a blank line is a row only where there are others on both sides of it
            ["1"] * (labels or all(value is None for value in row))
            + [f"{at}:{value:.9g}" for at, value in enumerate(row) if value is not None]
        )
        for row in rows
    ]

    found = read("".join(f"{line}\n" for line in lines).encode())

    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


@given(
    st.binary(max_size=100) | st.text("0123456789:.-e#\n qidna", max_size=100).map(str.encode),
    st.integers(1, 4),
)
def test_any_bytes_give_rows_or_a_reason(body: bytes, columns: int) -> None:
    for reader in (from_libsvm.read, from_libsvm.read_labelled):
        try:
            list(reader(body, columns))
        except (UnreadableRowsError, WrongColumnCountError) as error:
            assert str(error).encode().startswith(b"row ")  # noqa: PT017 - both outcomes are right
    for rows in _readable(body, columns):
        assert rows.shape[1] == columns
        assert not np.isinf(rows).any()


def _readable(body: bytes, columns: int) -> list[npt.NDArray[np.float32]]:
    try:
        return list(from_libsvm.read(body, columns))
    except (UnreadableRowsError, WrongColumnCountError):
        return []
