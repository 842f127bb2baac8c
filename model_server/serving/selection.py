"""Selectable inference: what an answer holds instead of the score, for each objective.

Keys, objectives and values are those of AWS's XGBoost image (serve_utils.py), down to its `1 -
score` for the other class of a model that gives no probabilities. A key that an objective has no
value for is not a number here too, which the writers leave empty or write as null.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from model_server.serving.errors import UnsupportedObjectiveError

Values = npt.NDArray[np.floating]
"""One value a row, shape (n,), or a list a row, shape (n, k)."""

_CLASSES = ("predicted_label", "labels", "raw_score", "raw_scores")
_PROBABILITIES = ("probability", "probabilities")
KEYS = (*_CLASSES, *_PROBABILITIES, "predicted_score")

VALID: Mapping[str, frozenset[str]] = {
    "reg:squarederror": frozenset({"predicted_score"}),
    "reg:logistic": frozenset({"predicted_score"}),
    "reg:gamma": frozenset({"predicted_score"}),
    "reg:absoluteerror": frozenset({"predicted_score"}),
    "reg:tweedie": frozenset({"predicted_score"}),
    "binary:logistic": frozenset({*_CLASSES, *_PROBABILITIES}),
    "binary:logitraw": frozenset(_CLASSES),
    "binary:hinge": frozenset(_CLASSES),
    "multi:softmax": frozenset(_CLASSES),
    "multi:softprob": frozenset({*_CLASSES, *_PROBABILITIES}),
}
"""The keys that have a value, by objective."""
_THRESHOLDS: Mapping[str, float] = {"binary:logistic": 0.5, "binary:logitraw": 0.0}
"""A score above this is the label 1; where there is none, the score is the label."""


def check(objective: str) -> None:
    """Refuse an objective that keys mean nothing for. Raises UnsupportedObjectiveError."""
    if objective not in VALID:
        raise UnsupportedObjectiveError(
            f"Objective {objective!r} is not supported with SAGEMAKER_INFERENCE_OUTPUT: "
            f"unset it, or serve one of {', '.join(VALID)}"
        )


def select(keys: Sequence[str], objective: str, classes: int, scores: Values) -> dict[str, Values]:
    """Give the value of each key for scores of shape (n,), or (n, classes) for multi:softprob."""
    valid = VALID[objective]
    missing = np.full(len(scores), np.nan, np.float32)
    return {
        key: _VALUES[key](objective, classes, scores) if key in valid else missing for key in keys
    }


def _predicted_label(objective: str, _classes: int, scores: Values) -> Values:
    if scores.ndim > 1:
        labels: Values = scores.argmax(axis=1).astype(np.float32)
        return labels
    threshold = _THRESHOLDS.get(objective)
    return scores if threshold is None else np.where(scores > threshold, 1.0, 0.0)


def _labels(objective: str, classes: int, scores: Values) -> Values:
    labels = np.arange(classes if objective.startswith("multi:") else 2, dtype=np.float32)
    return np.broadcast_to(labels, (len(scores), len(labels)))


def _highest(_objective: str, _classes: int, scores: Values) -> Values:
    return scores if scores.ndim == 1 else scores.max(axis=1)


def _of_all(_objective: str, _classes: int, scores: Values) -> Values:
    if scores.ndim > 1:
        return scores
    ones = scores.astype(np.float64)
    return np.column_stack((1.0 - ones, ones))


def _score(_objective: str, _classes: int, scores: Values) -> Values:
    return scores


_VALUES: Mapping[str, Callable[[str, int, Values], Values]] = {
    "predicted_label": _predicted_label,
    "labels": _labels,
    "probability": _highest,
    "probabilities": _of_all,
    "raw_score": _highest,
    "raw_scores": _of_all,
    "predicted_score": _score,
}
