import numpy as np
import numpy.typing as npt
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_server.training import logistic

Floats = npt.NDArray[np.float64]


def data(rows: int = 300) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(3)
    values = generator.normal(size=(rows, 4)) * [1, 100, 0.01, 1] + [0, 500, 0, 0]
    labels = (values[:, 0] + generator.normal(size=rows) > 0).astype(float)
    values[generator.random(rows) < 0.2, 1] = np.nan
    return values, labels


def test_it_is_the_regression_of_scikit_learn() -> None:
    rows, labels = data()
    reference = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(tol=1e-10, max_iter=1_000),
    ).fit(rows[:200], labels[:200])

    predicted = logistic.fit(rows[:200], labels[:200]).predict(rows[200:])

    assert predicted == pytest.approx(reference.predict_proba(rows[200:])[:, 1], abs=1e-5)


def test_columns_that_say_nothing_do_no_harm() -> None:
    rows, labels = data()
    expected = logistic.fit(rows, labels).predict(rows)
    silent = np.column_stack((rows, np.full(len(rows), 7.0), np.full(len(rows), np.nan)))

    assert logistic.fit(silent, labels).predict(silent) == pytest.approx(expected, abs=1e-5)


def test_a_value_that_is_missing_only_later_is_the_median() -> None:
    rows, labels = data()
    fitted = logistic.fit(rows, labels)
    missing, median = rows[:1].copy(), rows[:1].copy()
    missing[0, 0] = np.nan
    median[0, 0] = np.median(rows[:, 0])

    assert fitted.predict(missing) == fitted.predict(median)
