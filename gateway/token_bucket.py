"""The token bucket by which API Gateway throttles. Pure: the clock is handed in.

Facts: API Gateway developer guide, "Throttle API requests for better throughput".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests may come."""

    rate: float
    """A second, in the long run."""
    burst: int
    """At once: what the bucket holds."""


ACCOUNT = Limits(rate=10_000, burst=5_000)
"""An account's limits in a Region (API Gateway quotas), and what a limit left open stands for."""


class TokenBucket:
    """A bucket that fills with time; each request takes a token."""

    def __init__(self, limits: Limits, now: float) -> None:
        """Begin full; `now` is in seconds of any clock that never goes back."""
        self._limits = limits
        self._tokens = float(limits.burst)
        self._filled = now

    def take(self, now: float) -> bool:
        """Take a token; tell whether there was one."""
        gained = (now - self._filled) * self._limits.rate
        self._tokens = min(float(self._limits.burst), self._tokens + gained)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
