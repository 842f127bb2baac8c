"""Rows from text/libsvm: `label index:value index:value`, one row a line, indices from 0.

Indices count from 0 because XGBoost's own reader counts so, also in a file whose lowest is 1. A
feature that a row does not name is missing. `qid:` is left out. Blank lines before the first row
and behind the last are none, as in AWS's image (sagemaker-xgboost-container data_utils.py).
"""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf, nan

import numpy as np

from model_server.rows import matrix
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError, quoted
from model_server.rows.labelled import Labelled
from model_server.rows.matrix import Floats

SLICE_CELLS = 65_536
"""What is read at once; rows are dense from here on, so a wide model makes for few."""
_QUERY = b"qid:"


def read(body: bytes, columns: int, _names: Sequence[str] = ()) -> Iterator[Floats]:
    """Give the rows in slices, each of shape (rows, columns); a leading label is left out.

    Every line is a row, a blank one between others with all values missing, so that answers match
    lines. Raises UnreadableRowsError and WrongColumnCountError when it comes to the row.
    """
    for first, lines in _slices(body.strip(), columns):
        values: list[float] = []
        for row, line in enumerate(lines, first):
            tokens = line.split()
            if tokens and b":" not in tokens[0]:
                _number(tokens.pop(0), row, "the label")  # lines of csv must not pass for labels
            values += _cells(tokens, row, columns)
        yield matrix.filled(values, columns)


def read_labelled(body: bytes, columns: int) -> Iterator[Labelled]:
    """Give rows, labels and instance weights (`label:weight`) in slices.

    Empty lines and comments (`#`) are no rows, as in XGBoost's reader. Raises UnreadableRowsError
    and WrongColumnCountError when it comes to the row.
    """
    for first, lines in _slices(body, columns):
        values: list[float] = []
        labels: list[float] = []
        weights: list[float] = []
        for row, line in enumerate(lines, first):
            if not (tokens := _uncommented(line)):
                continue
            label, colon, weight = tokens[0].partition(b":")
            labels.append(_number(label, row, "the label"))
            weights.append(_number(weight, row, "the weight") if colon else 1.0)
            values += _cells(tokens[1:], row, columns)
        if labels:
            yield Labelled(
                rows=matrix.filled(values, columns),
                labels=np.array(labels, np.float32),
                weights=np.array(weights, np.float32),
            )


def column_count(body: bytes) -> int:
    """Count the columns of rows with labels: one more than the highest index.

    Raises UnreadableRowsError.
    """
    highest = -1
    for row, line in enumerate(io.BytesIO(body), 1):
        for token in _uncommented(line)[1:]:
            if not token.startswith(_QUERY):
                highest = max(highest, _index(token.partition(b":")[0], row))
    return highest + 1


def _slices(body: bytes, columns: int) -> Iterator[tuple[int, list[bytes]]]:
    """Give some lines at a time, with the number of the first, counted from 1."""
    lines = io.BytesIO(body)
    size = max(1, SLICE_CELLS // max(1, columns))
    first = 1
    while some := list(islice(lines, size)):
        yield first, some
        first += len(some)


def _uncommented(line: bytes) -> list[bytes]:
    return line.partition(b"#")[0].split()


def _cells(tokens: Sequence[bytes], row: int, columns: int) -> list[float]:
    cells = [nan] * columns
    seen: set[int] = set()
    for token in tokens:
        if token.startswith(_QUERY):
            continue
        name, _, value = token.partition(b":")
        index = _index(name, row)
        if index >= columns:
            raise WrongColumnCountError(
                f"row {row}: expected indices from 0 to {columns - 1}, found {index}"
            )
        if index in seen:
            raise UnreadableRowsError(f"row {row}: the index {index} stands twice")
        seen.add(index)
        cells[index] = _number(value, row, f"index {index}")
    return cells


def _index(text: bytes, row: int) -> int:
    if not text.isdigit() or len(text) > len(str(2**32)):
        raise UnreadableRowsError(f"row {row}: expected index:value, found {_quoted(text)}")
    return int(text)


def _number(text: bytes, row: int, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = inf
    # not a number is a missing value; float() takes 1_000 for a number, which libsvm does not
    if abs(value) >= matrix.TOO_LARGE or b"_" in text:
        raise UnreadableRowsError(
            f"row {row}, {place}: expected a finite number, found {_quoted(text)}"
        )
    return value


def _quoted(text: bytes) -> str:
    return quoted(text.decode(errors="replace"))
