import numpy as np
import pytest

from model_server.training.evaluation import cross_validate
from model_server.training.folds import stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import auc

GENERATOR = np.random.default_rng(6)
ROWS = GENERATOR.normal(size=(200, 2)).astype(np.float32)
LABELS = (ROWS[:, 0] + GENERATOR.normal(size=200) > 0).astype(np.float32)
SETTINGS = Hyperparameters(num_round=10, max_depth=2, kfold=4, seed=2)


def test_both_are_measured_on_rows_they_have_not_seen() -> None:
    truth = LABELS.astype(np.float64)

    evaluations = cross_validate(ROWS, LABELS, SETTINGS)

    assert evaluations.keys() == {"model", "logistic"}
    for evaluation in evaluations.values():
        parts = [auc(truth[part], evaluation.predicted[part]) for part in stratified(truth, 4, 2)]
        measure = evaluation.measures["auc"]
        assert measure.mean == pytest.approx(np.mean(parts))
        assert measure.std == pytest.approx(np.std(parts))
        assert evaluation.measures.keys() == {"auc", "brier", "ece", "logloss"}


def test_labels_that_follow_nothing_cannot_be_learnt_by_heart() -> None:
    noise = GENERATOR.permutation(LABELS)
    eager = Hyperparameters(num_round=50, kfold=4)

    for evaluation in cross_validate(ROWS, noise, eager).values():
        assert 0.35 < evaluation.measures["auc"].mean < 0.65


def test_it_can_be_left_out() -> None:
    assert cross_validate(ROWS, LABELS, Hyperparameters(num_round=1, kfold=0)) == {}
