"""Rows that come with their labels, as a training job reads them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of shape (n, columns), a missing value as NaN; labels and weights of shape (n,)."""

    rows: Floats
    labels: Floats
    weights: Floats
    """How much a row counts: 1 where the format or the row says nothing of it."""
