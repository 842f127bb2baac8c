"""Answers as text/csv, in the two shapes of AWS's XGBoost image.

Scores are a line of plain cells a row, lists in cells of their own. Selected outputs (see
`selection`) are a cell a field, lists in quotes: `1,"[0.4, 0.6]"`. A missing number is an empty
cell, within a quoted list null.
"""

from math import prod

from model_server.serving.answers import texts
from model_server.serving.answers.writer import Fields, Writer

CONTENT_TYPE = "text/csv; charset=utf-8"


def _cells(fields: Fields) -> bytes:
    columns = sum(prod(field.shape[1:]) for field in fields.values())
    return texts.rows(fields, ",".join([texts.NUMBER] * columns) + "\n", [""]).encode()


def _quoted_lists(fields: Fields) -> str:
    cells = []
    missing = []
    for field in fields.values():
        shape = field.shape[1:]
        cell = texts.slots(shape, ", ")
        cells.append(f'"{cell}"' if shape else cell)
        missing += ["null" if shape else ""] * prod(shape)
    return texts.rows(fields, ",".join(cells) + "\n", missing)


def _ended(fields: Fields) -> bytes:
    return _quoted_lists(fields).encode()


def _separated(fields: Fields) -> bytes:
    return _quoted_lists(fields).removesuffix("\n").encode()


SCORES = Writer(CONTENT_TYPE, _cells, single=texts.NUMBER.encode() + b"\n")
SELECTED = Writer(CONTENT_TYPE, _separated, separator=b"\n")
"""Without a newline at the end, as AWS's image writes it."""
SELECTED_BATCH = Writer(CONTENT_TYPE, _ended)
"""With one after every row."""
