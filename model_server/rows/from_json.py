"""Rows from application/json: {"instances": [...]}, the list alone, or one row alone."""

from collections.abc import Iterator, Sequence

from model_server.rows import instance
from model_server.rows.errors import UnreadableRowsError, quoted
from model_server.rows.matrix import Floats

SLICE_ROWS = 512
_SHAPE = 'expected {"instances": [[...], ...]}, a list of rows or one row'


def read(body: bytes, columns: int, names: Sequence[str] = ()) -> Iterator[Floats]:
    """Give the rows in slices, each of shape (rows, columns), null as NaN.

    Raises UnreadableRowsError, WrongColumnCountError and WrongNamesError when it comes to the row.
    """
    rows = _rows(body)
    for start in range(0, len(rows), SLICE_ROWS):
        yield instance.numbers(rows[start : start + SLICE_ROWS], start + 1, columns, names)


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
