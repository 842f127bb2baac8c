"""Rows from application/json: {"instances": [[1, null], ...]}, the list alone, or one row alone."""

import json
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from model_server.rows.errors import UnreadableRowsError, not_a_number, wrong_column_count

SLICE_ROWS = 512
_NUMBERS = frozenset({int, float, type(None)})
_SHAPE = 'expected {"instances": [[...], ...]}, a list of rows or one row'


def read(body: bytes, columns: int) -> Iterator[npt.NDArray[np.float32]]:
    """Give the rows in slices, each of shape (rows, columns), null as NaN.

    Raises UnreadableRowsError and WrongColumnCountError when it comes to the row.
    """
    rows = _rows(body)
    for start in range(0, len(rows), SLICE_ROWS):
        yield _numbers(rows[start : start + SLICE_ROWS], start + 1, columns)


def _rows(body: bytes) -> list[object]:
    try:
        document = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableRowsError(f"not JSON: {error}") from error
    if isinstance(document, dict):
        if unknown := sorted(document.keys() - {"instances"}):
            raise UnreadableRowsError(f"{_SHAPE}, found the key {unknown[0]!r}")
        document = document.get("instances")
    if not isinstance(document, list):
        raise UnreadableRowsError(f"{_SHAPE}, found {json.dumps(document)[:40]}")
    return [document] if document and type(document[0]) in _NUMBERS else document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON, a missing value is null")


def _numbers(rows: list[object], first: int, columns: int) -> npt.NDArray[np.float32]:
    checked = [_checked(values, row, columns) for row, values in enumerate(rows, first)]
    try:
        with np.errstate(over="ignore"):
            numbers = np.array(checked, dtype=np.float32)
    except OverflowError:
        # a whole number that no float can hold
        numbers = np.array([[_single(value) for value in values] for values in checked], np.float32)
    if np.isinf(numbers).any():
        offset, column = np.argwhere(np.isinf(numbers))[0].tolist()
        raise not_a_number(first + offset, column + 1, str(checked[offset][column]))
    return numbers


def _checked(values: object, row: int, columns: int) -> list[float | None]:
    if not isinstance(values, list):
        raise UnreadableRowsError(f"row {row}: expected a list of numbers and nulls")
    if len(values) != columns:
        raise wrong_column_count(row, columns, len(values))
    if not _NUMBERS.issuperset(map(type, values)):
        column = next(at for at, value in enumerate(values) if type(value) not in _NUMBERS)
        raise not_a_number(row, column + 1, json.dumps(values[column]))
    return values


def _single(value: float | None) -> float:
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf
