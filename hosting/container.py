"""The client of a model's container: /invocations, /ping and /models over kept connections.

Not: HTTP itself (riskstack.http_client), what a failure means to the caller (runtime.model_error)
or to the container's health (health).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from hosting.health import Observation, Sign
from riskstack.http_client.connection import BrokenOffError, Connection, DroppedError, Head
from riskstack.http_client.receivers import ExpiredError, StreamedAnswer, WholeAnswer

PAYLOAD_LIMIT = 25 * 1024 * 1024
"""Bytes of a body, in each direction (AWS-faq: 25 MB for real-time endpoints)."""

PING_TIMEOUT_S = 2.0
"""How long a container may take to answer /ping (AWS-hosting)."""

CONNECT_TIMEOUT_S = 2.0
"""How long opening a connection may take; AWS wants it within 0.25 s (AWS-hosting)."""

INVOCATIONS = "/invocations"

_CONTENT_LENGTH = b"content-length"
_CONTENT_TYPE = b"content-type"
_CUSTOM_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"


class ContainerTimeoutError(Exception):
    """The container took longer than an invocation may: look at its latency."""


class ContainerUnreachableError(Exception):
    """The container gave no answer at all: see whether it runs; the message says what failed."""


class ContainerDroppedError(ContainerUnreachableError):
    """It was sent the request, which may be what it died of: ask again only so many times."""


class ContainerBodyError(Exception):
    """The answer began with `status`, then broke off or grew too large: see the container's log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(slots=True)  # not frozen: that would triple what each invocation pays for it
class ContainerAnswer:
    """What a container answered: all of it that reaches a client.

    `has_length` tells whether it had a Content-Length, which asynchronous inference requires.
    """

    status: int
    content_type: str | None
    custom_attributes: str | None
    body: bytes = field(repr=False)
    has_length: bool = True


@dataclass(frozen=True, slots=True)
class ContainerStream:
    """An answer whose body is still to come: `pieces` raises ContainerBodyError."""

    status: int
    content_type: str | None
    custom_attributes: str | None
    pieces: AsyncIterator[bytes]


class Container(Protocol):
    """A container as the rest of hosting sees it."""

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        """Post to a path; `limit` is of the bytes of the answer's body.

        Raises:
            ContainerTimeoutError: it took too long.
            ContainerUnreachableError: it gave no answer; it is a ContainerDroppedError where
                the request was sent.
            ContainerBodyError: its answer did not arrive whole.
        """
        ...

    async def request(self, method: str, path: str) -> ContainerAnswer:
        """Make a request without a body; raises what `invoke` raises."""
        ...

    def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AbstractAsyncContextManager[ContainerStream]:
        """Post to a path, and give the answer as soon as it begins.

        There is no limit of time: set one. Raises ContainerUnreachableError.
        """
        ...

    async def ping(self) -> Observation:
        """Ask for a sign of health; it tells of every failure instead of raising it."""
        ...


class ContainerClient:
    """A container behind a URL, http://host:port. Close it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Take how long an invocation may last, in seconds."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or 80
        self._host_header = f"Host: {parts.netloc}\r\n"
        self._timeout_s = timeout_s
        self._idle: list[Connection] = []

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            self._idle.pop().close()

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        """Post to a path; see `Container`."""
        head = self._head("POST", path, headers, len(body))
        return await self._answer(head, body, limit, timeout_s or self._timeout_s)

    async def request(self, method: str, path: str) -> ContainerAnswer:
        """Make a request without a body; see `Container`."""
        head = self._head(method, path, {}, None)
        return await self._answer(head, b"", PAYLOAD_LIMIT, self._timeout_s)

    @asynccontextmanager
    async def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AsyncIterator[ContainerStream]:
        """Post to a path; see `Container`."""
        head = self._head("POST", path, headers, len(body))
        try:
            kept = self._kept() or await self._open()
            connection, answer, begun = await self._begin(kept, head, body)
        except DroppedError:
            try:
                connection, answer, begun = await self._begin(await self._open_anew(), head, body)
            except DroppedError as error:
                raise ContainerDroppedError(str(error)) from error
        try:
            yield ContainerStream(
                begun.status,
                begun.header(_CONTENT_TYPE),
                begun.header(_CUSTOM_ATTRIBUTES),
                _told(begun.status, answer.pieces()),
            )
        finally:
            self._keep_or_close(connection, whole=answer.whole)

    async def ping(self) -> Observation:
        """Ask for a sign of health; see `Container`."""
        head = self._head("GET", "/ping", {}, None)
        try:
            answer = await self._answer(head, b"", PAYLOAD_LIMIT, PING_TIMEOUT_S)
        except (ContainerUnreachableError, ContainerBodyError) as error:
            return Observation(Sign.FAILED, str(error))
        except ContainerTimeoutError:
            return Observation(Sign.SLOW, f"no answer to /ping within {PING_TIMEOUT_S:g} s")
        if answer.status != 200:  # noqa: PLR2004 - the one status that means health
            return Observation(Sign.UNWELL, f"it answers /ping with {answer.status}")
        return Observation(Sign.ANSWERED)

    def _head(
        self, method: str, path: str, headers: Mapping[str, str], length: int | None
    ) -> bytes:
        first = f"{method} {path} HTTP/1.1\r\n{self._host_header}"
        beginning = _beginning(first, tuple(headers.items()))
        return beginning + (b"\r\n" if length is None else b"Content-Length: %d\r\n\r\n" % length)

    async def _answer(
        self, head: bytes, body: bytes, limit: int, timeout_s: float
    ) -> ContainerAnswer:
        """Ask, and once more where the connection went before the answer began.

        A container may close a kept connection at the very moment that a request goes out on it.
        Asking a model for its opinion changes nothing, so it can be asked again. That goes over a
        connection of its own: another kept one may be as dead.
        """
        answer = WholeAnswer(limit)
        # asyncio.timeout does the same for several times the price
        alarm = asyncio.get_running_loop().call_later(timeout_s, answer.expire)
        try:
            try:
                return await self._ask(self._kept() or await self._open(), head, body, answer)
            except DroppedError:
                answer.begin_again()
                return await self._ask(await self._open_anew(), head, body, answer)
        except DroppedError as error:
            raise ContainerDroppedError(str(error)) from error
        except ExpiredError as error:
            raise ContainerTimeoutError(f"no answer within {timeout_s:g} s") from error
        finally:
            alarm.cancel()
            answer.leave()

    async def _ask(
        self, connection: Connection, head: bytes, body: bytes, answer: WholeAnswer
    ) -> ContainerAnswer:
        connection.send(head, body, answer)
        whole = False
        try:
            content = await answer.done
            whole = True
        except BrokenOffError as error:
            status = answer.head.status if answer.head else 0
            raise ContainerBodyError(status, str(error)) from error
        finally:
            self._keep_or_close(connection, whole=whole)
        assert answer.head is not None  # noqa: S101 - it comes before the end
        headers = answer.head.by_name()
        content_type = headers.get(_CONTENT_TYPE)
        attributes = headers.get(_CUSTOM_ATTRIBUTES)
        return ContainerAnswer(
            answer.head.status,
            None if content_type is None else content_type.decode("latin-1"),
            None if attributes is None else attributes.decode("latin-1"),
            content,
            has_length=_CONTENT_LENGTH in headers,
        )

    async def _begin(
        self, connection: Connection, head: bytes, body: bytes
    ) -> tuple[Connection, StreamedAnswer, Head]:
        answer = StreamedAnswer(connection)
        connection.send(head, body, answer)
        try:
            return connection, answer, await answer.begun
        except BaseException:
            connection.close()
            raise

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _open(self) -> Connection:
        """Open a connection; the name is looked up each time, for a container may have moved."""
        where = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, self._host, self._port
                )
        except TimeoutError as error:
            raise ContainerUnreachableError(
                f"cannot connect to {where}: no answer within {CONNECT_TIMEOUT_S:g} s"
            ) from error
        except OSError as error:
            raise ContainerUnreachableError(
                f"cannot connect to {where}: {error.strerror or error}"
            ) from error
        return connection

    async def _open_anew(self) -> Connection:
        """Open a connection in place of one that went with a request that was sent on it."""
        try:
            return await self._open()
        except ContainerUnreachableError as error:
            raise ContainerDroppedError(str(error)) from error

    def _keep_or_close(self, connection: Connection, *, whole: bool) -> None:
        if whole and connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()


@lru_cache(maxsize=256)
def _beginning(first: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Write the lines that most requests have in common."""
    lines = [first]
    for name, value in headers:
        if "\r" in value or "\n" in value:
            raise ValueError(f"header {name} has a line break")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("latin-1", "replace")


async def _told(status: int, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the pieces, and tell of a stream that breaks off in this module's words."""
    try:
        async for piece in pieces:
            yield piece
    except BrokenOffError as error:
        raise ContainerBodyError(status, str(error)) from error
