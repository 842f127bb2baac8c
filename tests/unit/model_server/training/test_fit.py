from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.training import fit
from model_server.training.checkpoints import Checkpoints
from model_server.training.errors import TrainingError
from model_server.training.fit import Surroundings
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.objectives import OBJECTIVES
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]

GENERATOR = np.random.default_rng(5)
ROWS = GENERATOR.normal(size=(300, 3)).astype(np.float32)
LABELS = (ROWS[:, 0] - ROWS[:, 1] + GENERATOR.normal(size=300) > 0).astype(np.float32)
TRAIN = {"train": Table(ROWS, LABELS)}
BOTH = {"train": Table(ROWS[:200], LABELS[:200]), "validation": Table(ROWS[200:], LABELS[200:])}


@pytest.fixture
def settings(parsed: Parse) -> Hyperparameters:
    return parsed(
        num_round="20",
        max_depth="3",
        subsample="0.8",
        seed="4",
        monotone_constraints="(1,-1,0)",
    )


def test_the_same_input_gives_the_same_bytes(settings: Hyperparameters) -> None:
    first, second = (fit.fit(fit.matrices(TRAIN, settings), settings) for _ in range(2))

    assert first.save_raw("ubj") == second.save_raw("ubj")


def test_watching_changes_nothing(settings: Hyperparameters) -> None:
    lines: list[str] = []
    watched = fit.fit(fit.matrices(BOTH, settings), settings, Surroundings(lines.append))
    alone = fit.fit(fit.matrices({"train": BOTH["train"]}, settings), settings)

    assert watched.save_raw("ubj") == alone.save_raw("ubj")
    assert len(lines) == 20
    assert lines[19].startswith("[19]#011train-logloss:0.")
    assert "#011validation-logloss:0." in lines[19]


def test_names_are_stored(parsed: Parse, settings: Hyperparameters) -> None:
    named = parsed(feature_names="a,b,home=owner")

    assert fit.fit(fit.matrices(TRAIN, named), named).feature_names == ["a", "b", "home=owner"]
    assert fit.fit(fit.matrices(TRAIN, settings), settings).feature_names is None


@pytest.mark.parametrize(("column", "direction"), [(0, 1), (1, -1)])
def test_a_constrained_column_only_goes_its_way(
    settings: Hyperparameters, column: int, direction: int
) -> None:
    raised = ROWS.copy()
    raised[:, column] += 1
    data = fit.matrices({**TRAIN, "raised": Table(raised, LABELS)}, settings)
    booster = fit.fit({"train": data["train"]}, settings)

    change = fit.predict(booster, data["raised"]) - fit.predict(booster, data["train"])

    assert (change * direction >= 0).all()
    assert (change != 0).any()


def test_importance_finds_what_the_labels_follow(settings: Hyperparameters) -> None:
    data = fit.matrices(TRAIN, settings)
    weights = fit.importance(fit.fit(data, settings), data["train"])

    assert len(weights) == 3
    assert min(weights[:2]) > weights[2] > 0


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("booster", ["gbtree", "gblinear", "dart"])
def test_every_objective_is_fitted_with_every_booster(
    parsed: Parse, objective: str, booster: str
) -> None:
    classes = {"num_class": "2"} if objective.startswith("multi:") else {}
    settings = parsed(objective=objective, booster=booster, num_round="2", **classes)
    labels = LABELS + 1 if objective == "reg:gamma" else LABELS
    data = fit.matrices({"train": Table(ROWS, labels)}, settings)

    fitted = fit.fit(data, settings, Surroundings(lambda _: None))

    assert fitted.num_boosted_rounds() == 2
    assert len(fit.importance(fitted, data["train"])) == 3
    assert len(fit.predict(fitted, data["train"])) == 300


def test_rows_of_a_query_are_ranked(parsed: Parse) -> None:
    settings = parsed(objective="rank:ndcg", eval_metric="ndcg@2", num_round="5")
    queries = np.repeat(np.arange(100, dtype=np.uint32), 3)
    data = fit.matrices({"train": Table(ROWS, LABELS, queries=queries)}, settings)

    fitted = fit.fit(data, settings)

    assert fitted.num_boosted_rounds() == 5
    assert data["train"].num_row() == 300


def test_it_stops_early_and_keeps_the_best_rounds(parsed: Parse) -> None:
    settings = parsed(num_round="200", eta="1", early_stopping_rounds="3", eval_metric="auc,error")
    lines: list[str] = []
    boosters: list[xgboost.Booster] = []

    booster = fit.fit(
        fit.matrices(BOTH, settings), settings, Surroundings(lines.append, boosters=boosters)
    )

    assert booster.attr("best_iteration") == str(booster.num_boosted_rounds() - 1)
    assert len(lines) == booster.num_boosted_rounds() + 3 < 200
    assert boosters == [booster]


def test_an_interrupted_job_goes_on_to_the_same_model(parsed: Parse, tmp_path: Path) -> None:
    settings = parsed(num_round="12", max_depth="3", eta="1", early_stopping_rounds="4")
    data = fit.matrices(BOTH, settings)
    whole = fit.fit(data, settings, Surroundings(checkpoints=Checkpoints(tmp_path / "whole")))

    around = Surroundings(_interrupt_after(3), Checkpoints(tmp_path / "cut"))
    with pytest.raises(SystemExit):
        fit.fit(data, settings, around)
    lines: list[str] = []
    resumed = fit.fit(
        fit.matrices(BOTH, settings),
        settings,
        Surroundings(lines.append, Checkpoints(tmp_path / "cut")),
    )

    assert lines[0].startswith("[2]#011train")
    assert resumed.save_raw("ubj") == whole.save_raw("ubj")


def _interrupt_after(rounds: int) -> Callable[[str], None]:
    seen: list[str] = []

    def show(line: str) -> None:
        seen.append(line)
        if len(seen) == rounds:
            raise SystemExit(143)

    return show


def test_a_finished_job_that_is_run_again_is_finished(parsed: Parse, tmp_path: Path) -> None:
    settings = parsed(num_round="4", subsample="0.5")
    around = Surroundings(checkpoints=Checkpoints(tmp_path))
    data = fit.matrices(TRAIN, settings)

    first = fit.fit(data, settings, around)
    again = fit.fit(data, settings, around)

    assert first.save_raw("ubj") == again.save_raw("ubj")


def test_a_checkpoint_of_other_columns_is_refused(parsed: Parse, tmp_path: Path) -> None:
    settings = parsed()
    around = Surroundings(checkpoints=Checkpoints(tmp_path))
    fit.fit(fit.matrices(TRAIN, settings), settings, around)
    narrow = fit.matrices({"train": Table(ROWS[:, :2], LABELS)}, settings)

    with pytest.raises(TrainingError, match="the checkpoint was fitted to 3 columns, the channel"):
        fit.fit(narrow, settings, around)


def test_what_xgboost_refuses_is_said_without_its_addresses(parsed: Parse) -> None:
    settings = parsed(objective="reg:gamma")

    with pytest.raises(TrainingError) as error:
        fit.fit(fit.matrices({"train": Table(ROWS, -LABELS)}, settings), settings)

    assert str(error.value) == (
        "XGBoost cannot train with this: `base_score` must be greater than 0 for gamma regression"
    )
    with pytest.raises(TrainingError, match=r"^XGBoost cannot train with this: "):
        fit.matrices({"train": Table(ROWS, LABELS, -LABELS - 1)}, settings)
