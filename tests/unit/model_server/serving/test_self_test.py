import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from model_server.model.booster import Model
from model_server.serving import self_test
from model_server.serving.errors import ModelNotReadyError
from model_server.serving.formats import PLAIN
from model_server.serving.metrics import Metrics
from model_server.serving.scoring import Scoring
from model_server.serving.self_test import STALE_SECONDS, SelfTest
from model_server.serving.servable import SelfTestError, Servable
from model_server.serving.slices import Slices

DEADLINE = 60.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servable(model: Model) -> Scoring:
    return Scoring(model, PLAIN, Metrics(), Slices())


def once(test: SelfTest) -> None:
    with ThreadPoolExecutor(1) as pool:
        asyncio.run(test.once(pool))


def fail(_servable: Servable) -> None:
    raise SelfTestError("0.5, now 0.6")


def test_a_model_is_healthy_once_it_has_predicted(servable: Scoring, clock: Clock) -> None:
    test = SelfTest(lambda: servable, clock)
    assert not test.healthy

    once(test)

    assert test.healthy


def test_it_is_not_for_long_after_the_last_prediction(servable: Scoring, clock: Clock) -> None:
    test = SelfTest(lambda: servable, clock)
    once(test)

    clock.now += STALE_SECONDS - 1
    assert test.healthy
    clock.now += 1
    assert not test.healthy

    once(test)
    assert test.healthy


def test_a_failure_counts_at_once_and_is_logged(
    servable: Scoring,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    test = SelfTest(lambda: servable, clock)
    once(test)
    monkeypatch.setattr(Scoring, "test", fail)

    once(test)

    assert not test.healthy
    assert [record.message for record in caplog.records] == [
        "self-test failed: SelfTestError: 0.5, now 0.6"
    ]


def test_without_a_model_nothing_is_tested(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def none() -> Servable:
        raise ModelNotReadyError("the model is loading")

    test = SelfTest(none, clock)

    once(test)

    assert not test.healthy
    assert not caplog.records


def test_it_runs_again_and_again(
    servable: Scoring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_test, "SECONDS_BETWEEN", 0)
    tested: list[Servable] = []

    def count(servable: Scoring) -> None:
        tested.append(servable)

    monkeypatch.setattr(Scoring, "test", count)

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - what is awaited has no event
                await asyncio.sleep(0.001)

    async def run() -> None:
        running = asyncio.create_task(SelfTest(lambda: servable, clock).run())
        await until(lambda: len(tested) > 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(run())
