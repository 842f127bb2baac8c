import pytest

from riskstack.emulator.function import Result
from riskstack.emulator.function.declared import AsyncConfig
from riskstack.emulator.lambda_api.event_rules import Attempts, Condition, Retry, Rules

GOOD, BAD = Result(b"null"), Result(b"{}", "Unhandled")


def rules(config: AsyncConfig | None = None, reserved: int | None = None) -> Rules:
    return Rules.of(config or AsyncConfig(), reserved, 60.0)


def test_a_success_ends_it() -> None:
    assert rules().after_result(Attempts(), GOOD, 0) is Condition.SUCCESS


def test_a_failure_is_tried_again_after_one_minute_and_after_two() -> None:
    attempts = Attempts()
    steps = [rules().after_result(attempts, BAD, 0) for _ in range(3)]
    assert steps == [Retry(60), Retry(120), Condition.RETRIES_EXHAUSTED]


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_as_often_as_is_declared(retries: int) -> None:
    own, attempts = rules(AsyncConfig(max_retries=retries)), Attempts()
    steps = [own.after_result(attempts, BAD, 0) for _ in range(retries + 1)]
    assert all(isinstance(step, Retry) for step in steps[:-1])
    assert steps[-1] is Condition.RETRIES_EXHAUSTED


def test_an_event_that_would_be_too_old_is_given_up() -> None:
    own = rules(AsyncConfig(max_age=60))
    assert own.after_result(Attempts(), BAD, 0) == Retry(60)
    assert own.after_result(Attempts(), BAD, 0.1) is Condition.TOO_OLD
    assert own.after_throttle(Attempts(), 59.1) is Condition.TOO_OLD
    assert rules().after_result(Attempts(), BAD, 21_540) == Retry(60)
    assert rules().after_result(Attempts(), BAD, 21_541) is Condition.TOO_OLD


def test_throttles_wait_from_a_second_to_five_minutes_and_use_up_nothing() -> None:
    attempts = Attempts()
    pauses = [rules().after_throttle(attempts, 0) for _ in range(11)]
    assert pauses == [Retry(seconds) for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300)]
    assert attempts.invoked == 0
    assert rules().after_result(attempts, BAD, 0) == Retry(60)
    assert rules().after_throttle(attempts, 0) == Retry(1)


def test_a_function_that_may_not_run_is_not_waited_for() -> None:
    assert rules(reserved=0).after_throttle(Attempts(), 0) is Condition.NO_CONCURRENCY
