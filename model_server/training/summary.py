"""The figures of a job: metadata/metrics.json beside the model, and the lines that are printed."""

from collections.abc import Iterator, Mapping
from math import isfinite

import numpy as np

from model_server.training.cross_validation import CrossValidation, spread
from model_server.training.evaluation import Measure
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.objectives import is_binary
from model_server.training.report import Findings
from model_server.training.table import Table

DIGITS = 6
"""Of a measure: the last digits differ between processors."""
PRINTED = ("comparison", "cross_validation", "kfold", "train", "validation")


def of_model(findings: Findings) -> dict[str, object]:
    """Give the content of metrics.json for one model."""
    content = _of_table(findings.table, findings.hyperparameters)
    content["rounds"] = findings.rounds
    content["importance"] = {
        name: _rounded(weight)
        for name, weight in zip(findings.features, findings.importance, strict=True)
    }
    content["kfold"] = {}
    if findings.unseen:
        section = "kfold" if findings.unseen.folds else "comparison"
        content[section] = {
            name: {metric: _measure(measure) for metric, measure in evaluation.measures.items()}
            for name, evaluation in findings.unseen.evaluations.items()
        }
    for channel, metrics in findings.scores.items():
        content[channel] = {name: _rounded(value) for name, value in metrics.items()}
    return content


def of_folds(
    table: Table, result: CrossValidation, hyperparameters: Hyperparameters
) -> dict[str, object]:
    """Give the content of metrics.json for the models of AWS's cross-validation."""
    content = _of_table(table, hyperparameters)
    content["rounds"] = [booster.num_boosted_rounds() for booster in result.boosters]
    content["cross_validation"] = {
        channel: {name: _measure(Measure(*figures)) for name, figures in metrics.items()}
        for channel, metrics in spread(result.scores).items()
    }
    return content


def flat(metrics: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Give the measures as names and numbers, such as kfold_model_auc_mean."""
    for name, value in metrics.items():
        if isinstance(value, dict):
            if prefix or name in PRINTED:
                yield from flat(value, f"{prefix}{name}_")
        elif prefix and value is not None:
            yield f"{prefix}{name}", value


def _of_table(table: Table, hyperparameters: Hyperparameters) -> dict[str, object]:
    content: dict[str, object] = {"rows": len(table), "hyperparameters": dict(hyperparameters.set)}
    if is_binary(hyperparameters.objective):
        content["positives"] = int(np.count_nonzero(table.labels))
    return content


def _measure(measure: Measure) -> object:
    if measure.std is None:
        return _rounded(measure.mean)
    return {"mean": _rounded(measure.mean), "std": _rounded(measure.std)}


def _rounded(value: float) -> float | None:
    """Round; none where there is no number, as AUC of one class, or MAPE of a label that is 0."""
    return round(value, DIGITS) if isfinite(value) else None
