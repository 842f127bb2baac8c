"""Health: what each sign changes, and what it must never change."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.health import (
    EAGER_INTERVAL_S,
    SLOW_PINGS_LIMIT,
    STEADY_INTERVAL_S,
    Health,
    Observation,
    Sign,
    State,
)

ANSWERED = Observation(Sign.ANSWERED)
SLOW = Observation(Sign.SLOW, "too slow")
FAILED = Observation(Sign.FAILED, "refused")
SERVED = Observation(Sign.SERVED)
UNWELL = Observation(Sign.UNWELL, "it answers /ping with 503")
SIGNS = st.lists(st.sampled_from([ANSWERED, SERVED, SLOW, FAILED, UNWELL]))


def after(*observations: Observation) -> Health:
    return reduce(Health.after, observations, Health())


@pytest.mark.parametrize(
    ("observations", "state", "reason"),
    [
        ([], State.STARTING, "it was not asked yet"),
        ([FAILED], State.STARTING, "refused"),
        ([SLOW] * 9, State.STARTING, "too slow"),
        ([FAILED, ANSWERED], State.HEALTHY, ""),
        ([ANSWERED, FAILED], State.UNHEALTHY, "refused"),
        ([ANSWERED, SLOW], State.HEALTHY, ""),
        ([ANSWERED, SLOW, SLOW], State.HEALTHY, ""),
        ([ANSWERED, SLOW, SLOW, SLOW], State.UNHEALTHY, "too slow"),
        ([ANSWERED, SLOW, SLOW, ANSWERED, SLOW, SLOW], State.HEALTHY, ""),
        ([ANSWERED, SLOW, FAILED], State.UNHEALTHY, "refused"),
        ([ANSWERED, FAILED, SLOW], State.UNHEALTHY, "too slow"),
        ([ANSWERED, FAILED, ANSWERED], State.HEALTHY, ""),
        ([SERVED], State.HEALTHY, ""),
        ([ANSWERED, FAILED, SERVED], State.HEALTHY, ""),
        ([ANSWERED, SLOW, SLOW, SERVED, SLOW, SLOW], State.HEALTHY, ""),
        ([ANSWERED, UNWELL], State.UNHEALTHY, "it answers /ping with 503"),
        ([ANSWERED, UNWELL, FAILED], State.UNHEALTHY, "refused"),
        ([ANSWERED, UNWELL, ANSWERED, FAILED, SERVED], State.HEALTHY, ""),
    ],
)
def test_what_signs_lead_to(observations: list[Observation], state: State, reason: str) -> None:
    health = after(*observations)
    assert (health.state, health.reason) == (state, reason)


@given(SIGNS, SIGNS)
def test_a_container_that_once_answered_is_never_starting(
    before: list[Observation], later: list[Observation]
) -> None:
    assert after(*before, ANSWERED, *later).state is not State.STARTING


@given(SIGNS)
def test_one_answer_makes_healthy(before: list[Observation]) -> None:
    assert after(*before, ANSWERED) == Health(State.HEALTHY, 0, "")


@given(SIGNS, st.lists(st.sampled_from([SERVED, SLOW, FAILED, UNWELL])))
def test_who_is_unwell_stays_so_until_its_ping_says_otherwise(
    before: list[Observation], later: list[Observation]
) -> None:
    assert after(*before, UNWELL, *later).state is not State.HEALTHY


@given(SIGNS, st.integers(1, SLOW_PINGS_LIMIT - 1))
def test_a_few_slow_pings_change_nothing(before: list[Observation], slow: int) -> None:
    assert after(*before, ANSWERED, *[SLOW] * slow).state is State.HEALTHY


def test_pings_come_often_while_an_answer_would_be_news() -> None:
    assert after().ping_interval_s == EAGER_INTERVAL_S
    assert after(ANSWERED).ping_interval_s == STEADY_INTERVAL_S
    assert after(ANSWERED, FAILED).ping_interval_s == EAGER_INTERVAL_S
