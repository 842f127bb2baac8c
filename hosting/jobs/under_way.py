"""The jobs that this process works on: each can be stopped, and all end with the process.

Not: what a job does, or what a stopped one leaves behind.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

CLOSE_WITHIN_S = 3.0
"""How long the ends of jobs may hold up the end of hosting, which itself has only seconds."""


class StoppedError(Exception):
    """The work was stopped by `UnderWay.stop` and is at its end."""


class UnderWay:
    """The lives of jobs by the jobs' names."""

    def __init__(self) -> None:
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._work: dict[str, asyncio.Task[Any]] = {}
        self._stopped: set[str] = set()

    def start(self, name: str, life: Coroutine[Any, Any, None]) -> None:
        """Begin the life of a job. It raises nothing: nobody waits for it."""
        task = asyncio.create_task(life, name=name)
        self._lives[name] = task
        task.add_done_callback(lambda _: self._forget(name))

    async def stoppable(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        """Do the part of a life that a stop cuts short. Raises StoppedError."""
        if name in self._stopped:
            work.close()
            raise StoppedError
        task = asyncio.create_task(work)
        self._work[name] = task
        try:
            return await task
        except asyncio.CancelledError:
            # the process ends, unless it was a stop
            if name not in self._stopped:
                raise
            raise StoppedError from None
        finally:
            del self._work[name]

    def stop(self, name: str) -> None:
        """Cut a job's stoppable work short, or the next where none is under way."""
        self._stopped.add(name)
        if work := self._work.get(name):
            work.cancel()

    def was_stopped(self, name: str) -> bool:
        """Tell whether a job that is under way was stopped."""
        return name in self._stopped

    async def close(self) -> None:
        """Cancel every job, and wait some seconds for their ends."""
        lives = list(self._lives.values())
        for life in lives:
            life.cancel()
        if lives:
            # a container that takes longer to stop ends with the fleet
            await asyncio.wait(lives, timeout=CLOSE_WITHIN_S)

    def _forget(self, name: str) -> None:
        del self._lives[name]
        self._stopped.discard(name)
