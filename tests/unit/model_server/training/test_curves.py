import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from model_server.training import curves
from model_server.training.metrics import auc

Floats = npt.NDArray[np.float64]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=80))
def test_the_area_under_the_roc_curve_is_the_auc(pairs: list[tuple[bool, int]]) -> None:
    happened = np.array([0.0, 1.0, *(float(bad) for bad, _ in pairs)])
    predicted = np.array([0.5, 0.5, *(step / 20 for _, step in pairs)])

    points = curves.roc(happened, predicted)

    assert points[0] == (0, 0)
    assert points[-1] == (1, 1)
    x, y = zip(*points, strict=True)
    assert np.trapezoid(y, x) == pytest.approx(auc(happened, predicted))


def test_gain_by_hand() -> None:
    points = curves.gain(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.8, 0.1]))

    assert points == [(0.0, 0.0), (0.25, 0.5), (0.75, 1.0), (1.0, 1.0)]


def test_calibration_is_its_bins() -> None:
    happened = np.array([0.0, 1.0] * 10)

    assert curves.calibration(happened, np.full(20, 0.25)) == [(0.25, 0.5)] * 10


def test_many_points_are_thinned_and_still_lie_on_the_curve() -> None:
    generator = np.random.default_rng(0)
    predicted = generator.random(5_000)
    happened = (generator.random(5_000) < predicted).astype(float)

    points = curves.roc(happened, predicted)

    assert len(points) == curves.STEPS
    false, true, _ = reference.roc_curve(happened, predicted, drop_intermediate=False)
    assert set(points) <= set(zip(false.tolist(), true.tolist(), strict=True))
