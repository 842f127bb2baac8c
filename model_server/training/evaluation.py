"""How good the model is on rows that it has not seen, beside the logistic regression.

Of binary:logistic alone: what is compared are probabilities. The unseen rows are the channel
`validation`, or else parts of the training data (k-fold).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xgboost

from model_server.training import fit, logistic
from model_server.training.errors import TrainingError
from model_server.training.folds import Indices, stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import METRICS, Floats
from model_server.training.objectives import BINARY_LOGISTIC
from model_server.training.table import Table

UNSEEN_METRICS = ("auc", "brier", "ece", "logloss")
USUAL_FOLDS = 5
_Fit: TypeAlias = Callable[[Indices, Indices], Floats]
"""Fits on the first rows, predicts the second."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric over the folds; without a deviation where it was measured once."""

    mean: float
    std: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One way to predict, measured."""

    predicted: Floats
    """Each row's probability from the fit that did not see the row."""
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was measured on rows that were not fitted to."""

    happened: Floats
    evaluations: Mapping[str, Evaluation]
    """Of "model" and "logistic"."""
    folds: int = 0
    """In how many parts the training data was cut; 0 for the channel `validation`."""


def is_compared(hyperparameters: Hyperparameters) -> bool:
    """Say whether the model answers with probabilities that can be compared."""
    return hyperparameters.objective == BINARY_LOGISTIC


def folds(hyperparameters: Hyperparameters, train: Table, validation: Table | None) -> int:
    """Say in how many parts to cut the training data; 0 to leave that out. Raises TrainingError."""
    asked = hyperparameters.kfold
    if asked == 0 or not is_compared(hyperparameters):
        return 0
    rarer = int(min(train.labels.sum(), len(train) - train.labels.sum()))
    if asked is None:
        usual = 0 if validation else min(USUAL_FOLDS, rarer)
        return usual if usual > 1 else 0
    if asked > rarer:
        raise TrainingError(
            f"kfold: expected at most {rarer}, the rows of the rarer label, found {asked}"
        )
    return asked


def cross_validate(table: Table, hyperparameters: Hyperparameters, parts: int) -> Unseen:
    """Measure both on the same folds. Training stops at num_round only: no fold is watched."""
    wide, truth = table.rows.astype(np.float64), table.labels.astype(np.float64)

    def trees(train: Indices, test: Indices) -> Floats:
        tables = {"train": table.take(train), "test": table.take(test)}
        data = fit.matrices(tables, hyperparameters)
        booster = fit.fit({"train": data["train"]}, hyperparameters)
        return fit.predict(booster, data["test"])

    def regression(train: Indices, test: Indices) -> Floats:
        return logistic.fit(wide[train], truth[train]).predict(wide[test])

    dealt = stratified(truth, parts, hyperparameters.seed)
    evaluations = {
        "model": _evaluate(trees, truth, dealt),
        "logistic": _evaluate(regression, truth, dealt),
    }
    return Unseen(truth, evaluations, parts)


def on_validation(
    booster: xgboost.Booster, data: fit.Matrices, tables: Mapping[str, Table]
) -> Unseen | None:
    """Measure both on the channel `validation`; None where it holds one label only."""
    train, validation = tables["train"], tables["validation"]
    happened = validation.labels.astype(np.float64)
    if happened.min() == happened.max():
        return None
    regression = logistic.fit(train.rows.astype(np.float64), train.labels.astype(np.float64))
    predictions = {
        "model": fit.predict(booster, data["validation"]),
        "logistic": regression.predict(validation.rows.astype(np.float64)),
    }
    return Unseen(
        happened,
        {
            name: Evaluation(
                predicted,
                {key: Measure(METRICS[key](happened, predicted)) for key in UNSEEN_METRICS},
            )
            for name, predicted in predictions.items()
        },
    )


def _evaluate(fit_and_predict: _Fit, truth: Floats, parts: list[Indices]) -> Evaluation:
    predicted = np.empty(len(truth))
    every = np.arange(len(truth))
    for test in parts:
        predicted[test] = fit_and_predict(np.setdiff1d(every, test), test)
    measures = {}
    for name in UNSEEN_METRICS:
        values = [METRICS[name](truth[test], predicted[test]) for test in parts]
        measures[name] = Measure(float(np.mean(values)), float(np.std(values)))
    return Evaluation(predicted, measures)
