"""The rules for a container's health: what a sign of it changes, and when to ask it again.

AWS does not document its thresholds; these are made so that one slow /ping refuses nothing.
"""

from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Self

SLOW_PINGS_LIMIT = 3
"""So many pings in a row without an answer in time make a container unhealthy."""

STEADY_INTERVAL_S = 5.0
EAGER_INTERVAL_S = 0.5


class State(StrEnum):
    """How a container stands."""

    STARTING = "starting"
    """It never answered; its endpoint is not in service."""
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    """It was healthy once and no longer is; invocations are still tried."""


class Sign(Enum):
    """What a ping or an invocation shows."""

    ANSWERED = "answered"
    """/ping was answered with 200."""
    SERVED = "served"
    """An invocation was: the container is there, and as well as it says of itself."""
    SLOW = "slow"
    """There was no answer to a ping in time: the container may only be busy."""
    FAILED = "failed"
    """It refused or dropped the connection."""
    UNWELL = "unwell"
    """It answered /ping with anything but 200."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A sign, and in words why it is not a good one."""

    sign: Sign
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a container; `reason` says why it is not healthy.

    One that is `unwell` has said so itself, and only it can take that back (AWS-hosting: a
    container whose /ping is not 200 is replaced, whatever it still answers).
    """

    state: State = State.STARTING
    slow_pings: int = 0
    reason: str = "it was not asked yet"
    unwell: bool = False

    def after(self, observation: Observation) -> Self:
        """Give the health that an observation leads to."""
        sign = observation.sign
        if sign is Sign.SERVED and self.unwell:
            return self
        if sign is Sign.ANSWERED or sign is Sign.SERVED:
            if self.state is State.HEALTHY and not self.slow_pings:
                return self
            return replace(self, state=State.HEALTHY, slow_pings=0, reason="", unwell=False)
        slow_pings = self.slow_pings + 1 if sign is Sign.SLOW else 0
        if self.state is State.HEALTHY and 0 < slow_pings < SLOW_PINGS_LIMIT:
            return replace(self, slow_pings=slow_pings)
        state = State.UNHEALTHY if self.state is State.HEALTHY else self.state
        unwell = self.unwell or sign is Sign.UNWELL
        return replace(self, state=state, slow_pings=0, reason=observation.reason, unwell=unwell)

    @property
    def ping_interval_s(self) -> float:
        """Give the seconds until the next ping: few while an answer would be news."""
        return STEADY_INTERVAL_S if self.state is State.HEALTHY else EAGER_INTERVAL_S
