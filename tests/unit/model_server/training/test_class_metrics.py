import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from model_server.training.class_metrics import CLASS_METRICS, VALUE_METRICS, r2

Floats = npt.NDArray[np.float64]
Reference = Callable[[Floats, Floats], float]


def averaged(measure: Callable[..., float], average: str) -> Reference:
    return lambda happened, predicted: measure(
        happened, predicted, average=average, zero_division=0
    )


REFERENCES: dict[str, Reference] = {
    "accuracy": reference.accuracy_score,
    "balanced_accuracy": reference.balanced_accuracy_score,
    "f1": averaged(reference.f1_score, "macro"),
    "f1_macro": averaged(reference.f1_score, "macro"),
    "f1_binary": averaged(reference.f1_score, "binary"),
    "precision": averaged(reference.precision_score, "binary"),
    "precision_macro": averaged(reference.precision_score, "macro"),
    "precision_micro": averaged(reference.precision_score, "micro"),
    "recall": averaged(reference.recall_score, "binary"),
    "recall_macro": averaged(reference.recall_score, "macro"),
    "recall_micro": averaged(reference.recall_score, "micro"),
    "mse": reference.mean_squared_error,
    "r2": reference.r2_score,
}
BINARY = {"f1_binary", "precision", "recall"}


@st.composite
def cases(draw: st.DrawFn, most: int) -> tuple[Floats, Floats]:
    rows = draw(st.integers(2, 30))
    classes = st.lists(st.integers(0, most), min_size=rows, max_size=rows)
    return np.array(draw(classes), float), np.array(draw(classes), float)


def test_all_are_compared() -> None:
    assert REFERENCES.keys() == {*CLASS_METRICS, *VALUE_METRICS}


@pytest.mark.parametrize("name", sorted(REFERENCES))
@given(data=st.data())
def test_a_measure_is_that_of_scikit_learn(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(1 if name in BINARY else 3))
    own = {**CLASS_METRICS, **VALUE_METRICS}[name]

    with warnings.catch_warnings():
        # scikit-learn's of classes that were predicted and never happened
        warnings.simplefilter("ignore")
        expected = REFERENCES[name](*case)

    assert own(*case) == pytest.approx(expected, abs=1e-12)


def test_what_does_not_vary_is_explained_or_not() -> None:
    same = np.ones(3)

    assert r2(same, same) == 1
    assert r2(same, same + 1) == 0
