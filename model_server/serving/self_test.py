"""The self-test behind /ping: a real prediction every few seconds, on a thread of its own.

AWS: "We strongly recommend implementing meaningful health checks rather than returning a static
200" (AWS-hosting). /ping itself only says how the last one went: it has 2 s at most, also while
everything else is busy.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from model_server.serving.errors import ModelNotReadyError, ModelUnusableError
from model_server.serving.servable import Servable

SECONDS_BETWEEN = 2.0
STALE_SECONDS = 10.0
"""A model that has not predicted for so long is stuck."""

logger = logging.getLogger(__name__)


class SelfTest:
    """Predicts again and again with the model that there is."""

    def __init__(
        self, model: Callable[[], Servable], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what gives the model, or raises as `Readiness.model`."""
        self._model = model
        self._clock = clock
        self._passed: float | None = None

    @property
    def healthy(self) -> bool:
        """Whether the model has just predicted what it should."""
        return self._passed is not None and self._clock() - self._passed < STALE_SECONDS

    async def run(self) -> None:
        """Test until cancelled."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="self-test")
        try:
            while True:
                await self.once(pool)
                await asyncio.sleep(SECONDS_BETWEEN)
        finally:
            pool.shutdown(wait=False)

    async def once(self, pool: ThreadPoolExecutor) -> None:
        """Test once; a failure is logged."""
        try:
            model = self._model()
        except (ModelNotReadyError, ModelUnusableError):
            return  # the one is loading, of the other the log tells already
        try:
            await asyncio.get_running_loop().run_in_executor(pool, model.test)
        except Exception as error:  # noqa: BLE001 - whatever it is, the model does not predict
            self._passed = None
            logger.error("self-test failed: %s: %s", type(error).__name__, error)
        else:
            self._passed = self._clock()
