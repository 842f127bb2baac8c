from datetime import UTC, datetime

import pytest

from gateway.quota import Period, Quota, QuotaSettings


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "offset", "when", "begin"),
    [
        (Period.DAY, 0, at(4), datetime(2026, 3, 4, tzinfo=UTC)),
        # the 4th of March 2026 is a Wednesday
        (Period.WEEK, 0, at(4), datetime(2026, 3, 1, tzinfo=UTC)),
        (Period.WEEK, 1, at(4), datetime(2026, 3, 2, tzinfo=UTC)),
        (Period.WEEK, 3, at(4), datetime(2026, 3, 4, tzinfo=UTC)),
        (Period.WEEK, 4, at(4), datetime(2026, 2, 26, tzinfo=UTC)),
        (Period.WEEK, 0, at(1, 0), datetime(2026, 3, 1, tzinfo=UTC)),
        (Period.MONTH, 0, at(31), datetime(2026, 3, 1, tzinfo=UTC)),
        (Period.MONTH, 14, at(14), datetime(2026, 2, 15, tzinfo=UTC)),
        (Period.MONTH, 14, at(15), datetime(2026, 3, 15, tzinfo=UTC)),
        (Period.MONTH, 27, at(1), datetime(2026, 2, 28, tzinfo=UTC)),
    ],
)
def test_a_period_begins_at_midnight_of_its_first_day(
    period: Period, offset: int, when: datetime, begin: datetime
) -> None:
    assert QuotaSettings(1, period, offset).begin(when) == begin


def test_a_quota_is_used_up_until_the_next_period() -> None:
    quota = Quota(QuotaSettings(2, Period.DAY))
    assert [quota.use(at(4)) for _ in range(3)] == [True, True, False]
    assert not quota.use(at(4, 23))
    assert quota.use(at(5, 0))


def test_a_quota_of_nothing_allows_nothing() -> None:
    assert not Quota(QuotaSettings(0, Period.MONTH)).use(at(4))
