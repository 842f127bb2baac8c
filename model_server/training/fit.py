"""The model: boosting round by round, the same bytes for the same input.

Each round may be measured and shown, kept as a checkpoint, and be the last one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import xgboost

from model_server.training import stopping
from model_server.training.checkpoints import Checkpoints
from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Measuring, line
from model_server.training.stopping import Stopping
from model_server.training.table import Table

Matrices: TypeAlias = Mapping[str, xgboost.DMatrix]
"""By channel: what is fitted to, `train`, comes first."""
_PLACE = re.compile(r"\[[\d:]+\] \S+:\d+: (Check failed: .*?: )?")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the rounds of a booster; nothing by default."""

    show: Callable[[str], object] | None = None
    """Takes the line of each round."""
    checkpoints: Checkpoints | None = None
    boosters: list[xgboost.Booster] = field(default_factory=list)
    """Where a booster is found while it is not finished."""


def matrices(tables: Mapping[str, Table], hyperparameters: Hyperparameters) -> Matrices:
    """Give XGBoost's own form of tables. Raises TrainingError."""
    return {name: _matrix(table, hyperparameters) for name, table in tables.items()}


def fit(
    data: Matrices, hyperparameters: Hyperparameters, around: Surroundings | None = None
) -> xgboost.Booster:
    """Fit a booster to the first matrix, watching the others. Raises TrainingError."""
    around = around or Surroundings()
    measuring = Measuring.asked_for(hyperparameters)
    parameters = {**hyperparameters.for_xgboost(), **measuring.for_xgboost()}
    train, *_ = data.values()
    watch = Stopping.asked_for(hyperparameters)
    try:
        booster = _begun(parameters, data, around.checkpoints)
        around.boosters.append(booster)
        for number in range(booster.num_boosted_rounds(), hyperparameters.num_round):
            if watch and watch.is_over(booster):
                break
            booster.update(train, number)
            if around.show or watch:
                scores = measuring.scores(booster, data, number)
                if around.show:
                    around.show(line(number, scores))
                if watch:
                    watch.note(booster, number, scores)
            if around.checkpoints:
                around.checkpoints.save(booster)
    except xgboost.core.XGBoostError as error:
        raise _refused(error) from error
    finished = stopping.best(booster) if watch else booster
    around.boosters[-1] = finished
    return finished


def predict(booster: xgboost.Booster, matrix: xgboost.DMatrix) -> npt.NDArray[np.float64]:
    """Give what the model answers, shape (n,), or (n, classes) with multi:softprob."""
    predicted: npt.NDArray[np.float32] = booster.predict(matrix)
    return predicted.astype(np.float64)


def importance(booster: xgboost.Booster, matrix: xgboost.DMatrix) -> list[float]:
    """Give the mean absolute contribution of each column, in margins, over rows and classes."""
    contributions = np.abs(booster.predict(matrix, pred_contribs=True)).astype(np.float64)
    columns = contributions.shape[-1]
    means: list[float] = contributions.reshape(-1, columns)[:, :-1].mean(axis=0).tolist()
    return means


def _matrix(table: Table, hyperparameters: Hyperparameters) -> xgboost.DMatrix:
    try:
        return xgboost.DMatrix(
            table.rows,
            table.labels,
            weight=table.weights,
            qid=table.queries,
            feature_names=list(hyperparameters.feature_names) or None,
            nthread=hyperparameters.nthread,
        )
    except xgboost.core.XGBoostError as error:
        raise _refused(error) from error


def _begun(
    parameters: dict[str, object], data: Matrices, checkpoints: Checkpoints | None
) -> xgboost.Booster:
    """Give the booster to go on with: a checkpoint's, or a new one."""
    cache = list(data.values())
    booster = checkpoints.newest(parameters, cache) if checkpoints else None
    if booster is None:
        return xgboost.Booster(parameters, cache)
    if booster.num_features() != cache[0].num_col():
        raise TrainingError(
            f"the checkpoint was fitted to {booster.num_features()} columns, the channel has "
            f"{cache[0].num_col()}: empty the folder of checkpoints to begin anew"
        )
    return booster


def _refused(error: xgboost.core.XGBoostError) -> TrainingError:
    # the first line says what is wrong, the others are addresses in the library
    reason = _PLACE.sub("", str(error).partition("\n")[0])
    return TrainingError(f"XGBoost cannot train with this: {reason.strip()}")
