from collections.abc import Callable

import numpy as np
import pytest

from model_server.training import fit
from model_server.training.errors import TrainingError
from model_server.training.evaluation import (
    UNSEEN_METRICS,
    cross_validate,
    folds,
    is_compared,
    on_validation,
)
from model_server.training.folds import stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import auc
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]

GENERATOR = np.random.default_rng(6)
ROWS = GENERATOR.normal(size=(200, 2)).astype(np.float32)
LABELS = (ROWS[:, 0] + GENERATOR.normal(size=200) > 0).astype(np.float32)
TABLE = Table(ROWS, LABELS)


def test_both_are_measured_on_rows_they_have_not_seen(parsed: Parse) -> None:
    truth = LABELS.astype(np.float64)

    unseen = cross_validate(TABLE, parsed(num_round="10", max_depth="2", seed="2"), 4)

    assert unseen.folds == 4
    assert unseen.evaluations.keys() == {"model", "logistic"}
    for evaluation in unseen.evaluations.values():
        parts = [auc(truth[part], evaluation.predicted[part]) for part in stratified(truth, 4, 2)]
        measure = evaluation.measures["auc"]
        assert measure.mean == pytest.approx(np.mean(parts))
        assert measure.std == pytest.approx(np.std(parts))
        assert tuple(evaluation.measures) == UNSEEN_METRICS


def test_labels_that_follow_nothing_cannot_be_learnt_by_heart(parsed: Parse) -> None:
    noise = Table(ROWS, GENERATOR.permutation(LABELS))

    for evaluation in cross_validate(noise, parsed(num_round="50"), 4).evaluations.values():
        assert 0.35 < evaluation.measures["auc"].mean < 0.65


def test_both_are_measured_on_the_validation_channel(parsed: Parse) -> None:
    asked = parsed(num_round="5")
    tables = {"train": TABLE.take(np.arange(100)), "validation": TABLE.take(np.arange(100, 200))}
    data = fit.matrices(tables, asked)
    booster = fit.fit(data, asked)

    unseen = on_validation(booster, data, tables)

    assert unseen is not None
    assert unseen.folds == 0
    assert unseen.happened.tolist() == LABELS[100:].tolist()
    model = unseen.evaluations["model"]
    assert model.predicted.tolist() == fit.predict(booster, data["validation"]).tolist()
    assert model.measures["auc"].mean == auc(unseen.happened, model.predicted)
    assert model.measures["auc"].std is None
    one_label = {**tables, "validation": Table(ROWS, np.ones_like(LABELS))}
    assert on_validation(booster, data, one_label) is None


def test_the_data_decides_on_folds_where_nothing_is_said(parsed: Parse) -> None:
    few = Table(ROWS[:9], np.array([1, 1, 1] + [0] * 6, np.float32))
    single = Table(ROWS[:9], np.array([1] + [0] * 8, np.float32))

    assert folds(parsed(), TABLE, None) == 5
    assert folds(parsed(), TABLE, TABLE) == 0
    assert folds(parsed(), few, None) == 3
    assert folds(parsed(), single, None) == 0
    assert folds(parsed(kfold="4"), TABLE, TABLE) == 4
    assert folds(parsed(kfold="0"), TABLE, None) == 0
    assert folds(parsed(objective="reg:logistic"), TABLE, None) == 0
    assert not is_compared(parsed(objective="binary:hinge"))
    with pytest.raises(TrainingError) as error:
        folds(parsed(kfold="4"), few, None)
    assert str(error.value) == "kfold: expected at most 3, the rows of the rarer label, found 4"
