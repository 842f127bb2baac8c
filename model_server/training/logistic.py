"""The baseline: a logistic regression, which every model must not fall short of.

Missing values become the column's median, with a column beside it that says so; columns are
standardised; the weights are held small (L2, strength 1, not the intercept).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Preparation:
    """How rows become the regression's columns, learnt from the rows it is fitted on."""

    medians: Floats
    flagged: npt.NDArray[np.intp]
    """The columns in which a value was missing: each gets a column that says so."""
    means: Floats
    scales: Floats

    @classmethod
    def learn(cls, rows: Floats) -> "Preparation":
        """Learn from rows of shape (n, columns) with NaN for missing."""
        missing = np.isnan(rows)
        # a column without any value has no median; it is 0 throughout and weighs nothing
        empty = missing.all(axis=0)
        medians = np.zeros(rows.shape[1])
        medians[~empty] = np.nanmedian(rows[:, ~empty], axis=0)
        flagged = np.flatnonzero(missing.any(axis=0))
        wide = _widened(rows, medians, flagged)
        scales = wide.std(axis=0)
        return cls(medians, flagged, wide.mean(axis=0), np.where(scales > 0, scales, 1.0))

    def apply(self, rows: Floats) -> Floats:
        """Give the standardised columns, shape (n, columns + flagged)."""
        return (_widened(rows, self.medians, self.flagged) - self.means) / self.scales


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression."""

    preparation: Preparation
    weights: Floats
    intercept: float

    def predict(self, rows: Floats) -> Floats:
        """Give probabilities, shape (n,), for rows of shape (n, columns)."""
        probabilities: Floats = expit(
            _product(self.preparation.apply(rows), self.weights) + self.intercept
        )
        return probabilities


def fit(rows: Floats, labels: Floats) -> Logistic:
    """Fit to rows of shape (n, columns), NaN for missing, and labels 0 and 1 of shape (n,)."""
    preparation = Preparation.learn(rows)
    columns = preparation.apply(rows)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, intercept = parameters[:-1], parameters[-1]
        margins = _product(columns, weights) + intercept
        value = np.logaddexp(0.0, margins).sum() - (labels * margins).sum()
        off = expit(margins) - labels
        slope = _product(columns.T, off) + weights
        return value + (weights**2).sum() / 2, np.append(slope, off.sum())

    found = minimize(
        loss,
        np.zeros(columns.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1_000, "ftol": 1e-12, "gtol": 1e-6},
    )
    return Logistic(preparation, found.x[:-1], float(found.x[-1]))


def _widened(rows: Floats, medians: Floats, flagged: npt.NDArray[np.intp]) -> Floats:
    missing = np.isnan(rows)
    return np.column_stack((np.where(missing, medians, rows), missing[:, flagged]))


def _product(matrix: Floats, vector: Floats) -> Floats:
    # not @: BLAS adds in an order that depends on the number of cores, and so do the last digits
    product: Floats = np.einsum("ij,j->i", matrix, vector)
    return product
