"""AWS's cross-validation (`_kfold`): a model for each fold, measured on the rows it has not seen.

AWS's image measures every fold on the whole channels instead, which hold the fold's own rows
(aws/sagemaker-xgboost-container train.py, the watchlist); its folds are new at random each time.
Files, lines and the columns of predictions.csv are as there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xgboost

from model_server.training import fit
from model_server.training.errors import TrainingError
from model_server.training.fit import Surroundings
from model_server.training.folds import stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Measuring, Scores, line
from model_server.training.metrics import Floats
from model_server.training.objectives import classes_of, is_classification
from model_server.training.table import Table


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What the folds gave, in the order in which they were fitted."""

    boosters: list[xgboost.Booster] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    predictions: list[Floats] = field(default_factory=list)
    """One for each round: what was predicted of each row by the model that had not seen it."""


def cross_validate(
    table: Table, hyperparameters: Hyperparameters, around: Surroundings
) -> CrossValidation:
    """Fit and measure every fold of every round. Raises TrainingError."""
    folds = hyperparameters.cross_validation or 0
    if folds > len(table):
        raise TrainingError(f"_kfold: expected at most {len(table)}, the rows, found {folds}")
    result = CrossValidation()
    measuring = Measuring.asked_for(hyperparameters)
    classed = is_classification(hyperparameters.objective)
    kinds = table.labels.astype(np.float64) if classed else np.zeros(len(table))
    every = np.arange(len(table))
    for number in range(hyperparameters.cross_validation_rounds):
        parts = stratified(kinds, folds, hyperparameters.seed + number)
        answers = []
        for part in parts:
            tables = {
                "train": table.take(np.setdiff1d(every, part)),
                "validation": table.take(part),
            }
            data = fit.matrices(tables, hyperparameters)
            booster = fit.fit(data, hyperparameters, _of_fold(around, len(result.boosters)))
            result.boosters.append(booster)
            result.scores.append(measuring.scores(booster, data))
            answers.append(fit.predict(booster, data["validation"]))
        result.predictions.append(np.concatenate(answers)[np.argsort(np.concatenate(parts))])
        _show(around, hyperparameters, result.scores[-folds:])
    if hyperparameters.cross_validation_rounds > 1:
        _show(around, hyperparameters, result.scores)
    return result


def spread(scores: Sequence[Scores]) -> dict[str, dict[str, tuple[float, float]]]:
    """Give mean and standard deviation of each measure."""
    return {
        channel: {
            metric: _mean_and_deviation([each[channel][metric] for each in scores])
            for metric in metrics
        }
        for channel, metrics in scores[0].items()
    }


def predictions_csv(
    table: Table, predictions: Sequence[Floats], hyperparameters: Hyperparameters
) -> str:
    """Give output/data/predictions.csv: label, mean prediction, and the class most often given.

    Of multi:softprob the prediction is the probability of the likeliest class. (AWS's
    prediction_utils.py)
    """
    objective = hyperparameters.objective
    columns = [table.labels.astype(np.float64)]
    columns.append(
        np.mean([each.max(axis=1) if each.ndim > 1 else each for each in predictions], 0)
    )
    if is_classification(objective):
        columns.append(_most_often(np.array([classes_of(objective, each) for each in predictions])))
    rows = np.column_stack(columns)
    return "".join(",".join(f"{cell:f}" for cell in row) + "\n" for row in rows)


def _of_fold(around: Surroundings, number: int) -> Surroundings:
    if around.checkpoints is None:
        return around
    return replace(around, checkpoints=around.checkpoints.fold(number))


def _show(around: Surroundings, hyperparameters: Hyperparameters, scores: list[Scores]) -> None:
    if around.show:
        means: Mapping[str, Mapping[str, float]] = {
            channel: {metric: mean for metric, (mean, _) in metrics.items()}
            for channel, metrics in spread(scores).items()
        }
        around.show(line(hyperparameters.num_round, means))


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values))


def _most_often(classes: Floats) -> Floats:
    """Give the commonest class of each column of (rounds, n), the lower one of two."""
    kinds = np.unique(classes)
    counts = (classes[np.newaxis] == kinds[:, np.newaxis, np.newaxis]).sum(axis=1)
    commonest: Floats = kinds[counts.argmax(axis=0)]
    return commonest
