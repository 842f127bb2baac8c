"""Values as AWS's XGBoost image gives them (serve_utils.py): its functions, called one by one."""

import numpy as np
import pytest

from model_server.serving.errors import UnsupportedObjectiveError
from model_server.serving.selection import KEYS, VALID, check, select

HALF = np.array([0.25, 0.5, 0.75], np.float32)
TWO = np.array([[0.25, 0.75], [0.5, 0.25]], np.float32)


@pytest.mark.parametrize(
    ("objective", "scores", "expected"),
    [
        (
            "binary:logistic",
            HALF,
            {
                "predicted_label": [0, 0, 1],
                "labels": [[0, 1]] * 3,
                "probability": [0.25, 0.5, 0.75],
                "probabilities": [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]],
                "raw_score": [0.25, 0.5, 0.75],
                "raw_scores": [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]],
            },
        ),
        (
            "binary:logitraw",
            np.array([-1, 0, 2], np.float32),
            {
                "predicted_label": [0, 0, 1],
                "labels": [[0, 1]] * 3,
                "raw_score": [-1, 0, 2],
                "raw_scores": [[2, -1], [1, 0], [-1, 2]],
            },
        ),
        (
            "binary:hinge",
            np.array([0, 1], np.float32),
            {
                "predicted_label": [0, 1],
                "labels": [[0, 1]] * 2,
                "raw_score": [0, 1],
                "raw_scores": [[1, 0], [0, 1]],
            },
        ),
        (
            "multi:softmax",
            np.array([2, 0], np.float32),
            {
                "predicted_label": [2, 0],
                "labels": [[0, 1, 2]] * 2,
                "raw_score": [2, 0],
                "raw_scores": [[-1, 2], [1, 0]],
            },
        ),
        (
            "multi:softprob",
            TWO,
            {
                "predicted_label": [1, 0],
                "labels": [[0, 1, 2]] * 2,
                "probability": [0.75, 0.5],
                "probabilities": TWO.tolist(),
                "raw_score": [0.75, 0.5],
                "raw_scores": TWO.tolist(),
            },
        ),
        ("reg:squarederror", HALF, {"predicted_score": [0.25, 0.5, 0.75]}),
    ],
)
def test_each_objective_has_its_values(
    objective: str, scores: np.ndarray, expected: dict[str, list[object]]
) -> None:
    found = select(KEYS, objective, 3, scores)

    assert tuple(found) == KEYS
    assert VALID[objective] == expected.keys()
    for key, values in found.items():
        if key in expected:
            assert values.tolist() == expected[key]
        else:
            assert values.shape == (len(scores),)
            assert np.isnan(values).all()


def test_keys_keep_their_order() -> None:
    keys = ("probability", "labels", "predicted_label")

    assert tuple(select(keys, "binary:logistic", 0, HALF)) == keys


def test_an_objective_without_keys_is_refused() -> None:
    check("binary:logistic")
    with pytest.raises(
        UnsupportedObjectiveError, match=r"^Objective 'rank:ndcg' is not supported with SAGEMAKER_"
    ):
        check("rank:ndcg")
