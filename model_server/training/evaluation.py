"""How good the model is on rows that it has not seen, beside the logistic regression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model_server.training import fit, logistic
from model_server.training.folds import Indices, stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import METRICS, Floats

KFOLD_METRICS = ("auc", "brier", "ece", "logloss")
Floats32 = npt.NDArray[np.float32]
_Fit: TypeAlias = Callable[[Indices, Indices], Floats]
"""Fits on the first rows, predicts the second."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric over the folds."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One way to predict, measured."""

    predicted: Floats
    """Each row's probability from the fit that did not see the row."""
    measures: Mapping[str, Measure]


def cross_validate(
    rows: Floats32, labels: Floats32, hyperparameters: Hyperparameters
) -> dict[str, Evaluation]:
    """Measure "model" and "logistic" on the same folds; none where `kfold` is 0."""
    if not hyperparameters.kfold:
        return {}
    wide, truth = rows.astype(np.float64), labels.astype(np.float64)

    def trees(train: Indices, test: Indices) -> Floats:
        booster = fit.fit(rows[train], labels[train], hyperparameters)
        return fit.predict(booster, rows[test], hyperparameters)

    def regression(train: Indices, test: Indices) -> Floats:
        return logistic.fit(wide[train], truth[train]).predict(wide[test])

    parts = stratified(truth, hyperparameters.kfold, hyperparameters.seed)
    return {
        "model": _evaluate(trees, truth, parts),
        "logistic": _evaluate(regression, truth, parts),
    }


def _evaluate(fit_and_predict: _Fit, truth: Floats, parts: list[Indices]) -> Evaluation:
    predicted = np.empty(len(truth))
    every = np.arange(len(truth))
    for test in parts:
        predicted[test] = fit_and_predict(np.setdiff1d(every, test), test)
    measures = {}
    for name in KFOLD_METRICS:
        values = [METRICS[name](truth[test], predicted[test]) for test in parts]
        measures[name] = Measure(float(np.mean(values)), float(np.std(values)))
    return Evaluation(predicted, measures)
