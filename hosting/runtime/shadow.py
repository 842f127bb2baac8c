"""The shadow variant's part: it gets a copy of a request, and its answer is only compared.

The copy goes out when production's answer is already there, and beside the event loop's other work:
it delays nobody. Not: how large its share is (routing).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import perf_counter_ns

from aws_lambda_powertools import Logger

from hosting.container import ContainerAnswer
from hosting.live import LiveVariant
from hosting.runtime import pipeline
from hosting.runtime.call import Call, Measures
from hosting.runtime.errors import ModelError, ServiceError
from hosting.runtime.metrics import Metrics
from hosting.runtime.routing import choose_instance, containers_asked, shadow_takes
from riskstack.contract.fault import place

TARGET = "X-Amzn-SageMaker-Target-Container-Hostname"

AT_ONCE = 64
"""So many copies may be under way; those beyond are dropped, and counted."""


class Shadows:
    """The copies that are under way."""

    def __init__(self, metrics: Metrics, log: Logger, draw: Callable[[], float]) -> None:
        """Take the dice: each call gives a number from [0, 1)."""
        self._metrics = metrics
        self._log = log
        self._draw = draw
        self._under_way: set[asyncio.Task[None]] = set()

    def copy(self, call: Call, variant: LiveVariant, production: ContainerAnswer | None) -> None:
        """Send a copy of production's call to the shadow variant, as often as its weight says.

        Its answer is compared with production's, None where that failed.
        """
        if not shadow_takes(call.variant, variant, self._draw()):
            return
        try:
            instance = choose_instance(variant, self._draw())
            hostnames = containers_asked(
                call.endpoint, variant, tuple(instance.containers), call.headers.get(TARGET)
            )
        except ServiceError:
            self._metrics.compared(call.endpoint.name, variant.name, "failed")
            return
        self._send(
            replace(call, variant=variant, instance=instance, hostnames=hostnames), production
        )

    def _send(self, call: Call, production: ContainerAnswer | None) -> None:
        if len(self._under_way) >= AT_ONCE:
            self._metrics.compared(call.endpoint.name, call.variant.name, "dropped")
            return
        call.instance.outstanding += 1
        task = asyncio.create_task(self._compare(call, production))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Cancel what is under way."""
        for task in self._under_way:
            task.cancel()
        for task in list(self._under_way):
            with suppress(asyncio.CancelledError):
                await task

    async def _compare(self, call: Call, production: ContainerAnswer | None) -> None:
        try:
            answer = await self._ask(call)
        except Exception as error:  # noqa: BLE001 - a fault here must not go unseen
            self._log.error("shadow failed", extra={**place(error)})
            return
        finally:
            call.instance.outstanding -= 1
        if answer is None:
            result = "failed"
        elif production is not None and _same(answer, production):
            result = "equal"
        else:
            result = "different"
        self._metrics.compared(call.endpoint.name, call.variant.name, result)

    async def _ask(self, call: Call) -> ContainerAnswer | None:
        metrics = self._metrics.of(call.endpoint.name, call.variant.name)
        metrics.invocations += 1
        started = perf_counter_ns()
        try:
            return await pipeline.ask(call, Measures())
        except ModelError:
            metrics.model_errors += 1
            return None
        finally:
            metrics.model_latency.observe((perf_counter_ns() - started) // 1000)


def _same(shadow: ContainerAnswer, production: ContainerAnswer) -> bool:
    return shadow.body == production.body and shadow.content_type == production.content_type
