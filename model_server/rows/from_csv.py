"""Rows from text/csv (RFC 4180): numbers between commas, one row a line.

An empty cell is a missing value, and so is `nan`, which is how NumPy and pandas write one. Commas
are the only separator: AWS's image guesses another from the first line. As there
(sagemaker-xgboost-container data_utils.py), blank lines at both ends of a body are left out.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

import numpy as np

from model_server.rows import matrix
from model_server.rows.errors import UnreadableRowsError, not_a_number, wrong_column_count
from model_server.rows.matrix import Floats
from model_server.rows.names import check_header

SLICE_BYTES = 32_768
"""About 150 rows of 24 columns: what is read at once, which bounds memory and time in one go."""
MANY_BYTES = 4_096
"""From here on NumPy's own reader is faster than Python's float."""
_DIGITS = b"0123456789+-.eE,\n"
_PLAIN = b"0123456789+-.,\n"
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a client may say of its lines beside the numbers."""

    header: bool = False
    """The first line holds names: it is checked against the model's, and is no row."""
    label: bool = False
    """The first cell of each line is no feature: it is dropped."""
    charset: str = "utf-8"


PLAIN = Dialect()


def read(
    body: bytes, columns: int, names: Sequence[str] = (), dialect: Dialect = PLAIN
) -> Iterator[Floats]:
    r"""Give the rows in slices, each of shape (rows, columns), a missing value as NaN.

    Lines end in `\n` or `\r\n`; the last one may go without. A blank line between others is a row
    of one cell, which is missing. Rows are counted from the first. Raises UnreadableRowsError,
    WrongColumnCountError and WrongNamesError when it comes to the row.
    """
    body = body.removeprefix(_MARK).strip()
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    head: Sequence[str] = ()
    if b'"' in body:
        head, body = _without_quotes(body, dialect)
    elif dialect.header:
        line, _, body = body.partition(b"\n")
        head = line.decode(dialect.charset, "replace").split(",")
    if dialect.header:
        check_header(head[dialect.label :], names, columns)
    if not body:
        return
    row = 1
    for part in _slices(body.removesuffix(b"\n")):
        lines = part.split(b"\n")
        numbers = _numbers(part, lines, row, columns + dialect.label)
        yield np.ascontiguousarray(numbers[:, 1:]) if dialect.label else numbers
        row += len(lines)


def one_row(body: bytes, columns: int) -> list[float] | None:
    """Read one line of plain numbers; None where it is anything else, which `read` is for."""
    if not body or body.translate(None, _PLAIN) or body.find(b"\n", 0, -1) >= 0:
        return None
    cells = body.split(b",")
    if len(cells) != columns:
        return None
    try:
        return [float(cell) if cell else nan for cell in cells]
    except ValueError:
        return None


def column_count(body: bytes) -> int:
    """Count the columns of the first line that is not blank."""
    body = body.lstrip()
    end = body.find(b"\n")
    return body.count(b",", 0, len(body) if end < 0 else end) + 1


def _without_quotes(body: bytes, dialect: Dialect) -> tuple[Sequence[str], bytes]:
    """Give the cells of the header, if there is one, and the rows as lines without quotes."""
    text = io.StringIO(body.decode(dialect.charset, "replace"), newline="")
    reader = csv.reader(text, strict=True)
    head: Sequence[str] = ()
    lines = []
    row = 0
    try:
        if dialect.header:
            head = next(reader)
        row = 1
        for cells in reader:
            for column, cell in enumerate(cells, 1):
                if "," in cell or "\n" in cell:
                    raise not_a_number(row, column, cell)
            lines.append(",".join(cells) + "\n")
            row += 1
    except csv.Error as error:
        raise UnreadableRowsError(f"{f'row {row}' if row else 'header'}: {error}") from error
    return head, "".join(lines).encode(errors="replace")


def _slices(body: bytes) -> Iterator[bytes]:
    start = 0
    while (end := body.find(b"\n", start + SLICE_BYTES)) >= 0:
        yield body[start:end]
        start = end + 1
    yield body[start:]


def _numbers(part: bytes, lines: Sequence[bytes], row: int, columns: int) -> Floats:
    commas = columns - 1
    for offset, line in enumerate(lines):
        if line.count(b",") != commas:
            raise wrong_column_count(row + offset, columns, line.count(b",") + 1)
    numbers = _at_once(part, len(lines), columns) if len(part) >= MANY_BYTES else None
    if numbers is None:
        numbers = matrix.filled(_values(part, lines, row), columns)
    if cell := matrix.infinite_cell(numbers):
        offset, column = cell
        raise not_a_number(row + offset, column + 1, _text(lines[offset].split(b",")[column]))
    return numbers


def _at_once(part: bytes, rows: int, columns: int) -> Floats | None:
    """Read with NumPy's reader; None where there is other than a plain number in every cell."""
    if b",," in part or part.translate(None, _DIGITS) or not part.strip(b"\n"):
        return None
    try:
        numbers: Floats = np.loadtxt(
            io.BytesIO(part), np.float32, delimiter=",", comments=None, ndmin=2
        )
    except ValueError:
        return None
    # it skips empty lines
    return numbers if numbers.shape == (rows, columns) else None


def _values(part: bytes, lines: Sequence[bytes], row: int) -> list[float]:
    try:
        values = [float(cell) if cell else nan for line in lines for cell in line.split(b",")]
    except ValueError:
        return _careful(lines, row)
    # float() takes 1_000 for a number, which CSV does not
    return _careful(lines, row) if b"_" in part else values


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
