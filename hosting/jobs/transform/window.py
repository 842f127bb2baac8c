"""Some calls at once, their results in the order of the calls."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


async def in_order(
    items: Iterator[A], call: Callable[[A], Awaitable[B]], at_once: int
) -> AsyncGenerator[tuple[A, B], None]:
    """Call for each item, `at_once` of them at a time; give each with its result, in their order.

    The next item is taken when there is room for its call, in a thread, for that may read files.
    The first call that fails ends all others; close the iterator to end them earlier.
    """
    under_way: deque[tuple[A, asyncio.Future[B]]] = deque()
    try:
        while (item := await asyncio.to_thread(next, items, None)) is not None:
            under_way.append((item, asyncio.ensure_future(call(item))))
            if len(under_way) == at_once:
                yield await _first(under_way)
        while under_way:
            yield await _first(under_way)
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)


async def _first(under_way: deque[tuple[A, asyncio.Future[B]]]) -> tuple[A, B]:
    item, task = under_way[0]
    result = await task
    under_way.popleft()
    return item, result
