"""The rule of target tracking: how many instances a metric asks for. Pure: no clock, no endpoint.

The rule and its cooldowns are those of the Application Auto Scaling user guide, target tracking.
How many values of the metric have to agree is not in it: these are the numbers that the alarms
have which it makes for a policy (`AlarmHigh`, `AlarmLow`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

HIGH_VALUES = 3
"""So many values in a row above the target scale out."""

LOW_VALUES = 15
"""So many values in a row below the low mark scale in."""

LOW_SHARE = 0.9
"""The low mark, as a share of the target."""

VALUES_KEPT = max(HIGH_VALUES, LOW_VALUES)

COOLDOWN_S = 300
"""The cooldowns of SageMaker's variants where a policy gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a policy asks for: the metric is to be at its target, in invocations a minute."""

    target: float
    scale_out_cooldown_s: float = COOLDOWN_S
    scale_in_cooldown_s: float = COOLDOWN_S
    scale_in: bool = True
    scale_out: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A change of capacity that was made, and when."""

    at: float
    change: int
    """Instances added, or taken away where it is below 0."""


def bounded(capacity: int, minimum: int, maximum: int) -> int:
    """Give the capacity within bounds that is nearest."""
    return max(minimum, min(maximum, capacity))


def desired(
    policy: Policy, capacity: int, values: Sequence[float], steps: Sequence[Step], now: float
) -> int:
    """Give the capacity that a policy asks for, without regard to bounds.

    `values` are the metric's, per instance and minute, `steps` what was done before; both have the
    newest last.
    """
    if not values:
        return capacity
    needed = math.ceil(capacity * values[-1] / policy.target)
    highest = values[-HIGH_VALUES:]
    if (
        policy.scale_out
        and len(highest) == HIGH_VALUES
        and min(highest) > policy.target
        and needed > capacity
        and _may_grow(policy, needed - capacity, steps, now)
    ):
        return needed
    lowest = values[-LOW_VALUES:]
    if (
        policy.scale_in
        and len(lowest) == LOW_VALUES
        and max(lowest) < LOW_SHARE * policy.target
        and _may_shrink(policy, steps, now)
    ):
        return min(capacity, needed)
    return capacity


def _may_grow(policy: Policy, growth: int, steps: Sequence[Step], now: float) -> bool:
    """Tell whether it may grow: in the cooldown of a growth only by more than that."""
    grown = [step for step in steps if step.change > 0]
    if not grown or now - grown[-1].at >= policy.scale_out_cooldown_s:
        return True
    return growth > grown[-1].change


def _may_shrink(policy: Policy, steps: Sequence[Step], now: float) -> bool:
    """Tell whether it may shrink: not in a cooldown, of whichever kind."""
    return all(
        now - step.at
        >= (policy.scale_out_cooldown_s if step.change > 0 else policy.scale_in_cooldown_s)
        for step in steps
    )
