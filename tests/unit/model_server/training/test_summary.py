from collections.abc import Callable
from math import inf, nan

import numpy as np
import pytest

from model_server.training import summary
from model_server.training.cross_validation import CrossValidation
from model_server.training.evaluation import Evaluation, Measure, Unseen
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.report import Findings
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]

TABLE = Table(np.zeros((3, 2), np.float32), np.array([0, 1, 1], np.float32))


def findings(asked: Hyperparameters, unseen: Unseen | None) -> Findings:
    return Findings(
        table=TABLE,
        unseen=unseen,
        scores={
            "train": {"auc": 0.12345678, "ndcg@3": 1.0},
            "validation": {"auc": nan, "mape": inf},
        },
        importance=[0.5, 0.25],
        rounds=7,
        hyperparameters=asked,
    )


def unseen(folds: int, measure: Measure) -> Unseen:
    evaluation = Evaluation(np.array([0.5]), {"auc": measure})
    return Unseen(np.array([1.0]), {"model": evaluation, "logistic": evaluation}, folds)


def test_the_figures_of_a_model(parsed: Parse) -> None:
    content = summary.of_model(findings(parsed(max_depth="3"), unseen(4, Measure(0.75, 0.1))))

    assert content == {
        "rows": 3,
        "positives": 2,
        "rounds": 7,
        "hyperparameters": {**parsed(max_depth="3").set},
        "importance": {"f0": 0.5, "f1": 0.25},
        "kfold": {name: {"auc": {"mean": 0.75, "std": 0.1}} for name in ("model", "logistic")},
        "train": {"auc": 0.123457, "ndcg@3": 1.0},
        "validation": {"auc": None, "mape": None},
    }
    assert [f"{name}={value}" for name, value in summary.flat(content)] == [
        "kfold_model_auc_mean=0.75",
        "kfold_model_auc_std=0.1",
        "kfold_logistic_auc_mean=0.75",
        "kfold_logistic_auc_std=0.1",
        "train_auc=0.123457",
        "train_ndcg@3=1.0",
    ]


def test_what_was_measured_once_has_no_deviation(parsed: Parse) -> None:
    content = summary.of_model(findings(parsed(feature_names="a,b"), unseen(0, Measure(0.75))))

    assert content["comparison"] == {"model": {"auc": 0.75}, "logistic": {"auc": 0.75}}
    assert content["kfold"] == {}
    assert content["importance"] == {"a": 0.5, "b": 0.25}


def test_positives_are_of_two_classes(parsed: Parse) -> None:
    content = summary.of_model(findings(parsed(objective="reg:squarederror"), None))

    assert "positives" not in content


def test_the_figures_of_folds(parsed: Parse) -> None:
    scores = [{"validation": {"auc": value}} for value in (0.5, 1.0)]

    content = summary.of_folds(TABLE, CrossValidation(scores=list(scores)), parsed(_kfold="2"))

    assert content["cross_validation"] == {"validation": {"auc": {"mean": 0.75, "std": 0.25}}}
    assert dict(summary.flat(content)) == {
        "cross_validation_validation_auc_mean": 0.75,
        "cross_validation_validation_auc_std": pytest.approx(0.25),
    }
