"""Rows from application/jsonlines: one row a line, a list of numbers or an object of features."""

import io
from collections.abc import Iterator, Sequence
from itertools import islice

from model_server.rows import instance
from model_server.rows.errors import UnreadableRowsError
from model_server.rows.matrix import Floats

SLICE_ROWS = 256


def read(body: bytes, columns: int, names: Sequence[str] = ()) -> Iterator[Floats]:
    r"""Give the rows in slices, each of shape (rows, columns), null as NaN.

    Lines end in `\n`, with `\r` before it or not; the last one may go without. An empty line is
    refused, so that answers match lines. Raises UnreadableRowsError, WrongColumnCountError and
    WrongNamesError when it comes to the row.
    """
    lines = io.BytesIO(body)
    first = 1
    while some := list(islice(lines, SLICE_ROWS)):
        instances = [_instance(line.rstrip(), row) for row, line in enumerate(some, first)]
        yield instance.numbers(instances, first, columns, names)
        first += len(some)


def _instance(line: bytes, row: int) -> object:
    try:
        return instance.parse(line)
    except ValueError as error:
        raise UnreadableRowsError(f"row {row}: not JSON: {error}") from error
