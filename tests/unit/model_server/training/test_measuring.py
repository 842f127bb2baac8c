from collections.abc import Callable

import numpy as np
import pytest
import xgboost
from sklearn import metrics as reference

from model_server.training import fit
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Measuring, line
from model_server.training.table import Floats32, Table

GENERATOR = np.random.default_rng(9)
ROWS = GENERATOR.normal(size=(120, 2)).astype(np.float32)
CLASSES = np.digitize(ROWS[:, 0], (-0.5, 0.5)).astype(np.float32)
LABELS = (ROWS[:, 0] > 0).astype(np.float32)

Parse = Callable[..., Hyperparameters]


def scores(asked: Hyperparameters, labels: Floats32) -> dict[str, float]:
    data = fit.matrices({"train": Table(ROWS, labels), "validation": Table(ROWS, labels)}, asked)
    booster = fit.fit(data, asked)
    found = Measuring.asked_for(asked).scores(booster, data)
    assert found["train"] == found["validation"]
    return dict(found["train"])


def test_all_kinds_are_measured_in_one_line(parsed: Parse) -> None:
    asked = parsed(eval_metric="auc,f1,error@0.7,brier", num_round="3")

    found = scores(asked, LABELS)

    # XGBoost's own come first, as in AWS's image
    assert list(found) == ["auc", "error@0.7", "f1", "brier"]
    assert 0 < found["brier"] < 0.25


def test_without_a_metric_the_objective_has_one(parsed: Parse) -> None:
    assert list(scores(parsed(), LABELS)) == ["logloss"]
    assert list(scores(parsed(eval_metric="accuracy"), LABELS)) == ["logloss", "accuracy"]


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_classes_are_those_that_are_predicted(parsed: Parse, objective: str) -> None:
    asked = parsed(objective=objective, num_class="3", eval_metric="merror,accuracy,f1")
    data = fit.matrices({"train": Table(ROWS, CLASSES)}, asked)

    booster = fit.fit(data, asked)
    found = Measuring.asked_for(asked).scores(booster, data)["train"]

    predicted = booster.predict(data["train"])
    if predicted.ndim > 1:
        predicted = predicted.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(CLASSES, predicted))
    assert found["accuracy"] == pytest.approx(1 - found["merror"])
    assert found["f1"] == pytest.approx(reference.f1_score(CLASSES, predicted, average="macro"))


def test_a_metric_that_needs_a_parameter_keeps_its_name(parsed: Parse) -> None:
    asked = parsed(
        objective="reg:tweedie", tweedie_variance_power="1.2", eval_metric="tweedie-nloglik,rmse"
    )

    assert Measuring.asked_for(asked).for_xgboost() == {
        "eval_metric": ["tweedie-nloglik@1.2", "rmse"]
    }
    assert list(scores(asked, LABELS)) == ["tweedie-nloglik", "rmse"]
    assert list(scores(parsed(objective="reg:tweedie"), LABELS)) == ["tweedie-nloglik@1.5"]


def test_what_cannot_be_measured_is_no_number(parsed: Parse) -> None:
    asked = parsed(eval_metric="auc")
    data = fit.matrices({"train": Table(ROWS, LABELS)}, asked)
    booster = fit.fit(data, asked)
    one_class = fit.matrices({"validation": Table(ROWS, np.ones_like(LABELS))}, asked)

    with xgboost.config_context(verbosity=0):
        found = Measuring.asked_for(asked).scores(booster, one_class)

    assert np.isnan(found["validation"]["auc"])


def test_the_line_of_a_round() -> None:
    scores = {"train": {"auc": 0.98, "f1": 1.0}, "validation": {"auc": 0.9700049, "f1": 0.5}}

    assert line(10, scores) == (
        "[10]#011train-auc:0.98000#011train-f1:1.00000"
        "#011validation-auc:0.97000#011validation-f1:0.50000"
    )
