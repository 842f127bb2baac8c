"""Rows from application/json: {"instances": [...]}, the list alone, or one row alone.

A long list is parsed row by row: one call for the whole document would keep Python's lock for a
second, and /ping with it.
"""

import re
from collections.abc import Iterator, Sequence

from model_server.rows import instance
from model_server.rows.errors import UnreadableRowsError, quoted
from model_server.rows.matrix import Floats

SLICE_ROWS = 512
LONG_BYTES = 262_144
"""About 5 ms of parsing."""
_SHAPE = 'expected {"instances": [[...], ...]}, a list of rows or one row'
_OPENING = re.compile(r'\s*(\{\s*"instances"\s*:\s*)?\[\s*(?=[\[{])')
_BETWEEN = re.compile(r"\s*,\s*")
_CLOSING = {None: re.compile(r"\s*\]\s*\Z"), "{": re.compile(r"\s*\]\s*\}\s*\Z")}


def read(body: bytes, columns: int, names: Sequence[str] = ()) -> Iterator[Floats]:
    """Give the rows in slices, each of shape (rows, columns), null as NaN.

    Raises UnreadableRowsError, WrongColumnCountError and WrongNamesError when it comes to the row.
    """
    first = 1
    for rows in _slices(body):
        yield instance.numbers(rows, first, columns, names)
        first += len(rows)


def one_row(body: bytes, columns: int) -> list[float] | None:
    """Read {"instances": [[...]]} of plain numbers; None where it is anything else."""
    try:
        document = instance.parse(body)
    except ValueError:
        return None
    match document:
        case {"instances": [[*cells]], **others} if not others and len(cells) == columns:
            return instance.plain_numbers(cells)
    return None


def _slices(body: bytes) -> Iterator[list[object]]:
    if len(body) > LONG_BYTES:
        try:
            text = instance.text(body)
        except ValueError as error:
            raise UnreadableRowsError(f"not JSON: {error}") from error
        if opening := _OPENING.match(text):
            yield from _one_by_one(text, opening)
            return
    rows = _rows(body)
    for start in range(0, len(rows), SLICE_ROWS):
        yield rows[start : start + SLICE_ROWS]


def _one_by_one(text: str, opening: re.Match[str]) -> Iterator[list[object]]:
    rows: list[object] = []
    position = opening.end()
    closing = _CLOSING["{" if opening[1] else None]
    while True:
        try:
            row, position = instance.parse_at(text, position)
        except ValueError as error:
            raise UnreadableRowsError(f"not JSON: {error}") from error
        rows.append(row)
        between = _BETWEEN.match(text, position)
        if not between:
            break
        position = between.end()
        if len(rows) == SLICE_ROWS:
            yield rows
            rows = []
    if not closing.match(text, position):
        raise UnreadableRowsError(f"{_SHAPE}: something else stands at character {position}")
    yield rows


def _rows(body: bytes) -> list[object]:
    try:
        document = instance.parse(body)
    except ValueError as error:
        raise UnreadableRowsError(f"not JSON: {error}") from error
    if isinstance(document, dict):
        if "instances" not in document:
            return [document]
        if unknown := sorted(document.keys() - {"instances"}):
            raise UnreadableRowsError(f"{_SHAPE}, found the key {quoted(unknown[0])}")
        document = document["instances"]
    if not isinstance(document, list):
        raise UnreadableRowsError(f"{_SHAPE}, found {instance.shown(document)}")
    return [document] if document and instance.is_number(document[0]) else document
