"""The model: gradient-boosted trees, the same bytes for the same input."""

import numpy as np
import numpy.typing as npt
import xgboost

from model_server.training.hyperparameters import Hyperparameters

Floats32 = npt.NDArray[np.float32]


def fit(rows: Floats32, labels: Floats32, hyperparameters: Hyperparameters) -> xgboost.Booster:
    """Fit to rows of shape (n, columns), NaN for missing, and labels 0 and 1 of shape (n,)."""
    return xgboost.train(
        hyperparameters.for_xgboost(),
        _matrix(rows, hyperparameters, labels),
        num_boost_round=hyperparameters.num_round,
    )


def predict(
    booster: xgboost.Booster, rows: Floats32, hyperparameters: Hyperparameters
) -> npt.NDArray[np.float64]:
    """Give probabilities, shape (n,)."""
    probabilities: Floats32 = booster.predict(_matrix(rows, hyperparameters))
    return probabilities.astype(np.float64)


def importance(
    booster: xgboost.Booster, rows: Floats32, hyperparameters: Hyperparameters
) -> list[float]:
    """Give the mean absolute contribution of each column, in log-odds."""
    contributions = booster.predict(_matrix(rows, hyperparameters), pred_contribs=True)
    means: list[float] = np.abs(contributions[:, :-1]).astype(np.float64).mean(axis=0).tolist()
    return means


def _matrix(
    rows: Floats32, hyperparameters: Hyperparameters, labels: Floats32 | None = None
) -> xgboost.DMatrix:
    return xgboost.DMatrix(
        rows,
        labels,
        feature_names=list(hyperparameters.feature_names) or None,
        nthread=hyperparameters.nthread,
    )
