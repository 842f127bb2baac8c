"""Quotas: how many requests a client may send in a day, a week or a month. Pure: no clock.

Facts: CloudFormation's reference of AWS::ApiGateway::UsagePlan QuotaSettings: the offset is the
day on which a period starts; 0 in a week is Sunday. The API reference says otherwise (a number of
requests), but what AWS takes is 0 for days, 0 to 6 for weeks, 0 to 27 for months
(hashicorp/terraform-provider-aws, validation of `quota_settings`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_WEEK = 7


class Period(StrEnum):
    """How long a quota runs."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


LARGEST_OFFSET = {Period.DAY: 0, Period.WEEK: 6, Period.MONTH: 27}


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """A quota as a usage plan declares it."""

    limit: int
    period: Period
    offset: int = 0
    """Days after midnight UTC of the period's first day."""

    def begin(self, at: datetime) -> datetime:
        """Give the beginning of the period in which a time, in UTC, lies."""
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        match self.period:
            case Period.WEEK:
                return day - timedelta(days=(day.isoweekday() - self.offset) % _WEEK)
            case Period.MONTH:
                shifted = day - timedelta(days=self.offset)
                return shifted.replace(day=1) + timedelta(days=self.offset)
        return day


class Quota:
    """What one client has used of its quota."""

    def __init__(self, settings: QuotaSettings) -> None:
        self._settings = settings
        self._used = 0
        self._begin: datetime | None = None

    def use(self, at: datetime) -> bool:
        """Count a request; tell whether the quota allows it. `at` is in UTC."""
        begin = self._settings.begin(at)
        if begin != self._begin:
            self._used = 0
            self._begin = begin
        if self._used >= self._settings.limit:
            return False
        self._used += 1
        return True
