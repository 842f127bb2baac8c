"""Jobs under way: stopped one at a time, ended all together."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hosting.jobs.under_way import StoppedError, UnderWay


class Life:
    """A life that works until it is stopped, and keeps what happened."""

    def __init__(self, under_way: UnderWay, work: Callable[[], Awaitable[str]]) -> None:
        self.events: list[str] = []
        self._under_way = under_way
        self._work = work

    async def live(self) -> None:
        try:
            self.events.append(await self._under_way.stoppable("job", self._working()))
        except StoppedError:
            self.events.append("stopped")
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise
        self.events.append("end")

    async def _working(self) -> str:
        self.events.append("work")
        return await self._work()


async def forever() -> str:
    await asyncio.Event().wait()
    return "never"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)


def test_a_stop_cuts_the_work_short_and_lets_the_life_go_on() -> None:
    async def run() -> None:
        under_way = UnderWay()
        life = Life(under_way, forever)
        under_way.start("job", life.live())
        await until(lambda: life.events == ["work"])
        under_way.stop("job")
        assert under_way.was_stopped("job")
        await until(lambda: "end" in life.events)
        assert life.events == ["work", "stopped", "end"]

    asyncio.run(run())


def test_a_stop_before_the_work_keeps_it_from_beginning() -> None:
    async def run() -> None:
        under_way = UnderWay()
        life = Life(under_way, forever)
        under_way.start("job", life.live())
        under_way.stop("job")
        await until(lambda: "end" in life.events)
        assert life.events == ["stopped", "end"]

    asyncio.run(run())


def test_work_gives_what_it_gives() -> None:
    async def done() -> str:
        return "done"

    async def run() -> None:
        under_way = UnderWay()
        life = Life(under_way, done)
        under_way.start("job", life.live())
        await until(lambda: "end" in life.events)
        assert life.events == ["work", "done", "end"]

    asyncio.run(run())


def test_the_end_of_the_process_is_no_stop() -> None:
    async def run() -> None:
        under_way = UnderWay()
        life = Life(under_way, forever)
        under_way.start("job", life.live())
        await until(lambda: life.events == ["work"])
        await under_way.close()
        assert life.events == ["work", "cancelled"]

    asyncio.run(run())


def test_nothing_under_way_is_closed_at_once() -> None:
    asyncio.run(UnderWay().close())


def test_an_error_of_the_work_is_the_life_s() -> None:
    async def fail() -> str:
        raise ValueError("no")

    async def run() -> None:
        with pytest.raises(ValueError, match="no"):
            await UnderWay().stoppable("job", Life(UnderWay(), fail)._working())

    asyncio.run(run())
