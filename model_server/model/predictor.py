"""What a loaded model can be asked, whatever stands behind it: a booster, native code, several."""

import struct
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class ModelError(ValueError):
    """The model cannot be served: put a model that `Booster.save_model` wrote into the folder."""


class Predictor(Protocol):
    """A model that is ready. Its methods may run in several threads at once.

    Rows are float32 of shape (n, columns), C-contiguous, a missing value as NaN.
    """

    @property
    def columns(self) -> int:
        """Give the number of features."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Give the features' names in the order of the columns; empty where the model has none."""
        ...

    @property
    def objective(self) -> str:
        """Give XGBoost's name of the objective, such as binary:logistic."""
        ...

    @property
    def classes(self) -> int:
        """Give num_class of a multi-class objective, else 0."""
        ...

    @property
    def version(self) -> str:
        """Give a digest of the files: the same for the same model."""
        ...

    def score(self, rows: Floats) -> Floats:
        """Predict as `Booster.predict` does: shape (n,), or (n, k) where a row gets k values."""
        ...

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row of finite numbers or NaN, where a row gets one score.

        Raises OverflowError for a number that single precision cannot hold; of an int struct.error.
        """
        ...

    def score_csv(self, text: bytes) -> float:
        """Predict for one row as a line of csv, where a row gets one score.

        NaN where it does not hold plain numbers, or reading it this way would gain nothing: then
        read it, and take `score_row`.
        """
        ...

    def score_json(self, text: bytes) -> float:
        """Predict for one row as {"instances": [[...]]}; otherwise as `score_csv`."""
        ...

    def contributions(self, rows: Floats) -> Floats:
        """Explain: shape (n, columns + 1), or (n, k, columns + 1), in margins, the bias last."""
        ...


def row_of(values: Sequence[float]) -> Floats:
    """Give the numbers as rows of which there is one. Raises as `Predictor.score_row`."""
    return np.frombuffer(struct.pack(f"={len(values)}f", *values), np.float32).reshape(1, -1)
