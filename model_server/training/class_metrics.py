"""The measures that AWS's image adds to XGBoost's own: scikit-learn's, by AWS's names.

Pure functions over arrays: classes as whole numbers, or values, both of shape (n,). A class that
is never predicted or never happens counts 0 where scikit-learn would divide by zero. Instance
weights do not count, as in AWS's image (aws/sagemaker-xgboost-container custom_metrics.py).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Metric: TypeAlias = Callable[[Floats, Floats], float]


def accuracy(happened: Floats, predicted: Floats) -> float:
    """Give the share of rows whose class was predicted."""
    return float(np.mean(happened == predicted))


def balanced_accuracy(happened: Floats, predicted: Floats) -> float:
    """Give the mean over the classes that happened of the share that was found."""
    hits, _, real = _counts(happened, predicted)
    return float(np.mean((hits / np.maximum(real, 1))[real > 0]))


def mean_squared_error(happened: Floats, predicted: Floats) -> float:
    """Give the mean squared difference."""
    return float(np.mean((predicted - happened) ** 2))


def r2(happened: Floats, predicted: Floats) -> float:
    """Give the share of the variance that is explained; 0 where nothing varies but is missed."""
    missed = float(np.sum((happened - predicted) ** 2))
    spread = float(np.sum((happened - happened.mean()) ** 2))
    if spread == 0:
        return 1.0 if missed == 0 else 0.0
    return 1 - missed / spread


def precision(happened: Floats, predicted: Floats) -> float:
    """Give the share of the rows predicted 1 that are."""
    return _of_ones(happened, predicted, _precisions)


def recall(happened: Floats, predicted: Floats) -> float:
    """Give the share of the rows that are 1 that was found."""
    return _of_ones(happened, predicted, _recalls)


def f1_binary(happened: Floats, predicted: Floats) -> float:
    """Give the harmonic mean of precision and recall of class 1."""
    return _of_ones(happened, predicted, _f1s)


def precision_macro(happened: Floats, predicted: Floats) -> float:
    """Give the mean precision of the classes."""
    return float(np.mean(_precisions(*_counts(happened, predicted))))


def recall_macro(happened: Floats, predicted: Floats) -> float:
    """Give the mean recall of the classes."""
    return float(np.mean(_recalls(*_counts(happened, predicted))))


def f1_macro(happened: Floats, predicted: Floats) -> float:
    """Give the mean F1 of the classes."""
    return float(np.mean(_f1s(*_counts(happened, predicted))))


def _counts(happened: Floats, predicted: Floats) -> tuple[Floats, Floats, Floats]:
    """Count for each class that occurs: rightly predicted, predicted, happened."""
    classes = np.union1d(happened, predicted)[:, np.newaxis]
    real, guessed = happened == classes, predicted == classes
    return (
        (real & guessed).sum(axis=1).astype(np.float64),
        guessed.sum(axis=1).astype(np.float64),
        real.sum(axis=1).astype(np.float64),
    )


def _precisions(hits: Floats, guessed: Floats, _real: Floats) -> Floats:
    return hits / np.maximum(guessed, 1)


def _recalls(hits: Floats, _guessed: Floats, real: Floats) -> Floats:
    return hits / np.maximum(real, 1)


def _f1s(hits: Floats, guessed: Floats, real: Floats) -> Floats:
    return 2 * hits / np.maximum(guessed + real, 1)


def _of_ones(
    happened: Floats, predicted: Floats, measure: Callable[[Floats, Floats, Floats], Floats]
) -> float:
    real, guessed = happened == 1, predicted == 1
    counts = (np.array([float(count.sum())]) for count in (real & guessed, guessed, real))
    return float(measure(*counts)[0])


CLASS_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "f1": f1_macro,
        "f1_binary": f1_binary,
        "f1_macro": f1_macro,
        "precision": precision,
        "precision_macro": precision_macro,
        # over all classes together, each wrong row is one false positive and one false negative
        "precision_micro": accuracy,
        "recall": recall,
        "recall_macro": recall_macro,
        "recall_micro": accuracy,
    }
)
VALUE_METRICS: Mapping[str, Metric] = MappingProxyType({"mse": mean_squared_error, "r2": r2})
BINARY_ONLY = frozenset({"f1_binary", "precision", "recall"})
"""What says something of class 1 alone."""
