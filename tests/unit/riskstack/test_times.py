from hypothesis import given
from hypothesis import strategies as st

from riskstack.times import Times

BOUNDS = (1.0, 10.0, 1e3, 1e6)


@given(st.lists(st.integers(0, 10**9)))
def test_each_time_is_in_every_bucket_that_is_not_too_small(times: list[int]) -> None:
    counted = Times(BOUNDS)
    for each in times:
        counted.observe(each)
    assert counted.total == sum(times)
    assert [name for name, _ in counted.buckets()] == ["1.0", "10.0", "1000.0", "1000000.0", "+Inf"]
    for bound, count in counted.buckets():
        assert count == sum(each <= float(bound) for each in times)
