"""The rule of target tracking: how many values must agree, what cooldowns hold back, bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.control.target_tracking import (
    HIGH_VALUES,
    LOW_SHARE,
    LOW_VALUES,
    Policy,
    Step,
    bounded,
    desired,
)

NOW = 10_000.0
POLICY = Policy(target=100, scale_out_cooldown_s=300, scale_in_cooldown_s=300)
HIGH = [250.0] * HIGH_VALUES
LOW = [10.0] * LOW_VALUES

RATES = st.floats(0, 1e6)
STEPS = st.lists(st.builds(Step, st.floats(0, NOW), st.integers(-9, 9)), max_size=3)


def test_grows_in_proportion_when_every_value_is_above_the_target() -> None:
    assert desired(POLICY, 2, HIGH, [], NOW) == 5
    assert desired(POLICY, 2, HIGH[1:], [], NOW) == 2
    assert desired(POLICY, 2, [100.0, *HIGH[1:]], [], NOW) == 2
    assert desired(POLICY, 2, [], [], NOW) == 2


def test_shrinks_in_proportion_when_every_value_is_below_the_low_mark() -> None:
    assert desired(POLICY, 10, LOW, [], NOW) == 1
    assert desired(POLICY, 10, LOW[1:], [], NOW) == 10
    assert desired(POLICY, 10, [LOW_SHARE * 100, *LOW[1:]], [], NOW) == 10


def test_no_traffic_asks_for_nothing() -> None:
    assert desired(POLICY, 3, [0.0] * LOW_VALUES, [], NOW) == 0


@pytest.mark.parametrize(
    ("step", "capacity"),
    [
        # in the cooldown of a growth only more than that is added
        (Step(NOW - 299, 3), 2),
        (Step(NOW - 299, 2), 5),
        (Step(NOW - 300, 3), 5),
        # a shrinking holds no growth back
        (Step(NOW - 1, -3), 5),
    ],
)
def test_a_cooldown_holds_growth_back(step: Step, capacity: int) -> None:
    assert desired(POLICY, 2, HIGH, [step], NOW) == capacity


@pytest.mark.parametrize(
    ("step", "capacity"),
    [
        (Step(NOW - 299, -1), 10),
        (Step(NOW - 299, 1), 10),
        (Step(NOW - 300, -1), 1),
    ],
)
def test_a_cooldown_holds_shrinking_back(step: Step, capacity: int) -> None:
    assert desired(POLICY, 10, LOW, [step], NOW) == capacity


def test_either_direction_can_be_switched_off() -> None:
    assert desired(Policy(target=100, scale_in=False), 10, LOW, [], NOW) == 10
    assert desired(Policy(target=100, scale_out=False), 2, HIGH, [], NOW) == 2


@given(st.floats(0.1, 1e4), st.integers(1, 50), st.lists(RATES, max_size=20), STEPS, st.booleans())
def test_it_never_asks_for_more_or_less_than_the_load_needs(
    target: float, capacity: int, values: list[float], steps: list[Step], scale_in: bool
) -> None:
    policy = Policy(target=target, scale_in=scale_in)
    asked = desired(policy, capacity, values, steps, NOW)
    if asked > capacity:
        assert min(values[-HIGH_VALUES:]) > target
        # the load of the last value, spread over what was asked for, is at the target
        assert capacity * values[-1] / asked <= target * (1 + 1e-9)
        assert asked == math.ceil(capacity * values[-1] / target)
    elif asked < capacity:
        assert scale_in
        assert max(values[-LOW_VALUES:]) < target
        assert asked == 0 or capacity * values[-1] / asked <= target * (1 + 1e-9)


@given(st.integers(-5, 50), st.integers(1, 9), st.integers(0, 9))
def test_bounds_hold(capacity: int, minimum: int, width: int) -> None:
    within = bounded(capacity, minimum, minimum + width)
    assert minimum <= within <= minimum + width
    assert within == capacity or not minimum <= capacity <= minimum + width
