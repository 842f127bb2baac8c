import numpy as np
import pytest
import xgboost

from model_server.training.stopping import ROUND, SCORE, Stopping, best

DATA = xgboost.DMatrix(np.arange(8.0).reshape(-1, 1), np.arange(8.0), nthread=1)


@pytest.fixture
def booster() -> xgboost.Booster:
    return xgboost.Booster({"nthread": 1, "min_child_weight": 0}, [DATA])


def go_on(booster: xgboost.Booster, watch: Stopping, scores: list[float]) -> list[bool]:
    over = []
    for score in scores:
        booster.update(DATA, booster.num_boosted_rounds())
        measured = {"train": {"rmse": 9.0}, "validation": {"mae": 9.0, watch.metric or "f1": score}}
        watch.note(booster, booster.num_boosted_rounds() - 1, measured)
        over.append(watch.is_over(booster))
    return over


@pytest.mark.parametrize(
    ("metric", "scores"),
    [("rmse", [3, 1, 2, 1, 0.5]), ("ndcg@3", [1, 3, 2, 3, 4]), (None, [1, 3, 2, 3, 4])],
)
def test_it_is_over_when_nothing_gets_better(
    booster: xgboost.Booster, metric: str | None, scores: list[float]
) -> None:
    watch = Stopping(2, metric)

    assert not watch.is_over(booster)
    assert go_on(booster, watch, scores[:4]) == [False, False, False, True]
    assert (booster.attr(ROUND), float(booster.attr(SCORE) or 0)) == ("1", scores[1])
    assert go_on(booster, watch, scores[4:]) == [False]


def test_the_best_rounds_are_kept(booster: xgboost.Booster) -> None:
    go_on(booster, Stopping(2, "rmse"), [3, 1, 2])

    cut = best(booster)

    assert cut.num_boosted_rounds() == 2
    assert cut.attributes() == booster.attributes() == {ROUND: "1", SCORE: "1"}


def test_what_was_never_measured_is_kept_whole(booster: xgboost.Booster) -> None:
    go_on(booster, Stopping(2, "rmse"), [float("nan")] * 3)

    assert best(booster).num_boosted_rounds() == 3
    assert best(xgboost.Booster({"nthread": 1}, [DATA])).num_boosted_rounds() == 0
