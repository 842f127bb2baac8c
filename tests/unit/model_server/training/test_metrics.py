import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from model_server.training import metrics

Floats = npt.NDArray[np.float64]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Draw what happened, both classes, and predictions with ties."""
    happened = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=60))
    happened += [0.0, 1.0]
    steps = st.integers(1, 99).map(lambda number: number / 100)
    predicted = draw(st.lists(steps, min_size=len(happened), max_size=len(happened)))
    return np.array(happened), np.array(predicted)


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (metrics.auc, reference.roc_auc_score),
        (metrics.brier, reference.brier_score_loss),
        (metrics.log_loss, reference.log_loss),
        (metrics.error_rate, lambda y, p: 1 - reference.accuracy_score(y, p > 0.5)),
    ],
)
@given(case=cases())
def test_a_measure_is_that_of_scikit_learn(
    own: metrics.Metric, other: Callable[[Floats, Floats], float], case: tuple[Floats, Floats]
) -> None:
    assert own(*case) == pytest.approx(other(*case), abs=1e-12)


def test_certainty_that_was_wrong_costs_a_finite_sum() -> None:
    loss = metrics.log_loss(np.array([0.0, 1.0]), np.array([1.0, 1.0]))

    assert math.isfinite(loss)
    assert loss > 10


def test_bins_hold_equally_many_rows_in_order() -> None:
    predicted = np.arange(25) / 25
    bins = metrics.calibration_bins((predicted > 0.5).astype(float), predicted)

    assert [rows for _, _, rows in bins] == [3] * 5 + [2] * 5
    assert [mean for mean, _, _ in bins] == sorted(mean for mean, _, _ in bins)
    assert bins[0] == pytest.approx((0.04, 0.0, 3))


def test_calibration_error_by_hand() -> None:
    happened = np.array([0.0, 1.0] * 10)
    predicted = np.array([0.3] * 10 + [0.9] * 10)

    assert metrics.calibration_error(happened, predicted) == pytest.approx((0.2 + 0.4) / 2)
    assert metrics.calibration_error(happened, happened) == 0


def test_fewer_rows_than_bins_are_fine() -> None:
    assert metrics.calibration_error(np.array([0.0, 1.0]), np.array([0.5, 0.5])) == 0.5
