import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.token_bucket import Limits, TokenBucket


def test_a_burst_is_let_through_and_no_more() -> None:
    bucket = TokenBucket(Limits(rate=1, burst=3), now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]


def test_tokens_come_back_with_time() -> None:
    bucket = TokenBucket(Limits(rate=2, burst=1), now=0.0)
    assert bucket.take(0.0)
    assert not bucket.take(0.4)
    assert bucket.take(0.5)


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    bucket = TokenBucket(Limits(rate=100, burst=2), now=0.0)
    assert [bucket.take(3600.0) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("limits", [Limits(rate=10, burst=0), Limits(rate=0, burst=0)])
def test_a_bucket_of_nothing_lets_nothing_through(limits: Limits) -> None:
    assert not TokenBucket(limits, now=0.0).take(1000.0)


@given(
    st.floats(0.1, 1000),
    st.integers(1, 100),
    st.lists(st.floats(0, 10), min_size=1, max_size=200),
)
def test_no_more_pass_than_burst_and_rate_allow(
    rate: float, burst: int, pauses: list[float]
) -> None:
    bucket = TokenBucket(Limits(rate, burst), now=0.0)
    now = 0.0
    passed = 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now)
    assert passed <= burst + rate * now + 1e-6
