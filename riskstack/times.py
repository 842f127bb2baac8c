"""How often something took how long, in plain numbers: what a service counts on its hot path.

Prometheus' own histograms, with their locks, cost many times as much; the numbers are put into its
words when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Times:
    """A histogram over upper bounds, in whatever unit they have."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Take the bounds in ascending order."""
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one more."""
        self.total += value
        self.counts[bisect_left(self._bounds, value)] += 1

    def buckets(self) -> list[tuple[str, float]]:
        """Give how many took no longer than each bound."""
        names = [*map(str, self._bounds), "+Inf"]
        return list(zip(names, accumulate(self.counts), strict=True))
