"""The objectives of AWS's XGBoost algorithm: which labels each takes, what its predictions are.

Not here: survival:aft, which AWS lists too. It needs two bounds a row, and a channel has one label
(aws/sagemaker-xgboost-container hyperparameter_validation.py, data_utils.py).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats32: TypeAlias = npt.NDArray[np.float32]
_Check: TypeAlias = Callable[[Floats32], npt.NDArray[np.bool_]]

BINARY_LOGISTIC = "binary:logistic"
MULTI = ("multi:softmax", "multi:softprob")
MOST_RELEVANT = 31
"""XGBoost's highest relevance degree where NDCG gains are exponential, which is the default."""


def _any(labels: Floats32) -> npt.NDArray[np.bool_]:
    return np.isfinite(labels)


_LABELS: Mapping[str, tuple[str, _Check]] = MappingProxyType(
    {
        "binary:hinge": ("0 or 1", lambda labels: np.isin(labels, (0.0, 1.0))),
        BINARY_LOGISTIC: ("0 or 1", lambda labels: np.isin(labels, (0.0, 1.0))),
        "binary:logitraw": ("0 or 1", lambda labels: np.isin(labels, (0.0, 1.0))),
        "count:poisson": ("0 or more", lambda labels: labels >= 0),
        "multi:softmax": ("a class", _any),
        "multi:softprob": ("a class", _any),
        "rank:map": ("0 or 1", lambda labels: np.isin(labels, (0.0, 1.0))),
        "rank:ndcg": (
            f"a whole number from 0 to {MOST_RELEVANT}",
            lambda labels: np.isin(labels, np.arange(MOST_RELEVANT + 1)),
        ),
        "rank:pairwise": (
            f"a whole number from 0 to {MOST_RELEVANT}",
            lambda labels: np.isin(labels, np.arange(MOST_RELEVANT + 1)),
        ),
        "reg:absoluteerror": ("a number", _any),
        "reg:gamma": ("more than 0", lambda labels: labels > 0),
        "reg:linear": ("a number", _any),
        "reg:logistic": ("from 0 to 1", lambda labels: (labels >= 0) & (labels <= 1)),
        "reg:pseudohubererror": ("a number", _any),
        "reg:squarederror": ("a number", _any),
        "reg:squaredlogerror": ("more than -1", lambda labels: labels > -1),
        "reg:tweedie": ("0 or more", lambda labels: labels >= 0),
        "survival:cox": ("a time, negative where it is censored", _any),
    }
)
OBJECTIVES = tuple(_LABELS)


def read(text: str) -> str:
    """Read an objective. Raises ValueError that says what was expected."""
    if text == "survival:aft":
        raise ValueError("another objective: it needs two bounds a row, a channel has one label")
    if text not in OBJECTIVES:
        raise ValueError(f"one of {', '.join(OBJECTIVES)}")
    return text


def wrong_label(objective: str, classes: int, labels: Floats32) -> tuple[int, str] | None:
    """Find the first label that an objective does not take: its row, from 0, and what it takes."""
    expected, check = _LABELS[objective]
    right = check(labels) & np.isfinite(labels)
    if objective in MULTI:
        expected = f"a whole number from 0 to {classes - 1}, as num_class is {classes}"
        right = np.isin(labels, np.arange(classes))
    wrong = np.flatnonzero(~right)
    return (int(wrong[0]), expected) if len(wrong) else None


def is_binary(objective: str) -> bool:
    """Say whether the labels are 0 and 1 and the model tells them apart."""
    return objective.startswith("binary:")


def is_classification(objective: str) -> bool:
    """Say whether the labels are classes."""
    return is_binary(objective) or objective in MULTI


def classes_of(objective: str, predicted: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Give the class of each prediction, shape (n,), of an objective that has classes.

    AWS's present image compares probabilities with 0 instead of one half, and so calls each row
    positive (aws/sagemaker-xgboost-container custom_metrics.py, train.py); this does not.
    """
    if objective == "multi:softprob":
        likeliest: npt.NDArray[np.float64] = predicted.argmax(axis=1).astype(np.float64)
        return likeliest
    if objective in ("multi:softmax", "binary:hinge"):
        return predicted.astype(np.float64)
    middle = 0.0 if objective == "binary:logitraw" else 0.5
    return (predicted > middle).astype(np.float64)
