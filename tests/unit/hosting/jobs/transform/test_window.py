"""Some calls at once, their results in order."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing

import pytest

from hosting.jobs.transform.window import in_order


class Calls:
    """Calls that end when they are told to, the latest first."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.most_at_once = 0
        self._open: list[tuple[int, asyncio.Future[int]]] = []

    async def call(self, item: int) -> int:
        self.begun.append(item)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._open.append((item, future))
        self.most_at_once = max(self.most_at_once, len(self._open))
        asyncio.get_running_loop().call_later(0, self._end_latest)
        return await future

    def _end_latest(self) -> None:
        if self._open:
            item, future = self._open.pop()
            future.set_result(item * 10)


async def collect(
    items: Iterator[int], call: Callable[[int], Awaitable[int]], at_once: int
) -> list[tuple[int, int]]:
    async with aclosing(in_order(items, call, at_once)) as results:
        return [each async for each in results]


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_results_come_in_the_order_of_the_items(at_once: int) -> None:
    calls = Calls()
    results = asyncio.run(collect(iter(range(1, 20)), calls.call, at_once))
    assert results == [(item, item * 10) for item in range(1, 20)]
    assert calls.begun == list(range(1, 20))
    assert calls.most_at_once <= at_once


def test_of_no_items_there_are_no_results() -> None:
    assert asyncio.run(collect(iter(()), Calls().call, 2)) == []


def test_a_call_that_fails_ends_the_others() -> None:
    async def call(item: int) -> int:
        if item == 1:
            raise ValueError("no")
        await asyncio.Event().wait()
        return item

    async def run() -> None:
        with pytest.raises(ValueError, match="no"):
            await collect(iter((1, 2, 3)), call, 3)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def test_an_error_of_the_items_is_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("too large")

    with pytest.raises(ValueError, match="too large"):
        asyncio.run(collect(items(), Calls().call, 1))
