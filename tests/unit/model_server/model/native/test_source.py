import ctypes
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost

from model_server.model.native.source import LINKS, NotTranslatableError, Tree, _node, translate
from model_server.model.predictor import Floats


def labels_for(objective: str, rows: Floats) -> npt.NDArray[Any]:
    signal = rows[:, 0] + np.where(np.isnan(rows[:, 1]), 0, rows[:, 1])
    if objective.startswith("multi"):
        return np.digitize(signal, [-0.5, 0.5])
    if objective.startswith(("binary", "rank")):
        return (signal > 0).astype(int)
    return np.clip(np.abs(signal) / 10, 0.01, 0.99)


def train(objective: str, **parameters: object) -> xgboost.Booster:
    rows = np.random.default_rng(4).normal(size=(300, 4)).astype(np.float32)
    rows[::7, 1] = np.nan
    data = xgboost.DMatrix(rows, labels_for(objective, rows), nthread=1)
    if objective.startswith("rank"):
        data.set_group([len(rows)])
    if objective.startswith("multi"):
        parameters["num_class"] = 3
    settings = {"objective": objective, "max_depth": 4, "nthread": 1, **parameters}
    return xgboost.train(settings, data, num_boost_round=6)


@pytest.mark.parametrize("objective", LINKS)
def test_every_objective_of_the_table_scores_as_xgboost(
    objective: str, compiled: Callable[[str], Any]
) -> None:
    booster = train(objective)
    rows = np.random.default_rng(5).normal(size=(200, 4)).astype(np.float32)
    rows[rows < -1] = np.nan
    source = translate(booster, booster.num_boosted_rounds())

    scores = np.empty((len(rows), source.values), np.float32)
    compiled(source.text)(rows.ctypes.data, len(rows), scores.ctypes.data)

    expected = booster.inplace_predict(rows, validate_features=False)
    assert np.allclose(scores.reshape(expected.shape), expected, rtol=1e-6, atol=1e-6)


def test_only_the_rounds_that_count_are_translated(compiled: Callable[[str], Any]) -> None:
    booster = train("binary:logistic")
    row = np.zeros((1, 4), np.float32)
    score = ctypes.c_float()

    compiled(translate(booster, 2).text)(row.ctypes.data, 1, ctypes.addressof(score))

    expected = booster.inplace_predict(row, iteration_range=(0, 2), validate_features=False)
    assert score.value == pytest.approx(float(expected[0]), abs=1e-7)


def test_parallel_trees_count_as_a_round(compiled: Callable[[str], Any]) -> None:
    booster = train("reg:squarederror", num_parallel_tree=3, subsample=0.5)
    row = np.ones((1, 4), np.float32)
    score = ctypes.c_float()

    compiled(translate(booster, 6).text)(row.ctypes.data, 1, ctypes.addressof(score))

    expected = booster.inplace_predict(row, validate_features=False)
    assert score.value == pytest.approx(float(expected[0]), abs=1e-6)


def test_thresholds_are_those_of_the_trees() -> None:
    booster = train("reg:squarederror", max_depth=1)
    roots = [json.loads(tree) for tree in booster.get_dump(dump_format="json")]

    found = translate(booster, 6).thresholds

    pairs = {(f"f{column}", np.float32(value)) for column in found for value in found[column]}
    assert pairs == {(root["split"], np.float32(root["split_condition"])) for root in roots}


@pytest.mark.parametrize(
    ("objective", "parameters", "says"),
    [
        ("binary:logistic", {"booster": "gblinear"}, "the booster is a gblinear"),
        ("binary:logistic", {"booster": "dart"}, "the booster is a dart"),
        ("multi:softmax", {}, "the objective is multi:softmax"),
        (
            "multi:softprob",
            {"multi_strategy": "multi_output_tree", "tree_method": "hist"},
            "its leaves hold several values",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # of gblinear, which XGBoost no longer likes
def test_what_has_no_c_is_named(objective: str, parameters: dict[str, Any], says: str) -> None:
    booster = train(objective, **parameters)

    with pytest.raises(NotTranslatableError, match=says):
        translate(booster, booster.num_boosted_rounds())


def test_categories_are_named() -> None:
    rows = np.array([[value % 4] for value in range(40)], np.float32)
    data = xgboost.DMatrix(
        rows, rows[:, 0] == 2, feature_types=["c"], enable_categorical=True, nthread=1
    )
    booster = xgboost.train({"max_cat_to_onehot": 1, "nthread": 1}, data, num_boost_round=1)

    with pytest.raises(NotTranslatableError, match="it splits by categories"):
        translate(booster, 1)


def changed(booster: xgboost.Booster, *path: str | int, value: object) -> xgboost.Booster:
    """Give the booster as XGBoost loads it with one value of its file changed."""
    document = json.loads(booster.save_raw("json"))
    place = document["learner"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    loaded = xgboost.Booster()
    loaded.load_model(bytearray(json.dumps(document).encode()))
    return loaded


TREES = ("gradient_booster", "model", "trees")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("gradient_booster", "model", "tree_info", 1), 3, "adds to a score that there is not"),
        ((*TREES, 0, "split_indices", 0), 4, "splits by a column that there is not"),
        ((*TREES, 0, "right_children", 0), 1, "a node is below several others"),
        (("learner_model_param", "base_score"), "[1E0]", "its base score has no finite margin"),
        (("learner_model_param", "base_score"), "[0E0]", "its base score has no finite margin"),
    ],
)
def test_what_a_file_must_not_say_is_named(
    path: tuple[str | int, ...], value: object, says: str
) -> None:
    booster = train("binary:logistic")

    with pytest.raises(NotTranslatableError, match=says):
        translate(changed(booster, *path, value=value), 6)


def test_several_targets_are_named() -> None:
    rows = np.random.default_rng(6).normal(size=(50, 2)).astype(np.float32)
    booster = xgboost.train(
        {"objective": "reg:squarederror", "nthread": 1},
        xgboost.DMatrix(rows, rows[:, ::-1], nthread=1),
        num_boost_round=1,
    )

    with pytest.raises(NotTranslatableError, match="it has several targets"):
        translate(booster, 1)


def test_a_long_way_down_the_right_side_is_translated() -> None:
    nodes = 4_001
    inner = range(0, nodes - 1, 2)
    tree: Tree = {
        "left_children": [node + 1 if node in inner else -1 for node in range(nodes)],
        "right_children": [node + 2 if node in inner else -1 for node in range(nodes)],
        "split_indices": [0] * nodes,
        "split_conditions": [float(node) for node in range(nodes)],
        "default_left": [0] * nodes,
    }

    lines = list(_node(tree, 0, 1))

    assert sum("return" in line for line in lines) == len(inner) + 1
