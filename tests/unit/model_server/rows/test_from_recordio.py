from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_recordio, record
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.rows.recordio import frame

nan = np.nan


def framed(
    values: Sequence[float] = (),
    keys: Sequence[int] = (),
    shape: Sequence[int] = (),
    label: Sequence[float] = (),
    kind: str = "float32_tensor",
    name: str = "values",
) -> bytes:
    message = record.new()
    tensor = getattr(message.features[name], kind)
    tensor.SetInParent()
    tensor.values.extend(values)
    tensor.keys.extend(keys)
    tensor.shape.extend(shape)
    if label:
        getattr(message.label["values"], kind).values.extend(label)
    return frame(message.SerializeToString())


def read(body: bytes, columns: int = 3) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_recordio.read(body, columns)))


@pytest.mark.parametrize("kind", ["float32_tensor", "float64_tensor", "int32_tensor"])
def test_dense_and_sparse_rows(kind: str) -> None:
    body = (
        framed([1, 2, 3], kind=kind)
        + framed([4, 5, 6], shape=[3], label=[1], kind=kind)
        + framed([7, 8], keys=[2, 0], shape=[3], kind=kind)
        + framed([9], keys=[1], kind=kind)
        + framed(shape=[3], kind=kind)
    )

    expected = [[1, 2, 3], [4, 5, 6], [8, nan, 7], [nan, 9, nan], [nan, nan, nan]]
    assert np.array_equal(read(body), np.array(expected, np.float32), equal_nan=True)


def test_not_a_number_is_missing() -> None:
    assert np.isnan(read(framed([1, nan, 3]))).tolist() == [[False, True, False]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1,2,3", "row 1: expected the 8 bytes before a record, found 5"),
        (framed([1, 2, 3]) + frame(b"\xff"), "row 2: not a Record message of protobuf"),
        (frame(b""), "row 1: expected the one feature 'values', found none"),
        (framed([1, 2, 3], name="age"), "row 1: expected the one feature 'values', found 'age'"),
        (
            frame(b"\x0a\x0a\x0a\x06values\x12\x00"),
            "row 1: expected a tensor as the feature, found nothing",
        ),
        (
            frame(b"\x0a\x0c\x0a\x06values\x12\x02\x4a\x00"),
            "row 1: expected a tensor as the feature, found bytes",
        ),
        (framed([1, 2], keys=[0]), "row 1: expected a value for each key, found 2 for 1 keys"),
        (framed([1, 2], keys=[0, 0]), "row 1: the key 0 stands twice"),
        (framed(shape=[3, 1]), "row 1: expected a vector, found a tensor of 2 dimensions"),
        (
            framed([1, 2, 3]) + framed([1, -np.inf, 3]),
            "row 2, column 2: expected a finite number, found '-inf'",
        ),
        (
            framed([1, 2, 1e39], kind="float64_tensor"),
            "row 1, column 3: expected a finite number, found '1e+39'",
        ),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (framed([1, 2, 3]) + framed([1, 2]), "row 2: expected 3 columns, found 2"),
        (framed(), "row 1: expected 3 columns, found 0"),
        (framed([1], keys=[0], shape=[4]), "row 1: expected 3 columns, found 4"),
        (framed([1], keys=[3], shape=[3]), "row 1: expected keys from 0 to 2, found 3"),
        (framed([1], keys=[2**64 - 1]), f"row 1: expected keys from 0 to 2, found {2**64 - 1}"),
    ],
)
def test_a_row_of_another_length_is_named(body: bytes, message: str) -> None:
    with pytest.raises(WrongColumnCountError) as error:
        read(body)

    assert str(error.value) == message


def test_a_long_body_comes_in_slices_and_keeps_its_row_numbers() -> None:
    columns = 5_000
    body = b"".join(framed([number], keys=[0], shape=[columns]) for number in range(60))

    slices = list(from_recordio.read(body, columns))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(60))
    with pytest.raises(WrongColumnCountError, match=r"^row 61: "):
        read(body + framed([1, 2, 3]), columns)


def test_labels() -> None:
    body = framed([1, 2], label=[1]) + framed([3], keys=[1], shape=[2], label=[0])

    [part] = from_recordio.read_labelled(body, 2)

    assert np.array_equal(part.rows, np.array([[1, 2], [nan, 3]]), equal_nan=True)
    assert part.labels.tolist() == [1, 0]
    assert part.weights.tolist() == [1, 1]
    assert {part.rows.dtype, part.labels.dtype, part.weights.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (framed([1]), "row 1: expected the one label 'values', found none"),
        (framed([1], label=[1, 2]), "row 1: expected one label, found 2"),
        (framed([1], label=[np.inf]), "row 1: expected a finite label, found inf"),
        (
            framed([1], label=[1e39], kind="float64_tensor"),
            "row 1: expected a finite label, found 1e+39",
        ),
    ],
)
def test_a_bad_label_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        list(from_recordio.read_labelled(body, 1))

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (framed([1, 2, 3]), 3),
        (framed([1], keys=[0], shape=[7]), 7),
        (framed([1], keys=[4]) + framed([1, 2], keys=[0, 9]), 10),
        (b"", 0),
    ],
)
def test_columns_are_what_the_records_say(body: bytes, count: int) -> None:
    assert from_recordio.column_count(body) == count


numbers = st.floats(width=32, allow_infinity=False)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=20), st.booleans())
def test_what_is_written_is_read(rows: list[list[float]], sparse: bool) -> None:
    body = b"".join(
        framed(
            [value for value in row if not np.isnan(value)],
            [at for at, value in enumerate(row) if not np.isnan(value)],
            [3],
        )
        if sparse
        else framed(row)
        for row in rows
    )

    assert np.array_equal(read(body), np.array(rows, np.float32), equal_nan=True)


tensors = st.binary(max_size=30).map(
    lambda content: (
        b"\x0a"
        + bytes([10 + len(content)])
        + b"\x0a\x06values\x12"
        + bytes([len(content)])
        + content
    )
)


@given(
    st.binary(max_size=60)
    | st.lists(st.binary(max_size=30) | tensors).map(lambda records: b"".join(map(frame, records)))
)
def test_any_bytes_give_rows_or_a_reason(body: bytes) -> None:
    for reader in (from_recordio.read, from_recordio.read_labelled):
        try:
            list(reader(body, 2))
        except (UnreadableRowsError, WrongColumnCountError) as error:
            assert str(error).encode().startswith(b"row ")  # noqa: PT017 - both outcomes are right
    try:
        assert from_recordio.column_count(body) >= 0
    except UnreadableRowsError as error:
        assert str(error).startswith("row ")  # noqa: PT017 - both outcomes are right
