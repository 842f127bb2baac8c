"""Several models that answer as one: the mean of their scores, or the class that most vote for.

As AWS's XGBoost image does with every file of its folder (aws/sagemaker-xgboost-container,
serve_utils.py).
"""

import math
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from model_server.model.predictor import Floats, ModelError, Predictor, row_of

VOTING = ("multi:softmax", "binary:hinge")
"""Objectives whose scores are classes, of which no mean can be taken."""


class Ensemble:
    """Models of the same columns and objective; see `Predictor`."""

    def __init__(self, models: Sequence[Predictor]) -> None:
        """Take at least one model. Raises ModelError where they do not belong together."""
        first = models[0]
        names = next((model.names for model in models if model.names), ())
        for model in models[1:]:
            if (model.columns, model.objective, model.classes) != (
                first.columns,
                first.objective,
                first.classes,
            ):
                raise ModelError(
                    f"the models of an ensemble differ: {_kind(first)} and {_kind(model)}"
                )
            if model.names and model.names != names:
                raise ModelError("the models of an ensemble name their features differently")
        self._models = tuple(models)
        self.columns = first.columns
        self.names = names
        self.objective = first.objective
        self.classes = first.classes
        versions = " ".join(model.version for model in models)
        self.version = sha256(versions.encode()).hexdigest()[:12]

    def score(self, rows: Floats) -> Floats:
        """Predict; see `Predictor`."""
        scores = np.stack([model.score(rows) for model in self._models])
        if self.objective in VOTING:
            return _most_frequent(scores)
        mean: Floats = scores.mean(axis=0, dtype=np.float32)
        return mean

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row; see `Predictor`."""
        return float(self.score(row_of(values))[0])

    def score_csv(self, _text: bytes) -> float:
        """Leave it to `score_row`; see `Predictor`."""
        return math.nan

    score_json = score_csv

    def contributions(self, rows: Floats) -> Floats:
        """Explain by the mean of the models' contributions; see `Predictor`."""
        parts = [model.contributions(rows) for model in self._models]
        mean: Floats = np.mean(parts, axis=0, dtype=np.float32)
        return mean


def _kind(model: Predictor) -> str:
    return f"{model.objective} of {model.columns} columns and {model.classes} classes"


def _most_frequent(votes: Floats) -> Floats:
    """Give the most frequent value of each column, the smallest of several: (m, n) to (n,)."""
    classes = np.unique(votes)
    counts = np.stack([(votes == value).sum(axis=0) for value in classes])
    most: Floats = classes[counts.argmax(axis=0)]
    return most
