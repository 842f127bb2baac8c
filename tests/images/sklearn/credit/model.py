"""The model: text/csv in, probabilities out. Kept in skops' format, which runs no code."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import skops.io  # type: ignore[import-not-found] # in the image alone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

FILE_NAME = "credit.skops"
_TRUSTED = ["numpy.dtype"]
"""Beside scikit-learn's own types: only says how numbers are stored."""


class UnreadableError(ValueError):
    """The body is no rows of this model: send what the message asks for."""


class Model:
    """A fitted pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @classmethod
    def fit(cls, rows: npt.NDArray[np.float64], labels: npt.NDArray[np.float64]) -> "Model":
        """Fit to rows, shape (n, columns), NaN for a missing cell, and labels of 0 and 1."""
        pipeline = make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(max_iter=1000),
        )
        return cls(pipeline.fit(rows, labels))

    @classmethod
    def load(cls, file: Path) -> "Model":
        """Read a model; skops refuses types that are not trusted."""
        return cls(skops.io.load(file, trusted=_TRUSTED))

    def save(self, file: Path) -> None:
        """Write it."""
        skops.io.dump(self._pipeline, file)

    def scores(self, body: bytes) -> list[float]:
        """Give the probability of default of each row. Raises UnreadableError."""
        rows = read(body)
        columns = self._pipeline.n_features_in_
        if rows.shape[1] != columns:
            raise UnreadableError(f"expected {columns} columns, found {rows.shape[1]}")
        return [float(score) for score in self._pipeline.predict_proba(rows)[:, 1]]


def read(body: bytes) -> npt.NDArray[np.float64]:
    """Read text/csv without a header; an empty cell is a missing number. Raises UnreadableError."""
    try:
        lines = [line for line in body.decode().splitlines() if line]
        table = [[float(cell or "nan") for cell in line.split(",")] for line in lines]
        rows = np.array(table, np.float64)
    except ValueError as error:
        raise UnreadableError(f"expected rows of numbers: {str(error)[:100]}") from error
    if rows.ndim != 2 or np.isinf(rows).any():
        raise UnreadableError("expected rows of finite numbers, all of one length")
    return rows
