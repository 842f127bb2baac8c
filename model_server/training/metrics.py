"""Measures of a probability against what happened: pure functions over arrays.

`happened` has 0 and 1, `predicted` probabilities of 1, both of shape (n,).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Metric: TypeAlias = Callable[[Floats, Floats], float]

CALIBRATION_BINS = 10


def auc(happened: Floats, predicted: Floats) -> float:
    """Give the area under the ROC curve; equal predictions count half. Both classes must occur."""
    _, group, counts = np.unique(predicted, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    positive = happened == 1
    positives = int(positive.sum())
    negatives = len(happened) - positives
    rank_sum = float(mean_rank[group][positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def brier(happened: Floats, predicted: Floats) -> float:
    """Give the mean squared difference."""
    return float(np.mean((predicted - happened) ** 2))


def log_loss(happened: Floats, predicted: Floats) -> float:
    """Give the mean negative log likelihood; certainty is cut off at one part in 10**15."""
    clipped = np.clip(predicted, 1e-15, 1 - 1e-15)
    return float(-np.mean(happened * np.log(clipped) + (1 - happened) * np.log1p(-clipped)))


def error_rate(happened: Floats, predicted: Floats) -> float:
    """Give the share of rows on the wrong side of one half."""
    return float(np.mean((predicted > 0.5) != (happened == 1)))  # noqa: PLR2004 - the middle


def calibration_bins(happened: Floats, predicted: Floats) -> list[tuple[float, float, int]]:
    """Give (mean prediction, share that happened, rows) of ten bins with equally many rows."""
    order = np.argsort(predicted, kind="stable")
    return [
        (float(predicted[part].mean()), float(happened[part].mean()), len(part))
        for part in np.array_split(order, CALIBRATION_BINS)
        if len(part)
    ]


def calibration_error(happened: Floats, predicted: Floats) -> float:
    """Give the expected calibration error: how far the bins are off, weighted by their rows."""
    bins = calibration_bins(happened, predicted)
    return sum(abs(mean - share) * rows for mean, share, rows in bins) / len(happened)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "auc": auc,
        "brier": brier,
        "ece": calibration_error,
        "error": error_rate,
        "logloss": log_loss,
    }
)
