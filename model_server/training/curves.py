"""The points of the report's plots, from what happened and what was predicted."""

from collections.abc import Iterable

import numpy as np

from model_server.training.metrics import Floats, calibration_bins

Points = list[tuple[float, float]]

STEPS = 200
"""A curve has at most so many points: more cannot be seen."""


def roc(happened: Floats, predicted: Floats) -> Points:
    """Give (share of the good that are flagged, share of the bad that are flagged)."""
    found, seen = _ranked(happened, predicted)
    bad = found[-1]
    return _thinned(zip((seen - found) / (seen[-1] - bad), found / bad, strict=True))


def gain(happened: Floats, predicted: Floats) -> Points:
    """Give (share looked at, riskiest first; share of the bad among them)."""
    found, seen = _ranked(happened, predicted)
    return _thinned(zip(seen / seen[-1], found / found[-1], strict=True))


def calibration(happened: Floats, predicted: Floats) -> Points:
    """Give (mean prediction, share that happened) of ten bins with equally many rows."""
    return [(mean, share) for mean, share, _ in calibration_bins(happened, predicted)]


def _ranked(happened: Floats, predicted: Floats) -> tuple[Floats, Floats]:
    """Count the bad and the rows from the riskiest on; equal predictions come at once."""
    order = np.argsort(-predicted, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(predicted[order])), len(order) - 1)
    found = np.cumsum(happened[order])[ends]
    return np.append(0.0, found), np.append(0.0, ends + 1.0)


def _thinned(points: Iterable[tuple[float, float]]) -> Points:
    every = [(float(x), float(y)) for x, y in points]
    kept = np.unique(np.linspace(0, len(every) - 1, STEPS).round().astype(int))
    return [every[index] for index in kept]
