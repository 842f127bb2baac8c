"""Large bodies off the event loop: how many at once, slice by slice, and what they may not hold up.

Only one large body is opened at a time. Opening one can be a single call that parses a whole
document and keeps Python's lock all along, half a second for 25 MB of JSON. Between two such calls
the event loop gets its turn, and with it /ping, which SageMaker gives 2 s.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from model_server.serving.errors import TooSlowError

LARGE_BYTES = 2**20
LARGE_AT_ONCE = 4
"""Bodies in memory: the parsed form of one takes up to ten times its size."""
SECONDS = 60
"""SageMaker waits so long for an answer (AWS-hosting)."""
BATCH_SECONDS = 3_600
"""The longest that a batch transform waits (botocore: InvocationsTimeoutInSeconds)."""

TURN_SECONDS = 0.02
"""How long a thread works on a body; to hand each part over takes as long as to predict it."""

Part = TypeVar("Part")
Whole = TypeVar("Whole")


class Slices:
    """The threads that work on bodies which are too large for the event loop."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Take how long a body is worked on."""
        self._seconds = seconds
        self.admission = asyncio.Semaphore(LARGE_AT_ONCE)
        """Who receives a large body, or predicts on it, holds this."""
        self._opening = asyncio.Lock()
        self._pool = ThreadPoolExecutor(max(os.cpu_count() or 1, 2), thread_name_prefix="predict")

    async def take(
        self, parts: Iterator[Part], join: Callable[[list[Part]], Whole], *, large: bool
    ) -> Whole:
        """Take the parts a few at a time and join them, so that others get a turn in between.

        A shutdown need not wait for more than a turn either. Raises what `parts` raises,
        and TooSlowError once nobody waits for the answer any more.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        taken: list[Part] = []

        async def turn(seconds: float) -> Whole | None:
            return await loop.run_in_executor(self._pool, _work, parts, taken, join, seconds)

        if large:
            async with self._opening:
                whole = await turn(0.0)
        else:
            whole = await turn(min(TURN_SECONDS, self._seconds))
        while whole is None:
            left = end - loop.time()
            if left < 0:
                raise TooSlowError(
                    f"the rows take more than {self._seconds:g} s: send fewer at once"
                )
            whole = await turn(min(TURN_SECONDS, left))
        return whole

    def close(self) -> None:
        """Drop what waits; what runs ends with its slice."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _work(
    parts: Iterator[Part], taken: list[Part], join: Callable[[list[Part]], Whole], seconds: float
) -> Whole | None:
    """Take parts for so many seconds, at least one; give the whole, or None if there is more."""
    until = time.monotonic() + seconds
    for part in parts:
        taken.append(part)
        if time.monotonic() > until:
            return None
    return join(taken)
