"""Parts of the data to measure on, each with its share of both classes."""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


def stratified(labels: npt.NDArray[np.float64], folds: int, seed: int) -> list[Indices]:
    """Deal the rows to `folds` parts at random, class by class; give each part's row numbers.

    Parts differ by at most one row, in each class and in all.
    """
    generator = np.random.default_rng(seed)
    dealt = np.concatenate(
        [generator.permutation(np.flatnonzero(labels == label)) for label in (0.0, 1.0)]
    )
    return [np.sort(dealt[part::folds]) for part in range(folds)]
