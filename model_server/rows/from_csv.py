"""Rows from text/csv: numbers between commas, one row a line, no header, no quotes.

An empty cell is a missing value, and so is `nan`, which is how NumPy and pandas write one.
"""

from collections.abc import Iterator, Sequence
from math import isfinite, isnan, nan

import numpy as np
import numpy.typing as npt

from model_server.rows.errors import not_a_number, wrong_column_count

SLICE_BYTES = 32_768
"""About 500 rows of 24 columns: what is read at once, which bounds memory and time in one go."""


def read(body: bytes, columns: int) -> Iterator[npt.NDArray[np.float32]]:
    r"""Give the rows in slices, each of shape (rows, columns), a missing value as NaN.

    Lines end in `\n` or `\r\n`; the last one may go without. Raises UnreadableRowsError and
    WrongColumnCountError when it comes to the row.
    """
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    row = 1
    for part in _slices(body.removesuffix(b"\n")):
        lines = part.split(b"\n")
        yield _numbers(part, lines, row, columns)
        row += len(lines)


def column_count(body: bytes) -> int:
    """Count the columns of the first line."""
    end = body.find(b"\n")
    return body.count(b",", 0, len(body) if end < 0 else end) + 1


def _slices(body: bytes) -> Iterator[bytes]:
    start = 0
    while (end := body.find(b"\n", start + SLICE_BYTES)) >= 0:
        yield body[start:end]
        start = end + 1
    yield body[start:]


def _numbers(
    part: bytes, lines: Sequence[bytes], row: int, columns: int
) -> npt.NDArray[np.float32]:
    commas = columns - 1
    for offset, line in enumerate(lines):
        if line.count(b",") != commas:
            raise wrong_column_count(row + offset, columns, line.count(b",") + 1)
    try:
        values = [float(cell) if cell else nan for line in lines for cell in line.split(b",")]
    except ValueError:
        values = _careful(lines, row)
    else:
        # float() takes 1_000 for a number, which CSV does not
        if b"_" in part:
            values = _careful(lines, row)
    with np.errstate(over="ignore"):
        numbers = np.array(values, dtype=np.float32).reshape(-1, columns)
    if np.isinf(numbers).any():
        offset, column = np.argwhere(np.isinf(numbers))[0].tolist()
        raise not_a_number(row + offset, column + 1, _text(lines[offset].split(b",")[column]))
    return numbers


def _careful(lines: Sequence[bytes], row: int) -> list[float]:
    """Read cell by cell: to tell a cell of blanks, which is missing, and to name a bad one."""
    values = []
    for offset, line in enumerate(lines):
        for column, cell in enumerate(line.split(b","), 1):
            try:
                value = float(cell) if cell.strip() else nan
            except ValueError:
                raise not_a_number(row + offset, column, _text(cell)) from None
            if b"_" in cell or not (isfinite(value) or isnan(value)):
                raise not_a_number(row + offset, column, _text(cell))
            values.append(value)
    return values


def _text(cell: bytes) -> str:
    return cell.decode(errors="replace").strip()
