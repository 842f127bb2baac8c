"""Rows from application/x-recordio-protobuf: one Record a row, its feature `values` a vector.

A sparse vector names the places of its values, counted from 0; the others are missing. Features by
other names and tensors of more dimensions are refused.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from model_server.rows import matrix, record, recordio
from model_server.rows.errors import (
    UnreadableRowsError,
    not_a_number,
    quoted,
    wrong_column_count,
)
from model_server.rows.labelled import Labelled
from model_server.rows.matrix import Floats
from model_server.rows.record import Record, Tensor, Value
from model_server.rows.sparse import spread

SLICE_CELLS = 65_536
"""What is read at once; rows are dense from here on, so a wide model makes for few."""
VALUES = "values"
_TENSORS = ("float32_tensor", "float64_tensor", "int32_tensor")


def read(body: bytes, columns: int, _names: Sequence[str] = ()) -> Iterator[Floats]:
    """Give the rows in slices, each of shape (rows, columns); labels are left out.

    Raises UnreadableRowsError and WrongColumnCountError when it comes to the row.
    """
    for first, records in _slices(body, columns):
        yield _numbers(records, first, columns)


def read_labelled(body: bytes, columns: int) -> Iterator[Labelled]:
    """Give rows and labels in slices; a label is one number in the label map's `values`.

    Raises UnreadableRowsError and WrongColumnCountError when it comes to the row.
    """
    for first, records in _slices(body, columns):
        yield Labelled(
            rows=_numbers(records, first, columns),
            labels=np.array(
                [_label(each, row) for row, each in enumerate(records, first)], np.float32
            ),
            weights=np.ones(len(records), np.float32),
        )


def column_count(body: bytes) -> int:
    """Count the columns: what the first record has or says, or the highest key where none says.

    Raises UnreadableRowsError.
    """
    highest = -1
    for row, content in enumerate(recordio.frames(body), 1):
        tensor = _vector(_parsed(content, row).features, row)
        if tensor.shape:
            return _length(tensor, row)
        if not tensor.keys:
            return len(tensor.values)
        highest = max(highest, *tensor.keys)
    return highest + 1


def _slices(body: bytes, columns: int) -> Iterator[tuple[int, list[Record]]]:
    """Give some records at a time, with the number of the first, counted from 1."""
    size = max(1, SLICE_CELLS // max(1, columns))
    records: list[Record] = []
    first = 1
    for row, content in enumerate(recordio.frames(body), 1):
        records.append(_parsed(content, row))
        if len(records) == size:
            yield first, records
            records = []
            first = row + 1
    if records:
        yield first, records


def _parsed(content: bytes, row: int) -> Record:
    try:
        return record.parse(content)
    except ValueError as error:
        raise UnreadableRowsError(f"row {row}: {error}") from error


def _numbers(records: Sequence[Record], first: int, columns: int) -> Floats:
    values: list[float] = []
    for row, each in enumerate(records, first):
        values += _cells(_vector(each.features, row), row, columns)
    numbers = matrix.filled(values, columns)
    if cell := matrix.infinite_cell(numbers):
        offset, column = cell
        found = format(values[offset * columns + column], "g")
        raise not_a_number(first + offset, column + 1, found)
    return numbers


def _vector(tensors: Mapping[str, Value], row: int, kind: str = "feature") -> Tensor:
    if VALUES not in tensors or len(tensors) > 1:
        other = next((name for name in sorted(tensors) if name != VALUES), None)
        found = "none" if other is None else quoted(other)
        raise UnreadableRowsError(f"row {row}: expected the one {kind} 'values', found {found}")
    value = tensors[VALUES]
    name = value.WhichOneof("value")
    if name not in _TENSORS:
        found = "bytes" if name else "nothing"
        raise UnreadableRowsError(f"row {row}: expected a tensor as the {kind}, found {found}")
    tensor: Tensor = getattr(value, name)
    return tensor


def _cells(tensor: Tensor, row: int, columns: int) -> list[float]:
    if tensor.shape and (length := _length(tensor, row)) != columns:
        raise wrong_column_count(row, columns, length)
    values = list(tensor.values)
    if tensor.keys or (tensor.shape and not values):
        return spread(values, tensor.keys, row, columns)
    if len(values) != columns:
        raise wrong_column_count(row, columns, len(values))
    return values


def _length(tensor: Tensor, row: int) -> int:
    if len(tensor.shape) != 1:
        raise UnreadableRowsError(
            f"row {row}: expected a vector, found a tensor of {len(tensor.shape)} dimensions"
        )
    return tensor.shape[0]


def _label(each: Record, row: int) -> float:
    values = _vector(each.label, row, "label").values
    if len(values) != 1:
        raise UnreadableRowsError(f"row {row}: expected one label, found {len(values)}")
    label = values[0]
    if abs(label) >= matrix.TOO_LARGE:
        raise UnreadableRowsError(f"row {row}: expected a finite label, found {label}")
    return label
