"""Sparse vectors: values with their places, the others missing."""

from collections.abc import Sequence
from math import nan
from typing import TypeVar

from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError

Value = TypeVar("Value")


def spread(
    values: Sequence[Value], keys: Sequence[int], row: int, columns: int
) -> list[Value | float]:
    """Give a cell for each column; keys count from 0.

    Raises UnreadableRowsError and WrongColumnCountError.
    """
    if len(keys) != len(values):
        raise UnreadableRowsError(
            f"row {row}: expected a value for each key, found {len(values)} for {len(keys)} keys"
        )
    cells: list[Value | float] = [nan] * columns
    seen: set[int] = set()
    for key, value in zip(keys, values, strict=True):
        if not 0 <= key < columns:
            raise WrongColumnCountError(
                f"row {row}: expected keys from 0 to {columns - 1}, found {key}"
            )
        if key in seen:
            raise UnreadableRowsError(f"row {row}: the key {key} stands twice")
        seen.add(key)
        cells[key] = value
    return cells
