"""A container and its health together: each invocation tells of it, and a loop pings."""

import asyncio
from collections.abc import Mapping
from typing import NoReturn

from aws_lambda_powertools import Logger

from hosting.container import Container, ContainerAnswer, ContainerUnreachableError
from hosting.health import Health, Observation, Sign, State

_ANSWERED = Observation(Sign.ANSWERED)


class WatchedContainer:
    """The container of a model, and what is known of its health."""

    def __init__(self, model: str, container: Container, log: Logger) -> None:
        self.health = Health()
        self._model = model
        self._container = container
        self._log = log

    async def invoke(self, headers: Mapping[str, str], body: bytes) -> ContainerAnswer:
        """Pass an invocation on; raises what `Container.invoke` raises."""
        try:
            answer = await self._container.invoke(headers, body)
        except ContainerUnreachableError as error:
            self._observe(Observation(Sign.FAILED, str(error)))
            raise
        if answer.status < 300:  # noqa: PLR2004 - the statuses of success end here
            self._observe(_ANSWERED)
        return answer

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
