import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.model.native.proof import NotEqualError, prove, rows_to_prove
from model_server.model.native.source import NotTranslatableError
from model_server.model.predictor import Floats


def scores(*values: float) -> Floats:
    return np.array(values, np.float32)


def test_the_largest_difference_is_given() -> None:
    rows = np.zeros((2, 1), np.float32)

    found = prove(lambda _: scores(0.5, 0.25), lambda _: scores(0.5 + 6e-7, 0.25), rows)

    assert 5e-7 < found < 7e-7


@pytest.mark.parametrize("wrong", [0.5 + 2e-6, float("nan"), float("inf")])
def test_a_row_that_differs_ends_it(wrong: float) -> None:
    rows = np.zeros((3, 1), np.float32)

    with pytest.raises(NotEqualError, match="1 of 3 rows differ"):
        prove(lambda _: scores(0.5, wrong, 0.5), lambda _: scores(0.5, 0.5, 0.5), rows)


def test_one_wrong_value_of_several_is_found() -> None:
    right = np.array([[0.2, 0.8], [0.4, 0.6]], np.float32)
    wrong = right.copy()
    wrong[1, 1] = 0.7

    with pytest.raises(NotEqualError, match=r"1 of 2 rows differ, the first by 0\.1"):
        prove(lambda _: wrong, lambda _: right, np.zeros((2, 1), np.float32))


@given(
    st.dictionaries(
        st.integers(0, 3), st.frozensets(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=8)
    )
)
def test_both_sides_of_every_threshold_and_missing_are_tried(
    thresholds: dict[int, frozenset[float]],
) -> None:
    rows = np.concatenate(list(rows_to_prove(4, thresholds)))

    for column, values in thresholds.items():
        tried = set(rows[:, column].tolist())
        for value in values:
            assert value in tried
            assert float(np.nextafter(np.float32(value), np.float32(-np.inf))) in tried
    assert np.isnan(rows).any(axis=0).all()
    assert np.isnan(rows).all(axis=1).any()


def test_rows_are_the_same_each_time() -> None:
    first, second = (list(rows_to_prove(2, {0: frozenset({1.0})})) for _ in range(2))

    assert all(np.array_equal(*pair, equal_nan=True) for pair in zip(first, second, strict=True))


def test_scores_of_another_shape_end_it() -> None:
    rows = np.zeros((2, 1), np.float32)

    with pytest.raises(NotEqualError, match=r"of shape \(2,\) instead of \(2, 1\)"):
        prove(lambda _: scores(0.5, 0.5), lambda _: np.full((2, 1), 0.5, np.float32), rows)


def test_a_proof_that_takes_too_much_memory_is_refused() -> None:
    with pytest.raises(NotTranslatableError, match="too much memory with 20000 columns"):
        next(rows_to_prove(20_000, {}))
