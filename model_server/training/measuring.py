"""What is measured after each round: XGBoost's own metrics, AWS's additions, and ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xgboost

from model_server.training import metric_names, objectives
from model_server.training.class_metrics import CLASS_METRICS, VALUE_METRICS
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import METRICS, Floats

Scores: TypeAlias = Mapping[str, Mapping[str, float]]
"""By channel and metric, in the order in which they are printed."""
_TWEEDIE = "tweedie-nloglik"
_USUAL_VARIANCE_POWER = 1.5


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures a booster on each of some matrices, by the names of the hyperparameter."""

    objective: str
    names: Sequence[str]
    variance_power: float

    @classmethod
    def asked_for(cls, hyperparameters: Hyperparameters) -> "Measuring":
        """Take the metrics of the hyperparameters."""
        power = hyperparameters.set.get("tweedie_variance_power", _USUAL_VARIANCE_POWER)
        return cls(
            hyperparameters.objective,
            hyperparameters.eval_metric,
            power,
        )

    def for_xgboost(self) -> dict[str, object]:
        """Give XGBoost the metrics that are its own; none for the objective's default."""
        native = [self._native_name(name) for name in self.names if metric_names.is_native(name)]
        return {"eval_metric": native} if native else {}

    def scores(
        self, booster: xgboost.Booster, matrices: Mapping[str, xgboost.DMatrix], number: int = 0
    ) -> Scores:
        """Measure the booster as it is after a round."""
        evals = [(matrix, name) for name, matrix in matrices.items()]
        found: dict[str, dict[str, float]] = {name: {} for name in matrices}
        # XGBoost answers in text: [0]<tab>train-auc:0.9<tab>validation-auc:0.8
        for part in booster.eval_set(evals, number).split("\t")[1:]:
            name, _, value = part.rpartition(":")
            channel, _, metric = name.partition("-")
            found[channel][self._own_name(metric)] = float(value)
        for channel, matrix in matrices.items():
            found[channel].update(self._added(booster, matrix))
        return found

    def _added(self, booster: xgboost.Booster, matrix: xgboost.DMatrix) -> dict[str, float]:
        names = [name for name in self.names if not metric_names.is_native(name)]
        if not names:
            return {}
        happened = matrix.get_label().astype(np.float64)
        predicted = booster.predict(matrix).astype(np.float64)
        return {name: self._measured(name, happened, predicted) for name in names}

    def _measured(self, name: str, happened: Floats, predicted: Floats) -> float:
        if name in CLASS_METRICS:
            classes = objectives.classes_of(self.objective, predicted)
            return CLASS_METRICS[name](happened, classes)
        return {**VALUE_METRICS, **METRICS}[name](happened, predicted)

    def _native_name(self, name: str) -> str:
        return f"{name}@{self.variance_power:g}" if name == _TWEEDIE else name

    def _own_name(self, name: str) -> str:
        """Give a metric the name that it was asked for by: SageMaker's expressions look for it."""
        asked = _TWEEDIE in self.names and metric_names.plain(name) == _TWEEDIE
        return _TWEEDIE if asked else name


def line(number: int, scores: Scores) -> str:
    """Give the line of a round as the logs of AWS's algorithm show it: [0]#011train-auc:0.9.

    AWS's image prints tabs, which arrive in CloudWatch as #011, and SageMaker's expressions look
    for that. Written out, it is the same everywhere.
    """
    parts = (
        f"#011{channel}-{metric}:{value:.5f}"
        for channel, metrics in scores.items()
        for metric, value in metrics.items()
    )
    return f"[{number}]{''.join(parts)}"
