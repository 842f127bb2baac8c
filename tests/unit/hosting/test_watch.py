"""A watched container: what invocations and pings tell of its health, and what the log says."""

import asyncio

import pytest

from hosting import health
from hosting.container import (
    ContainerAnswer,
    ContainerBodyError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.health import Health, Observation, Sign, State
from hosting.watch import WatchedContainer
from tests.hosting_stand import MemoryContainer, ReadableLog

ANSWERED = Observation(Sign.ANSWERED)
REFUSED = Observation(Sign.FAILED, "refused")
SLOW = Observation(Sign.SLOW, "slow")

HEALTHY = Health(State.HEALTHY, 0, "")
UNHEALTHY = Health(State.UNHEALTHY, 0, "refused")


@pytest.fixture
def container() -> MemoryContainer:
    return MemoryContainer()


@pytest.fixture
def watched(container: MemoryContainer) -> WatchedContainer:
    return WatchedContainer("credit", container, ReadableLog().logger)


def test_an_invocation_passes_through(
    watched: WatchedContainer, container: MemoryContainer
) -> None:
    answer = asyncio.run(watched.invoke({"Accept": "text/csv"}, b"1"))
    assert answer is container.outcome
    assert container.invocations == [({"Accept": "text/csv"}, b"1")]


@pytest.mark.parametrize("before", [Health(), UNHEALTHY])
def test_a_successful_invocation_makes_healthy_at_once(
    watched: WatchedContainer, before: Health
) -> None:
    watched.health = before
    asyncio.run(watched.invoke({}, b"1"))
    assert watched.health == HEALTHY


def test_a_successful_invocation_does_not_outweigh_a_bad_ping(
    watched: WatchedContainer, container: MemoryContainer
) -> None:
    watched.health = HEALTHY.after(Observation(Sign.UNWELL, "503"))

    async def scenario() -> None:
        await watched.invoke({}, b"1")
        async with watched.stream({}, b"1"):
            pass

    asyncio.run(scenario())
    assert len(container.invocations) == 2
    assert (watched.health.state, watched.health.reason) == (State.UNHEALTHY, "503")


@pytest.mark.parametrize("status", [300, 400, 500, 503])
def test_an_error_answer_tells_nothing_of_health(
    watched: WatchedContainer, container: MemoryContainer, status: int
) -> None:
    container.outcome = ContainerAnswer(status, None, None, b"")
    before = watched.health
    asyncio.run(watched.invoke({}, b"1"))
    assert watched.health is before


def test_an_unreachable_container_is_unhealthy_at_once(
    watched: WatchedContainer, container: MemoryContainer
) -> None:
    watched.health = HEALTHY
    container.outcome = ContainerUnreachableError("refused")
    with pytest.raises(ContainerUnreachableError):
        asyncio.run(watched.invoke({}, b"1"))
    assert watched.health == UNHEALTHY


@pytest.mark.parametrize(
    "error", [ContainerTimeoutError("60 s"), ContainerBodyError(200, "broke off")]
)
def test_a_slow_or_broken_answer_tells_nothing_of_health(
    watched: WatchedContainer, container: MemoryContainer, error: Exception
) -> None:
    watched.health = HEALTHY
    container.outcome = error
    with pytest.raises(type(error)):
        asyncio.run(watched.invoke({}, b"1"))
    assert watched.health is HEALTHY


@pytest.mark.parametrize(("status", "after"), [(200, HEALTHY), (500, UNHEALTHY)])
def test_a_stream_tells_of_health_as_an_invocation_does(
    watched: WatchedContainer, container: MemoryContainer, status: int, after: Health
) -> None:
    async def scenario() -> list[bytes]:
        async with watched.stream({}, b"1") as answer:
            return [piece async for piece in answer.pieces]

    watched.health = UNHEALTHY
    container.outcome = ContainerAnswer(status, None, None, b"0.5")
    assert asyncio.run(scenario()) == [b"0", b".", b"5"]
    assert watched.health == after
    container.outcome = ContainerUnreachableError("refused")
    with pytest.raises(ContainerUnreachableError):
        asyncio.run(scenario())
    assert watched.health == UNHEALTHY


def test_a_request_passes_through(watched: WatchedContainer, container: MemoryContainer) -> None:
    assert asyncio.run(watched.request("DELETE", "/models/a")) is container.outcome
    assert container.asked[0][0] == "DELETE /models/a"


def test_pings_go_on_until_cancelled_and_each_change_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "EAGER_INTERVAL_S", 0.0)
    monkeypatch.setattr(health, "STEADY_INTERVAL_S", 0.0)
    log = ReadableLog()
    pings: list[Observation | Exception] = [
        REFUSED,
        ANSWERED,
        ANSWERED,
        SLOW,
        REFUSED,
        SLOW,
        ANSWERED,
    ]
    assert watch(pings, log) == HEALTHY
    assert log.lines("container") == [
        {"level": "INFO", "model": "credit", "state": "healthy", "reason": ""},
        {"level": "WARNING", "model": "credit", "state": "unhealthy", "reason": "refused"},
        {"level": "INFO", "model": "credit", "state": "healthy", "reason": ""},
    ]


def test_a_fault_of_one_ping_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "EAGER_INTERVAL_S", 0.0)
    monkeypatch.setattr(health, "STEADY_INTERVAL_S", 0.0)
    log = ReadableLog()
    assert watch([ANSWERED, ZeroDivisionError(), ANSWERED], log) == HEALTHY
    [fault] = log.lines("ping failed")
    assert (fault["model"], fault["exception_name"]) == ("credit", "ZeroDivisionError")
    assert [line["reason"] for line in log.lines("container")] == [
        "",
        "the ping failed: ZeroDivisionError()",
        "",
    ]


def watch(pings: list[Observation | Exception], log: ReadableLog) -> Health:
    """Watch a container whose pings have these outcomes, until it is cancelled after the last."""

    class Pinged(MemoryContainer):
        async def ping(self) -> Observation:
            if not pings:
                raise asyncio.CancelledError
            outcome = pings.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    watched = WatchedContainer("credit", Pinged(), log.logger)

    async def scenario() -> None:
        with pytest.raises(asyncio.CancelledError):
            await watched.watch()

    asyncio.run(scenario())
    return watched.health
