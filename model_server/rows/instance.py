"""One row as a JSON value: a list of numbers, or an object of named features.

An object may also say `features`, in the forms that SageMaker's algorithms share ("Common data
formats for inference"): {"features": [...]} and {"data": {"features": {"values": [...]}}}, which
is sparse with `keys` and `shape`.
"""

import json
from collections.abc import Sequence
from math import nan
from typing import Any, NoReturn

from model_server.rows import matrix
from model_server.rows.errors import (
    LONGEST_QUOTE,
    UnreadableRowsError,
    WrongColumnCountError,
    not_a_number,
    quoted,
    wrong_column_count,
)
from model_server.rows.matrix import Floats
from model_server.rows.names import in_order
from model_server.rows.sparse import spread

_NUMBERS = frozenset({int, float, type(None)})
_MARK = b"\xef\xbb\xbf"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON, a missing value is null")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def parse(text: bytes) -> object:
    """Read a JSON document, strictly: NaN is none. Raises ValueError with the reason."""
    try:
        return _DECODER.decode(text.removeprefix(_MARK).decode())
    except RecursionError:
        raise ValueError("lists within lists, too many of them") from None


def text(body: bytes) -> str:
    """Decode a document. Raises ValueError with the reason."""
    return body.removeprefix(_MARK).decode()


def parse_at(text: str, position: int) -> tuple[object, int]:
    """Read the JSON value that begins at a position, strictly; give it and where it ends."""
    try:
        return _DECODER.raw_decode(text, position)
    except RecursionError:
        raise ValueError("lists within lists, too many of them") from None


def shown(value: object) -> str:
    """Give the beginning of a JSON value as a client would write it."""
    try:
        return json.dumps(value)[: LONGEST_QUOTE + 1]
    except RecursionError:  # what could just be read may be too deep to be written
        return type(value).__name__


def is_number(value: object) -> bool:
    """Tell a cell, null included, from anything else; true and false are no numbers."""
    return type(value) in _NUMBERS


def plain_numbers(cells: list[Any]) -> list[float] | None:
    """Give cells that are numbers or null, null as NaN; None where another is among them."""
    kinds = set(map(type, cells))
    if kinds <= _NUMBERS:
        return [nan if cell is None else cell for cell in cells] if type(None) in kinds else cells
    return None


def numbers(instances: Sequence[object], first: int, columns: int, names: Sequence[str]) -> Floats:
    """Give instances as an array of shape (len(instances), columns), null as NaN.

    `first` is the number of the first, counted from 1. Raises UnreadableRowsError,
    WrongColumnCountError and WrongNamesError.
    """
    values: list[float] = []
    for row, instance in enumerate(instances, first):
        cells = instance if isinstance(instance, list) else _features(instance, row, columns, names)
        if len(cells) != columns:
            raise wrong_column_count(row, columns, len(cells))
        if not _NUMBERS.issuperset(map(type, cells)):
            column = next(at for at, cell in enumerate(cells) if not is_number(cell))
            raise not_a_number(row, column + 1, shown(cells[column]))
        values += [nan if cell is None else cell for cell in cells] if None in cells else cells
    try:
        array = matrix.filled(values, columns)
    except OverflowError:
        at = next(at for at, value in enumerate(values) if _too_large(value))
        raise not_a_number(first + at // columns, at % columns + 1, str(values[at])) from None
    if cell := matrix.infinite_cell(array):
        offset, column = cell
        raise not_a_number(first + offset, column + 1, str(values[offset * columns + column]))
    return array


def _too_large(value: float) -> bool:
    """Tell a whole number that no float can hold."""
    try:
        float(value)
    except OverflowError:
        return True
    return False


def _features(instance: object, row: int, columns: int, names: Sequence[str]) -> Sequence[Any]:
    """Give the cells, whatever they are."""
    if not isinstance(instance, dict):
        raise UnreadableRowsError(
            f"row {row}: expected a list of numbers and nulls, or an object of features"
        )
    vector = instance
    if vector.keys() == {"data"} and isinstance(vector["data"], dict):
        vector = vector["data"]
    if vector.keys() != {"features"} or not isinstance(vector["features"], dict | list):
        return in_order(instance, names, row)
    features = vector["features"]
    return features if isinstance(features, list) else _tensor(features, row, columns)


def _tensor(tensor: dict[str, object], row: int, columns: int) -> Sequence[Any]:
    """Give the cells of a tensor as JSON: the fields of SageMaker's protobuf message."""
    values, keys, shape = (tensor.get(name, []) for name in ("values", "keys", "shape"))
    if unknown := sorted(tensor.keys() - {"values", "keys", "shape"}):
        raise UnreadableRowsError(
            f"row {row}: expected values, keys and shape, found {quoted(unknown[0])}"
        )
    if not (isinstance(values, list) and isinstance(keys, list) and isinstance(shape, list)):
        raise UnreadableRowsError(f"row {row}: expected lists as values, keys and shape")
    if shape not in ([], [columns]):
        raise WrongColumnCountError(
            f"row {row}: expected the shape [{columns}], found {shown(shape)}"
        )
    if not keys and (values or not shape):
        return values
    if not all(type(key) is int for key in keys):
        raise UnreadableRowsError(f"row {row}: expected whole numbers as keys")
    return spread(values, keys, row, columns)
