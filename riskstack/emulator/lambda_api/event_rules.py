"""What becomes of an asynchronous event after each attempt. Pure: no clock, no queue, no SDK.

Facts: Lambda developer guide, "How Lambda handles errors and retries with asynchronous
invocation": a function error is tried again after one minute, then after two; a throttle from one
second, doubled up to five minutes, without using up an attempt, until the event is too old. That
an event is given up where the pause would outlive it, and the conditions' names: recorded on AWS
(localstack/localstack test_lambda_destinations.snapshot.json).
"""

from dataclasses import dataclass
from enum import StrEnum

from riskstack.emulator.function import Result
from riskstack.emulator.function.declared import AsyncConfig

MAX_RETRIES = 2
MAX_AGE_SECONDS = 6 * 60 * 60
RETRY_SECONDS = 60.0
"""Before the first retry; twice as long before the second."""
LONGEST_THROTTLE_SECONDS = 300.0


class Condition(StrEnum):
    """How an event ended, as in the record for its destination."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    TOO_OLD = "EventAgeExceeded"
    NO_CONCURRENCY = "ZeroReservedConcurrency"


@dataclass(frozen=True, slots=True)
class Retry:
    """The event is tried again after so many seconds."""

    seconds: float


@dataclass(slots=True)
class Attempts:
    """What happened to an event so far."""

    invoked: int = 0
    throttled: int = 0
    """Since it was invoked last."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a function, with AWS's defaults."""

    max_retries: int
    max_age: float
    retry_seconds: float
    reserved_concurrency: int | None

    @classmethod
    def of(
        cls, config: AsyncConfig, reserved_concurrency: int | None, retry_seconds: float
    ) -> "Rules":
        """Fill a function's settings up."""
        return cls(
            max_retries=MAX_RETRIES if config.max_retries is None else config.max_retries,
            max_age=MAX_AGE_SECONDS if config.max_age is None else config.max_age,
            retry_seconds=retry_seconds,
            reserved_concurrency=reserved_concurrency,
        )

    def after_result(self, attempts: Attempts, result: Result, age: float) -> Condition | Retry:
        """Decide after an invocation, of an event that is `age` seconds old."""
        attempts.invoked += 1
        attempts.throttled = 0
        if not result.error:
            return Condition.SUCCESS
        if attempts.invoked > self.max_retries:
            return Condition.RETRIES_EXHAUSTED
        return self._again(self.retry_seconds * attempts.invoked, age)

    def after_throttle(self, attempts: Attempts, age: float) -> Condition | Retry:
        """Decide after an attempt that found no concurrency."""
        if self.reserved_concurrency == 0:
            return Condition.NO_CONCURRENCY
        # the exponent is bounded so that it never overflows
        pause = min(2.0 ** min(attempts.throttled, 10), LONGEST_THROTTLE_SECONDS)
        attempts.throttled += 1
        return self._again(pause, age)

    def _again(self, pause: float, age: float) -> Condition | Retry:
        return Condition.TOO_OLD if age + pause > self.max_age else Retry(pause)
