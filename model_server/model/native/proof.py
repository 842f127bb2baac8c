"""The proof that native code and booster agree, row by row, before the native code is used."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from model_server.model.native.source import NotTranslatableError
from model_server.model.predictor import Floats

TOLERANCE = 1e-6
"""Of a score; above 1, of its share: single precision has no more digits."""
RANDOM_ROWS = 2_000
SEED = 20_260_101
MOST_NUMBERS = 2**25
"""In the rows of one comparison, which take a multiple of 128 MiB then."""

Score: TypeAlias = Callable[[Floats], Floats]


class NotEqualError(ValueError):
    """The native code gives other scores than the booster, which goes on predicting by itself."""


def prove(native: Score, booster: Score, rows: Floats) -> float:
    """Compare on rows of shape (n, columns); give the largest difference.

    Raises NotEqualError.
    """
    expected, found = booster(rows), native(rows)
    if expected.shape != found.shape:
        raise NotEqualError(f"scores of shape {found.shape} instead of {expected.shape}")
    difference = np.abs(expected - found) / np.maximum(1.0, np.abs(expected))
    # a comparison that is false for NaN too
    wrong = np.flatnonzero(~(difference <= TOLERANCE).reshape(len(rows), -1).all(axis=1))
    if len(wrong):
        raise NotEqualError(
            f"{len(wrong)} of {len(rows)} rows differ, the first by {difference[wrong[0]].max():g}"
        )
    return float(difference.max(initial=0.0))


def rows_to_prove(columns: int, thresholds: Mapping[int, frozenset[float]]) -> Iterator[Floats]:
    """Give rows on which a wrong comparison would show: shape (n, columns) each.

    Each threshold, the next number below it and a missing value, in every column and mixed at
    random; numbers from far below to far above; rows without any value; zeros.
    Raises NotTranslatableError where they would take too much memory.
    """
    edges = [_edges(thresholds.get(column, frozenset())) for column in range(columns)]
    longest = max((len(values) for values in edges), default=0)
    if columns * max(RANDOM_ROWS, longest) > MOST_NUMBERS:
        raise NotTranslatableError(f"a proof takes too much memory with {columns} columns")
    generator = np.random.default_rng(SEED)
    yield np.stack([np.full(columns, np.nan), np.zeros(columns)]).astype(np.float32)
    scale = generator.choice(10.0 ** np.arange(-3, 7), size=(RANDOM_ROWS, columns))
    wide = (generator.normal(size=(RANDOM_ROWS, columns)) * scale).astype(np.float32)
    wide[generator.random(wide.shape) < 0.2] = np.nan  # noqa: PLR2004 - often enough, not mostly
    yield wide
    for _ in range(4):
        yield np.ascontiguousarray(
            np.stack([_spread(values, longest, generator) for values in edges], axis=1)
        )


def _edges(thresholds: frozenset[float]) -> Floats:
    exact = np.array(sorted(thresholds), dtype=np.float32)
    below = np.nextafter(exact, np.float32(-np.inf))
    return np.concatenate([exact, below, np.array([np.nan], dtype=np.float32)])


def _spread(values: Floats, length: int, generator: np.random.Generator) -> Floats:
    """Give each value at least once, in random order, and random ones of them to fill up."""
    filled = np.concatenate([values, generator.choice(values, size=length - len(values))])
    return generator.permutation(filled).astype(np.float32)
