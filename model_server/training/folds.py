"""Parts of the data to measure on, each with its share of every class."""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


def stratified(labels: npt.NDArray[np.float64], folds: int, seed: int) -> list[Indices]:
    """Deal the rows to `folds` parts at random, class by class; give each part's row numbers.

    Parts differ by at most one row, in each class and in all.
    """
    # a seed may be negative, as XGBoost's may
    generator = np.random.default_rng(seed % 2**32)
    dealt = np.concatenate(
        [generator.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    )
    return [np.sort(dealt[part::folds]) for part in range(folds)]
