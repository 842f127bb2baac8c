"""One execution environment, as the service sees it: a process that takes one event at a time."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from riskstack.emulator.execution import failures
from riskstack.emulator.execution.failures import LARGEST_RESPONSE, Failure
from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.execution.invocation_log import InvocationLog
from riskstack.emulator.execution.log_lines import Lines, Report
from riskstack.emulator.execution.process import Launch, Process, spawn
from riskstack.emulator.execution.whole_lines import WholeLines, Write
from riskstack.emulator.function import NotStartedError, Result
from riskstack.emulator.runtime.frames import Frame, Unpacker, pack

PIECE = 65_536
"""Bytes that a pipe holds: one read takes all that was written before it (pipe(7))."""
EXIT_SECONDS = 5.0
"""How long a process whose socket is closed may take to end by itself."""


class InitError(Exception):
    """An environment did not come up: what an invocation that waited for it gets."""

    def __init__(self, kind: str, answer: Callable[[str], Result]) -> None:
        """Take the kind of error, and what gives the answer for an invocation's request id."""
        super().__init__(answer("").payload.decode())
        self.kind = kind
        self.answer = answer

    @classmethod
    def from_failure(cls, failure: Callable[[str], Failure]) -> "InitError":
        """Make one that Lambda, not the runtime, tells of."""
        return cls(failure("").kind, lambda request_id: failure(request_id).result())


class InitTimeoutError(Exception):
    """An environment did not come up in time."""


class _Channel(asyncio.Protocol):
    """The socket to a process; at most one message is waited for."""

    def __init__(self) -> None:
        self._unpacker = Unpacker()
        self._awaited: asyncio.Future[Frame] | None = None
        self._transport: asyncio.Transport
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # of a socket it is one, though uvloop's is not called so
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        for frame in self._unpacker.feed(data):
            if self._awaited and not self._awaited.done():
                self._awaited.set_result(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._awaited and not self._awaited.done():
            self._awaited.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        self._transport.close()

    async def exchange(self, message: bytes, seconds: float) -> Frame:
        """Send a message, wait for the next.

        Raises:
            TimeoutError: it did not come within so many seconds.
            ConnectionError: the process ended.
        """
        if self.closed:
            raise ConnectionResetError
        loop = asyncio.get_running_loop()
        awaited: asyncio.Future[Frame] = loop.create_future()
        self._awaited = awaited
        if message:
            self._transport.write(message)

        def give_up() -> None:
            if not awaited.done():
                awaited.set_exception(TimeoutError())

        timer = loop.call_later(seconds, give_up)
        try:
            return await awaited
        finally:
            timer.cancel()


class Environment:
    """A process of a function that is ready, or busy with one invocation."""

    def __init__(self, launch: Launch, process: Process, channel: _Channel, write: Write) -> None:
        self._function = launch.function
        self._process = process
        self._channel = channel
        self._lines = WholeLines(write)
        self._log: InvocationLog | None = None
        self._memory_mb = 0
        self._init_ms: float | None = None
        asyncio.get_running_loop().add_reader(process.log, self._read_log)
        self._log_open = True
        self._usable = True

    @classmethod
    async def start(cls, launch: Launch, write: Write, seconds: float) -> "Environment":
        """Start a process and wait until it has loaded the handler.

        Raises:
            NotStartedError: no process can be started.
            InitError: the handler cannot be loaded, or the process ended.
            InitTimeoutError: it took more than so many seconds.
        """
        started = time.perf_counter()
        try:
            process = await asyncio.to_thread(spawn, launch)
        except OSError as error:
            raise NotStartedError(str(error)) from error
        loop = asyncio.get_running_loop()
        try:
            _, channel = await loop.create_connection(_Channel, sock=process.channel)
            environment = cls(launch, process, channel, write)
        except BaseException:
            process.discard()
            raise
        try:
            head, body = await channel.exchange(b"", seconds)
        except TimeoutError:
            await environment.close()
            raise InitTimeoutError from None
        except ConnectionError:
            code = await environment.close()
            raise InitError.from_failure(partial(failures.exited, code=code)) from None
        except BaseException:
            await environment.close()
            raise
        if "error" in head:
            await environment.close()
            result = Result(body, "Unhandled")
            raise InitError(head["error"], lambda _: result)
        environment._init_ms = (time.perf_counter() - started) * 1000
        environment._memory_mb = head["memory_mb"]
        return environment

    @property
    def alive(self) -> bool:
        """Whether it can take another invocation."""
        return self._usable and not self._channel.closed

    async def invoke(self, invocation: Invocation, metrics: Write) -> Outcome:
        """Run the handler on one event; whatever goes wrong is in what comes out.

        `metrics` takes the lines of the log that hold metrics.
        """
        function = self._function
        lines = Lines.of(function.logging)
        head = {
            "request_id": invocation.request_id,
            "arn": function.arn,
            "deadline_ms": int((time.time() + function.timeout) * 1000),
            "trace_id": invocation.trace_id,
            "client_context": invocation.client_context,
        }
        # what was written before is no part of this invocation's lines
        self._lines.flush()
        log = self._log = InvocationLog(
            lines.start(invocation.request_id), self._lines.add, metrics
        )
        started = time.perf_counter()
        failure: Failure | None = None
        answer: Mapping[str, Any] = {}
        payload = b""
        try:
            answer, payload = await self._channel.exchange(
                pack(head, invocation.payload), function.timeout
            )
            self._memory_mb = answer["memory_mb"]
        except TimeoutError:
            failure = failures.timed_out(invocation.request_id, function.timeout)
            await self.close()
        except ConnectionError:
            failure = failures.exited(invocation.request_id, await self.close())
        except asyncio.CancelledError:
            await self.close()
            self._log = None
            log.close("")
            raise
        duration_ms = (time.perf_counter() - started) * 1000
        self._read_log()
        if len(payload) > LARGEST_RESPONSE:
            failure = failures.too_large()
        if failure and failure.status == "timeout":
            duration_ms = function.timeout * 1000
            now = datetime.now(UTC)
            log.add(lines.timed_out(invocation.request_id, function.timeout, now).encode())
        error = answer.get("error")
        report = Report(
            request_id=invocation.request_id,
            duration_ms=duration_ms,
            memory_size_mb=function.memory,
            memory_used_mb=self._memory_mb,
            init_ms=self._init_ms,
            status=failure.status if failure else "success",
            error_type=failure.kind if failure and failure.status == "error" else None,
        )
        self._init_ms = None
        self._log = None
        result = failure.result() if failure else Result(payload, error and "Unhandled")
        return Outcome(result, duration_ms, log.close(lines.end(report)))

    async def close(self) -> int:
        """Kill what is left of it; give the exit code of its process."""
        self._usable = False
        child = self._process.child
        if self._channel.closed:
            # it ended by itself, or is about to: its code tells why
            for _ in range(int(EXIT_SECONDS / 0.01)):
                if child.poll() is not None:
                    break
                await asyncio.sleep(0.01)
        self._process.kill()
        code = await asyncio.to_thread(child.wait)
        self._channel.close()
        self._process.lifeline.close()
        self._read_log()
        self._close_log()
        return code

    def _read_log(self) -> None:
        """Take what the process has written so far, and no more: it may write without end."""
        if not self._log_open:
            return
        try:
            piece = os.read(self._process.log, PIECE)
        except BlockingIOError:
            return
        if not piece:
            self._close_log()
        elif self._log:
            self._log.add(piece)
        else:
            self._lines.add(piece)

    def _close_log(self) -> None:
        if self._log_open:
            self._log_open = False
            asyncio.get_running_loop().remove_reader(self._process.log)
            os.close(self._process.log)
            if not self._log:
                self._lines.flush()
