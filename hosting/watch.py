"""A container and its health together: each invocation tells of it, and a loop pings."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NoReturn

from aws_lambda_powertools import Logger

from hosting.container import (
    INVOCATIONS,
    PAYLOAD_LIMIT,
    Container,
    ContainerAnswer,
    ContainerStream,
    ContainerUnreachableError,
)
from hosting.health import Health, Observation, Sign, State

_SERVED = Observation(Sign.SERVED)


class WatchedContainer:
    """The container of a model, and what is known of its health."""

    def __init__(self, model: str, container: Container, log: Logger) -> None:
        self.health = Health()
        self._model = model
        self._container = container
        self._log = log

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        """Pass an invocation on; see `Container.invoke`."""
        try:
            answer = await self._container.invoke(
                headers, body, path, timeout_s=timeout_s, limit=limit
            )
        except ContainerUnreachableError as error:
            self._observe(Observation(Sign.FAILED, str(error)))
            raise
        if answer.status < 300:  # noqa: PLR2004 - the statuses of success end here
            self._observe(_SERVED)
        return answer

    async def request(self, method: str, path: str) -> ContainerAnswer:
        """Make a request without a body; see `Container.request`."""
        return await self._container.request(method, path)

    @asynccontextmanager
    async def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AsyncIterator[ContainerStream]:
        """Pass an invocation on whose answer is streamed; see `Container.stream`."""
        try:
            async with self._container.stream(headers, body, path) as answer:
                if answer.status < 300:  # noqa: PLR2004 - the statuses of success end here
                    self._observe(_SERVED)
                yield answer
        except ContainerUnreachableError as error:
            self._observe(Observation(Sign.FAILED, str(error)))
            raise

    async def watch(self) -> NoReturn:
        """Ping until cancelled."""
        while True:
            try:
                observation = await self._container.ping()
            except Exception as error:  # noqa: BLE001 - one ping must not end the watch
                self._log.exception("ping failed", model=self._model)
                observation = Observation(Sign.FAILED, f"the ping failed: {error!r}")
            self._observe(observation)
            await asyncio.sleep(self.health.ping_interval_s)

    def _observe(self, observation: Observation) -> None:
        before, self.health = self.health, self.health.after(observation)
        if self.health.state is before.state:
            return
        write = self._log.info if self.health.state is State.HEALTHY else self._log.warning
        write(
            "container",
            model=self._model,
            state=self.health.state.value,
            reason=self.health.reason,
        )
