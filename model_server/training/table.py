"""The rows of a channel in memory: what a model is fitted to or measured on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats32: TypeAlias = npt.NDArray[np.float32]
Queries: TypeAlias = npt.NDArray[np.uint32]
Indices: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of shape (n, columns), a missing value as NaN; all else of shape (n,)."""

    rows: Floats32
    labels: Floats32
    weights: Floats32 | None = None
    """None where every row counts 1."""
    queries: Queries | None = None
    """To which query a row belongs, in rising order, for objectives that rank."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> int:
        """Give the number of features."""
        columns: int = self.rows.shape[1]
        return columns

    def take(self, rows: Indices) -> "Table":
        """Give some of the rows, without their queries."""
        weights = None if self.weights is None else self.weights[rows]
        return Table(self.rows[rows], self.labels[rows], weights)


def joined(tables: Sequence[Table]) -> Table:
    """Give the rows of all, one table after the other; queries only where all have them."""
    weights = None
    if any(table.weights is not None for table in tables):
        weights = np.concatenate([_weights(table) for table in tables])
    queries = [table.queries for table in tables if table.queries is not None]
    return Table(
        np.concatenate([table.rows for table in tables]),
        np.concatenate([table.labels for table in tables]),
        weights,
        np.concatenate(queries) if len(queries) == len(tables) else None,
    )


def _weights(table: Table) -> Floats32:
    return np.ones(len(table), np.float32) if table.weights is None else table.weights
