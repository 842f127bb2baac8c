import numpy as np
import pytest

from model_server.training.objectives import (
    OBJECTIVES,
    classes_of,
    is_binary,
    is_classification,
    read,
    wrong_label,
)


def found(objective: str, *labels: float, classes: int = 0) -> tuple[int, str] | None:
    return wrong_label(objective, classes, np.array(labels, np.float32))


@pytest.mark.parametrize(
    ("objective", "right", "wrong", "expected"),
    [
        ("binary:logistic", (0, 1), 0.5, "0 or 1"),
        ("rank:map", (0, 1), 2, "0 or 1"),
        ("rank:ndcg", (0, 31), 32, "a whole number from 0 to 31"),
        ("rank:pairwise", (0, 3), 1.5, "a whole number from 0 to 31"),
        ("reg:logistic", (0, 0.5, 1), 1.5, "from 0 to 1"),
        ("reg:gamma", (0.1, 9), 0, "more than 0"),
        ("reg:squaredlogerror", (-0.5, 9), -1, "more than -1"),
        ("reg:tweedie", (0, 9), -1, "0 or more"),
        ("count:poisson", (0, 9), -1, "0 or more"),
        ("reg:squarederror", (-5, 9), np.nan, "a number"),
        ("survival:cox", (-5, 9), np.inf, "a time, negative where it is censored"),
    ],
)
def test_the_first_wrong_label_is_found(
    objective: str, right: tuple[float, ...], wrong: float, expected: str
) -> None:
    assert found(objective, *right) is None
    assert found(objective, *right, wrong, wrong) == (len(right), expected)


def test_classes_are_counted_from_0() -> None:
    assert found("multi:softmax", 0, 1, 2, classes=3) is None
    assert found("multi:softprob", 0, 3, classes=3) == (
        1,
        "a whole number from 0 to 2, as num_class is 3",
    )


def test_every_objective_refuses_a_label_that_is_none() -> None:
    for objective in OBJECTIVES:
        assert found(objective, np.nan, classes=2), objective


def test_an_objective_is_read() -> None:
    assert read("rank:map") == "rank:map"
    with pytest.raises(ValueError, match=r"^one of binary:hinge, binary:logistic, "):
        read("binary:logistc")
    with pytest.raises(ValueError, match=r"^another objective: it needs two bounds a row, "):
        read("survival:aft")


def test_which_have_classes() -> None:
    assert [name for name in OBJECTIVES if is_classification(name)] == [
        "binary:hinge",
        "binary:logistic",
        "binary:logitraw",
        "multi:softmax",
        "multi:softprob",
    ]
    assert is_binary("binary:hinge")
    assert not is_binary("multi:softmax")


@pytest.mark.parametrize(
    ("objective", "predicted", "classes"),
    [
        ("binary:logistic", [0.4, 0.6], [0, 1]),
        ("binary:logitraw", [-0.1, 0.1], [0, 1]),
        ("binary:hinge", [0, 1], [0, 1]),
        ("multi:softmax", [2, 0], [2, 0]),
        ("multi:softprob", [[0.2, 0.8], [0.6, 0.4]], [1, 0]),
    ],
)
def test_predictions_have_classes(
    objective: str, predicted: list[object], classes: list[float]
) -> None:
    assert classes_of(objective, np.array(predicted, np.float32)).tolist() == classes
