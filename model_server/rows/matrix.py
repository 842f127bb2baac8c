"""Plain numbers as an array of single precision, which is what a model takes."""

from array import array
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
TOO_LARGE = 2.0**128 - 2.0**103
"""The least number that single precision rounds to infinity."""


def filled(values: Iterable[float], columns: int) -> Floats:
    """Give an array of shape (n, columns), n at least 1; a number too large for it is infinite.

    Raises OverflowError for a whole number that no float can hold.
    """
    # array rounds to single precision without NumPy's warning, and faster for one row
    return np.frombuffer(array("f", values), np.float32).reshape(-1, columns)


def infinite_cell(numbers: Floats) -> tuple[int, int] | None:
    """Find the first cell that is infinite, row and column counted from 0."""
    infinite = np.isinf(numbers)
    if not np.count_nonzero(infinite):  # any() takes three times as long for one row
        return None
    row, column = np.argwhere(infinite)[0].tolist()
    return row, column
