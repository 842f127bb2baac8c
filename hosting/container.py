"""The client of a model's container: POST /invocations and GET /ping over kept connections.

Not: what a failure means to the caller (model_error) or to the container's health (health).
"""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from yarl import URL

from hosting.health import Observation, Sign
from hosting.invocation import PAYLOAD_LIMIT

PING_TIMEOUT_S = 2.0
"""How long a container may take to answer /ping (AWS-hosting)."""

CONNECT_TIMEOUT_S = 2.0
"""How long opening a connection may take; AWS wants it within 0.25 s (AWS-hosting)."""

STREAMED_BODY = 2**20
"""Bytes above which aiohttp wants a body in pieces, so as not to hold up other requests."""

DROPPED = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientConnectionResetError,
)
"""What aiohttp raises when an open connection goes before an answer begins."""


class ContainerTimeoutError(Exception):
    """The container took longer than an invocation may: look at its latency."""


class ContainerUnreachableError(Exception):
    """The container gave no answer at all: see whether it runs; the message says what failed."""


class ContainerBodyError(Exception):
    """The answer began with `status`, then broke off or grew too large: see the container's log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class ContainerAnswer:
    """What a container answered: all of it that reaches a client."""

    status: int
    content_type: str | None
    custom_attributes: str | None
    body: bytes


class Container(Protocol):
    """A container as the rest of hosting sees it."""

    async def invoke(self, headers: Mapping[str, str], body: bytes) -> ContainerAnswer:
        """Pass an invocation on.

        Raises:
            ContainerTimeoutError: it took too long.
            ContainerUnreachableError: it gave no answer.
            ContainerBodyError: its answer did not arrive whole.
        """
        ...

    async def ping(self) -> Observation:
        """Ask for a sign of health; it tells of every failure instead of raising it."""
        ...


class ContainerClient:
    """A container behind a URL."""

    def __init__(
        self,
        url: str,
        kept: aiohttp.ClientSession,
        single: aiohttp.ClientSession,
        timeout_s: float,
    ) -> None:
        self._invocations = URL(f"{url}/invocations")
        self._ping = URL(f"{url}/ping")
        self._kept = kept
        self._single = single
        self._timeout_s = timeout_s

    async def invoke(self, headers: Mapping[str, str], body: bytes) -> ContainerAnswer:
        """Pass an invocation on; see `Container`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post_again_if_dropped(headers, body)
        except aiohttp.ClientError as error:
            raise ContainerUnreachableError(_words(error)) from error
        except TimeoutError as error:
            raise ContainerTimeoutError(f"no answer within {self._timeout_s:g} s") from error

    async def ping(self) -> Observation:
        """Ask for a sign of health; see `Container`."""
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                async with self._kept.get(self._ping, allow_redirects=False) as response:
                    # a connection is kept only when its answer was read
                    await response.content.read()
        except aiohttp.ClientError as error:
            return Observation(Sign.FAILED, _words(error))
        except TimeoutError:
            return Observation(Sign.SLOW, f"no answer to /ping within {PING_TIMEOUT_S:g} s")
        if response.status != 200:  # noqa: PLR2004 - the one status that means health
            return Observation(Sign.FAILED, f"it answers /ping with {response.status}")
        return Observation(Sign.ANSWERED)

    async def _post_again_if_dropped(
        self, headers: Mapping[str, str], body: bytes
    ) -> ContainerAnswer:
        """Post, and once more where the connection went before the answer began.

        A container may close a kept connection at the very moment that a request goes out on it.
        Asking a model for its opinion changes nothing, so it can be asked again. That goes over a
        connection of its own: another kept one may be as dead.
        """
        try:
            return await self._post(self._kept, headers, body)
        except aiohttp.ClientConnectorError:
            # nothing listens there, and will not a moment later
            raise
        except DROPPED:
            return await self._post(self._single, headers, body)

    async def _post(
        self, session: aiohttp.ClientSession, headers: Mapping[str, str], body: bytes
    ) -> ContainerAnswer:
        data = body if len(body) <= STREAMED_BODY else io.BytesIO(body)
        async with session.post(
            self._invocations, data=data, headers=headers, allow_redirects=False
        ) as response:
            return ContainerAnswer(
                response.status,
                response.headers.get("Content-Type"),
                response.headers.get("X-Amzn-SageMaker-Custom-Attributes"),
                await _read(response),
            )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    pieces = []
    size = 0
    try:
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > PAYLOAD_LIMIT:
                raise ContainerBodyError(response.status, f"its body is over {PAYLOAD_LIMIT} bytes")
            pieces.append(piece)
    except aiohttp.ClientError as error:
        raise ContainerBodyError(response.status, _words(error)) from error
    return b"".join(pieces)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


@asynccontextmanager
async def connect(
    urls: Mapping[str, str], timeout_s: float
) -> AsyncIterator[dict[str, ContainerClient]]:
    """Open a client for each URL, under the same names, and close their connections at the end."""
    async with _session(keep=True) as kept, _session(keep=False) as single:
        yield {name: ContainerClient(url, kept, single, timeout_s) for name, url in urls.items()}


def _session(*, keep: bool) -> aiohttp.ClientSession:
    """Make a session that adds nothing to a request and passes an answer on as it is."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            force_close=not keep,
            # a container that was started again has another address
            use_dns_cache=False,
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )
