"""The execution environments of a function: started when they are missed, used again, let go.

An invocation that finds no idle environment has one started, as on AWS, and takes whichever is
ready first: the new one, or one whose invocation ended in the meantime. Facts: Lambda developer
guide, "Understanding the Lambda execution environment lifecycle" and "Configuring reserved
concurrency".
"""

import asyncio
import os
from collections import deque
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from riskstack.emulator.execution import failures
from riskstack.emulator.execution.environment import Environment, InitError, InitTimeoutError
from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.execution.invocation_log import InvocationLog, to_stdout
from riskstack.emulator.execution.log_lines import Lines, Report
from riskstack.emulator.execution.process import Launch
from riskstack.emulator.execution.whole_lines import Write
from riskstack.emulator.function import NotStartedError, ThrottledError

Done = TypeVar("Done")

PATIENCE_SECONDS = 0.005
"""How long an invocation waits for a busy environment before it has another one started.

To start one costs a hundred times as much as a short invocation takes.
"""
INIT_SECONDS = 10.0
"""What AWS gives the Init phase. Then it begins anew, within the function's timeout; here it goes
on: a machine that needs so long needs no second start."""
IDLE_SECONDS = 300.0
"""How long an environment that nobody needs is kept; the last one stays."""


class Environments:
    """Runs invocations of one function, each alone in an environment."""

    def __init__(self, launch: Launch, limit: int, write: Write = to_stdout) -> None:
        """Take how many environments this machine is to have at most: more invocations wait."""
        function = launch.function
        self._launch = launch
        self._write = write
        self._limit = limit
        if function.reserved_concurrency is not None:
            self._limit = min(limit, function.reserved_concurrency)
        self._idle: list[tuple[float, Environment]] = []
        self._waiting: deque[tuple[float, asyncio.Future[Environment]]] = deque()
        self._tasks: set[asyncio.Task[object]] = set()
        self._starting = 0
        self._closed = False
        self._live: set[Environment] = set()
        self._growing: asyncio.TimerHandle | None = None
        self._housekeeping: asyncio.TimerHandle | None = None
        self.in_flight = 0
        """Invocations under way; AWS's ConcurrentExecutions."""
        self.fault: str | None = None
        """Why no environment is there, `None` where the last one came up."""

    async def invoke(self, invocation: Invocation, metrics: Write) -> Outcome:
        """Run one invocation; `metrics` takes the lines of its log that hold metrics.

        Raises:
            ThrottledError: the function's reserved concurrency is used up.
            NotStartedError: no process of it can be started.
        """
        reserved = self._launch.function.reserved_concurrency
        if reserved is not None and self.in_flight >= reserved:
            raise ThrottledError
        self.in_flight += 1
        try:
            try:
                environment = await self._acquire()
            except InitError as error:
                return self._not_run(invocation, error)
            try:
                return await environment.invoke(invocation, metrics)
            finally:
                self._release(environment)
        finally:
            self.in_flight -= 1

    def _not_run(self, invocation: Invocation, error: InitError) -> Outcome:
        function = self._launch.function
        lines = Lines.of(function.logging)
        request_id = invocation.request_id
        log = InvocationLog(lines.start(request_id), self._write, lambda _: None)
        report = Report(
            request_id, 0.0, function.memory, 0, None, status="error", error_type=error.kind
        )
        return Outcome(error.answer(request_id), 0.0, log.close(lines.end(report)))

    def warm_up(self) -> None:
        """Start one environment; until it is there, and where it does not come, see `fault`."""
        self.fault = "it is being loaded"
        self._start()

    async def close(self) -> None:
        """Kill all environments; invocations that wait for one are cancelled."""
        self._closed = True
        for timer in (self._growing, self._housekeeping):
            if timer:
                timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _, future in self._waiting:
            future.cancel()
        await asyncio.gather(*(environment.close() for environment in self._live))
        self._idle.clear()
        self._live.clear()

    @property
    def _count(self) -> int:
        return len(self._live) + self._starting

    async def _acquire(self) -> Environment:
        if self._closed:
            raise asyncio.CancelledError
        while self._idle:
            # the last one used, as the others may then be let go
            _, environment = self._idle.pop()
            if environment.alive:
                return environment
            self._live.discard(environment)
            await environment.close()
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[Environment] = loop.create_future()
        self._waiting.append((loop.time(), ready))
        self._grow()
        try:
            return await ready
        except asyncio.CancelledError:
            if ready.done() and not ready.cancelled() and not ready.exception():
                self._offer(ready.result())
            raise

    def _release(self, environment: Environment) -> None:
        if environment.alive:
            self._offer(environment)
        else:
            self._live.discard(environment)
            self._grow()

    def _offer(self, environment: Environment) -> None:
        """Give an environment to the invocation that waits longest, else keep it."""
        waiting = self._next_waiting()
        if waiting:
            waiting.set_result(environment)
            return
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time(), environment))
        if not self._housekeeping and self._count > 1:
            self._housekeeping = loop.call_later(IDLE_SECONDS, self._let_go)

    def _grow(self) -> None:
        """Start what the waiting invocations miss, no more at a time than there are processors."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        patient_since = loop.time() - (PATIENCE_SECONDS if self._count else 0.0)
        # an invocation that was given up stands in the queue until its turn
        still = [since for since, ready in self._waiting if not ready.done()]
        missing = sum(since <= patient_since for since in still) - self._starting
        at_once = max(2, os.cpu_count() or 1)
        for _ in range(min(self._limit - self._count, missing, at_once - self._starting)):
            self._start()
        if still and self._count < self._limit and not self._growing:
            self._growing = loop.call_later(PATIENCE_SECONDS, self._grow_later)

    def _grow_later(self) -> None:
        self._growing = None
        self._grow()

    def _start(self) -> asyncio.Task[None]:
        self._starting += 1
        return self._run(self._bring_up())

    async def _bring_up(self) -> None:
        try:
            environment = await self._started()
        except (InitError, NotStartedError) as error:
            self.fault = str(error)
            waiting = self._next_waiting()
            if waiting:
                waiting.set_exception(error)
        else:
            self._live.add(environment)
            self.fault = None
            self._offer(environment)
        self._grow()

    def _run(self, work: Coroutine[Any, Any, Done]) -> asyncio.Task[Done]:
        """Do something beside the invocations, until `close`."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _started(self) -> Environment:
        """Start an environment; one that is slow to start may have the function's own time too."""
        timeout = self._launch.function.timeout
        try:
            return await Environment.start(self._launch, self._write, INIT_SECONDS + timeout)
        except InitTimeoutError:
            failure = partial(failures.timed_out, seconds=timeout)
            raise InitError.from_failure(failure) from None
        except (InitError, NotStartedError):
            raise
        except Exception as error:
            # whoever waits for it must hear of it
            failure = partial(failures.not_started, cause=repr(error))
            raise InitError.from_failure(failure) from error
        finally:
            self._starting -= 1

    def _next_waiting(self) -> asyncio.Future[Environment] | None:
        while self._waiting:
            _, ready = self._waiting.popleft()
            if not ready.done():
                return ready
        return None

    def _let_go(self) -> None:
        """Close environments that were idle for long, and look again later."""
        loop = asyncio.get_running_loop()
        self._housekeeping = None
        stale = [pair for pair in self._idle if loop.time() - pair[0] >= IDLE_SECONDS]
        for pair in stale[: max(0, self._count - 1)]:
            self._idle.remove(pair)
            self._live.discard(pair[1])
            self._run(pair[1].close())
        if self._count > 1:
            self._housekeeping = loop.call_later(IDLE_SECONDS, self._let_go)
