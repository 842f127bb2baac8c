import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator

import pytest

from model_server.serving.errors import TooSlowError
from model_server.serving.slices import Slices

DEADLINE = 60.0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.01)


def join(parts: list[str]) -> str:
    return f"{'+'.join(parts)} {threading.current_thread().name.partition('_')[0]}"


@pytest.mark.parametrize("large", [False, True])
def test_parts_are_taken_and_joined_off_the_loop(*, large: bool) -> None:
    async def run() -> str:
        slices = Slices()
        taken = await slices.take(iter(["a", "b", "c"]), join, large=large)
        slices.close()
        return taken

    assert asyncio.run(run()) == "a+b+c predict"


def test_the_loop_gets_its_turn_between_two_large_bodies() -> None:
    opened: list[str] = []
    gates = {name: threading.Event() for name in ("first", "second")}

    def parts(name: str) -> Iterator[str]:
        opened.append(name)
        assert gates[name].wait(DEADLINE)
        yield name

    async def run() -> None:
        slices = Slices()
        first = asyncio.create_task(slices.take(parts("first"), join, large=True))
        second = asyncio.create_task(slices.take(parts("second"), join, large=True))
        await until(lambda: opened == ["first"])
        # a small one need not wait for it, and the second large one must
        small = await slices.take(iter(["small"]), join, large=False)
        assert small.startswith("small")
        assert opened == ["first"]
        gates["first"].set()
        await until(lambda: opened == ["first", "second"])
        gates["second"].set()
        await asyncio.gather(first, second)
        slices.close()

    asyncio.run(run())


def test_an_error_of_a_part_comes_back_and_the_next_body_is_opened() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise ValueError("row 2")

    def at_once() -> Iterator[str]:
        raise ValueError("row 1")
        yield "a"

    async def run() -> str:
        slices = Slices()
        for parts, row in ((broken(), "row 2"), (at_once(), "row 1")):
            with pytest.raises(ValueError, match=row):
                await slices.take(parts, join, large=True)
        taken = await slices.take(iter(["b"]), join, large=True)
        slices.close()
        return taken

    assert asyncio.run(run()).startswith("b ")


def test_a_closed_pool_takes_nothing_more() -> None:
    async def run() -> None:
        slices = Slices()
        slices.close()
        with pytest.raises(RuntimeError, match="shutdown"):
            await slices.take(iter(["a"]), join, large=False)

    asyncio.run(run())


def test_nothing_is_worked_on_once_nobody_waits_for_it() -> None:
    taken: list[int] = []

    def endless() -> Iterator[str]:
        for number in itertools.count():
            taken.append(number)
            yield "a"

    async def run() -> None:
        slices = Slices(seconds=-1)
        with pytest.raises(TooSlowError, match="send fewer at once"):
            await slices.take(endless(), join, large=False)
        slices.close()

    asyncio.run(run())

    assert taken == [0]
