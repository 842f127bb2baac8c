"""The queue of asynchronous events, in memory: each event is a task that waits, invokes, reports.

What an attempt means stands in event_rules. Events that wait when the service stops are lost, and
the log says how many; AWS keeps them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aws_lambda_powertools import Logger

from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.function import Function, NotInvokedError, Result
from riskstack.emulator.function.targets import Target
from riskstack.emulator.lambda_api.delivery import Attributes, Delivery
from riskstack.emulator.lambda_api.event_records import End, dead_letter_attributes, record
from riskstack.emulator.lambda_api.event_rules import Attempts, Condition, Retry, Rules
from riskstack.emulator.lambda_api.metrics import Counts

Invoke = Callable[[Invocation], Awaitable[Outcome]]


@dataclass(slots=True)
class _Event:
    """One event on its way."""

    invocation: Invocation
    arrived: float
    attempts: Attempts = field(default_factory=Attempts)
    last: Result | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Where the queue tells what became of events."""

    delivery: Delivery
    counts: Counts
    logger: Logger


class EventQueue:
    """Invokes a function with events until they are done or given up."""

    def __init__(self, function: Function, rules: Rules, invoke: Invoke, aside: Aside) -> None:
        self._function = function
        self._rules = rules
        self._invoke = invoke
        self._delivery = aside.delivery
        self._counts = aside.counts
        self._logger = aside.logger
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, invocation: Invocation) -> None:
        """Take an event."""
        self._counts.events_received += 1
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._process(_Event(invocation, loop.time())))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop the events that are not done."""
        if self._tasks:
            self._logger.error("events are lost", extra={"count": len(self._tasks)})
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _process(self, event: _Event) -> None:
        try:
            condition = await self._until_done(event)
        except Exception:
            # nobody waits for the task, so nobody else would hear of it
            self._counts.events_dropped += 1
            self._logger.exception(
                "an event is lost", extra={"request_id": event.invocation.request_id}
            )
        else:
            await self._report(event, condition)

    async def _until_done(self, event: _Event) -> Condition:
        step = await self._attempt(event)
        while isinstance(step, Retry):
            await asyncio.sleep(step.seconds)
            step = await self._attempt(event)
        return step

    async def _attempt(self, event: _Event) -> Condition | Retry:
        loop = asyncio.get_running_loop()
        waited = loop.time() - event.arrived
        try:
            outcome = await self._invoke(event.invocation)
        except NotInvokedError:
            return self._rules.after_throttle(event.attempts, waited)
        self._counts.event_age.observe(waited * 1000)
        event.last = outcome.result
        age = loop.time() - event.arrived
        return self._rules.after_result(event.attempts, outcome.result, age)

    async def _report(self, event: _Event, condition: Condition) -> None:
        config = self._function.asynchronous
        target = config.on_success
        if condition is not Condition.SUCCESS:
            self._counts.events_dropped += 1
            self._logger.error(
                "an event is given up",
                extra={"request_id": event.invocation.request_id, "condition": condition},
            )
            target = config.on_failure
            if config.dead_letters:
                attributes = dead_letter_attributes(event.invocation, event.last)
                body = event.invocation.payload
                if not await self._sent(config.dead_letters, body, attributes):
                    self._counts.dead_letter_errors += 1
        if target:
            end = End(condition, event.attempts.invoked, event.last)
            body = record(self._function.arn, event.invocation, end, datetime.now(UTC))
            if not await self._sent(target, body, {}):
                self._counts.delivery_failures += 1

    async def _sent(self, target: Target, body: bytes, attributes: Attributes) -> bool:
        try:
            await asyncio.to_thread(
                self._delivery.send, target, self._function.name, body.decode(), attributes
            )
        except Exception as error:  # noqa: BLE001 - whatever kept it, it did not arrive
            self._logger.error(
                "a record was not delivered", extra={"target": target.arn, "cause": str(error)}
            )
            return False
        return True
