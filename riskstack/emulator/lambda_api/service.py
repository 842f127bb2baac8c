"""One function at work: invoked by callers, by its queue of events, and by a stream's poller."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import wait
from pathlib import Path

from aws_lambda_powertools import Logger

from riskstack.emulator.execution.environments import Environments
from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.execution.invocation_log import to_stdout
from riskstack.emulator.execution.process import Launch
from riskstack.emulator.execution.whole_lines import Write
from riskstack.emulator.function import Function, Result, ThrottledError
from riskstack.emulator.lambda_api.delivery import Delivery, SdkDelivery
from riskstack.emulator.lambda_api.embedded_metrics import EmbeddedMetrics
from riskstack.emulator.lambda_api.event_queue import Aside, EventQueue
from riskstack.emulator.lambda_api.event_rules import RETRY_SECONDS, Rules
from riskstack.emulator.lambda_api.metrics import Metrics

LOOK_SECONDS = 1.0
"""Between looks of a thread that waits for an invocation, whether the service is still there."""
CONCURRENCY = 10
"""Environments at most; more invocations wait. AWS gives a new account as many."""


class Service:
    """A function, its environments, its events, its metrics."""

    def __init__(  # noqa: PLR0913 - each has a default that the stack uses
        self,
        function: Function,
        environ: Mapping[str, str],
        *,
        task_root: Path | None = None,
        concurrency: int = CONCURRENCY,
        retry_seconds: float = RETRY_SECONDS,
        delivery: Delivery | None = None,
        logger: Logger | None = None,
        write: Write = to_stdout,
    ) -> None:
        """Take the variables that every environment starts from, and where the code lies."""
        self.function = function
        self.metrics = Metrics(function.name, EmbeddedMetrics())
        launch = Launch(function, environ, task_root or Path.cwd())
        self._environments = Environments(launch, concurrency, write)
        rules = Rules.of(function.asynchronous, function.reserved_concurrency, retry_seconds)
        aside = Aside(
            delivery or SdkDelivery(), self.metrics.counts, logger or Logger(service="lambda")
        )
        self.events = EventQueue(function, rules, self.invoke, aside)
        self._loop: asyncio.AbstractEventLoop

    @property
    def fault(self) -> str | None:
        """Why the function is not loaded, `None` where it is."""
        return self._environments.fault

    async def start(self) -> None:
        """Begin to load the function, so that the first caller need not wait for it."""
        self._loop = asyncio.get_running_loop()
        if self.function.reserved_concurrency != 0:
            self._environments.warm_up()

    async def stop(self) -> None:
        """Drop events and kill environments."""
        await self.events.close()
        await self._environments.close()

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Invoke the function and wait.

        Raises:
            ThrottledError: its reserved concurrency is used up.
            NotStartedError: no process of it can be started.
        """
        counts = self.metrics.counts
        try:
            outcome = await self._environments.invoke(invocation, self.metrics.embedded.add)
        except ThrottledError:
            counts.throttles += 1
            raise
        finally:
            counts.concurrency = self._environments.in_flight
        counts.invocations += 1
        counts.duration.observe(outcome.duration_ms)
        if outcome.result.error:
            counts.errors += 1
        return outcome

    def invoke_from_thread(self, payload: bytes, request_id: str) -> Result:
        """Invoke the function from a thread that is not the service's own, and wait.

        Raises:
            NotInvokedError: it cannot be invoked now.
            RuntimeError: the service has ended.
        """
        work = self.invoke(Invocation(payload, request_id))
        try:
            outcome = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise
        while not wait([outcome], LOOK_SECONDS).done:
            # a loop that was closed first leaves it undone for ever
            if self._loop.is_closed():
                raise RuntimeError("the service has ended")
        return outcome.result().result
