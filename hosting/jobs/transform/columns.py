"""Columns of CSV rows: the JSONPath expressions of DataProcessing, and the join of two rows.

Facts: SageMaker developer guide, "Associate Prediction Results with Input Records": a CSV row is
taken as a JSON array, so that only indexes apply. Not: JSON, whose attributes have names.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

ALL = "$"

_PATH = re.compile(r"\$\[([^\[\]]+)\]")
_INDEX = re.compile(r"-?\d+")
_FROM = re.compile(r"(-?\d+):")


class ColumnsError(ValueError):
    """An expression that is no choice of columns: write it as the message says."""


class RowError(ValueError):
    """A row that does not have what was asked of it: correct the data or the expression."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A choice of a row's columns, in the order in which they are wanted."""

    expression: str
    parts: tuple[tuple[int, bool], ...] | None
    """Indexes, each with whether all columns after it are wanted too; None for all columns."""

    @classmethod
    def parse(cls, expression: str) -> Self:
        """Read `$`, `$[1]`, `$[1:]`, `$[0,5:]`. Raises ColumnsError."""
        if expression == ALL:
            return cls(expression, None)
        path = _PATH.fullmatch(expression)
        if path is None:
            raise ColumnsError(f"{expression!r} names no columns of a CSV row: write $[0] or $[1:]")
        return cls(expression, tuple(_part(part.strip()) for part in path[1].split(",")))

    def of(self, row: Sequence[str]) -> list[str]:
        """Give the chosen cells of a row. Raises RowError."""
        if self.parts is None:
            return list(row)
        cells: list[str] = []
        for index, rest in self.parts:
            if not -len(row) <= index < len(row):
                raise RowError(
                    f"{self.expression} asks for a column that a row of {len(row)} lacks"
                )
            cells.extend(row[index:] if rest else [row[index]])
        return cells


def read_row(line: bytes) -> list[str]:
    """Read one CSV line (RFC 4180). Raises RowError."""
    try:
        rows = list(csv.reader([line.decode()], strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise RowError(f"a line is no CSV: {error}") from error
    return rows[0] if rows else []


def write_row(cells: Sequence[str]) -> bytes:
    """Write one CSV line without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue().encode()


def _part(text: str) -> tuple[int, bool]:
    if _INDEX.fullmatch(text):
        return int(text), False
    if match := _FROM.fullmatch(text):
        return int(match[1]), True
    if ":" in text:
        # the guide counts the end in, the JsonPath library that it refers to does not
        raise ColumnsError(
            f"[{text}]: a slice with an end is not supported here, for AWS's guide and JSONPath "
            "disagree on what it holds: list the indexes"
        )
    raise ColumnsError(f"[{text}] is no index of a column: CSV rows have no names")
