import numpy as np
import pytest

from model_server.training import fit
from model_server.training.hyperparameters import Hyperparameters

GENERATOR = np.random.default_rng(5)
ROWS = GENERATOR.normal(size=(300, 3)).astype(np.float32)
LABELS = (ROWS[:, 0] - ROWS[:, 1] + GENERATOR.normal(size=300) > 0).astype(np.float32)
SETTINGS = Hyperparameters(
    num_round=20, max_depth=3, subsample=0.8, seed=4, monotone_constraints=(1, -1, 0)
)


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (fit.fit(ROWS, LABELS, SETTINGS) for _ in range(2))

    assert first.save_raw("ubj") == second.save_raw("ubj")


def test_names_are_stored() -> None:
    named = Hyperparameters(num_round=1, feature_names=("a", "b", "home=owner"))

    assert fit.fit(ROWS, LABELS, named).feature_names == ["a", "b", "home=owner"]
    assert fit.fit(ROWS, LABELS, SETTINGS).feature_names is None


@pytest.mark.parametrize(("column", "direction"), [(0, 1), (1, -1)])
def test_a_constrained_column_only_goes_its_way(column: int, direction: int) -> None:
    booster = fit.fit(ROWS, LABELS, SETTINGS)
    raised = ROWS.copy()
    raised[:, column] += 1

    change = fit.predict(booster, raised, SETTINGS) - fit.predict(booster, ROWS, SETTINGS)

    assert (change * direction >= 0).all()
    assert (change != 0).any()


def test_importance_finds_what_the_labels_follow() -> None:
    weights = fit.importance(fit.fit(ROWS, LABELS, SETTINGS), ROWS, SETTINGS)

    assert len(weights) == 3
    assert min(weights[:2]) > weights[2] > 0
