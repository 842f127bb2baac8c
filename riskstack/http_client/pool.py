"""Kept connections to one address, and requests over them, each sent at most once.

Not: a request that is asked again. What it does may not be wanted twice, and a server that drops a
connection does not say whether it has read the request. So a kept connection is looked at before
it is used, and used no longer than servers keep one. There is no proxy and no redirect.
"""

import asyncio
import ssl
from collections import deque

from riskstack.http_client.connection import Connection, Head
from riskstack.http_client.receivers import ExpiredError, WholeAnswer

IDLE_LIMIT_S = 60.0
"""How long a connection is kept unused: less than the servers here do (75 s)."""


class UnreachableError(Exception):
    """No connection could be opened: see whether the server runs; the message says what failed."""


class Pool:
    """Connections to one host and port. Close it."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._idle: deque[tuple[float, Connection]] = deque()

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            self._idle.pop()[1].close()

    async def ask(
        self, head: bytes, body: bytes, *, timeout_s: float, limit: int
    ) -> tuple[Head, bytes]:
        """Send a request and give its answer, whose body may have `limit` bytes.

        Raises:
            ExpiredError: the answer was not whole within `timeout_s`, connecting included.
            UnreachableError: there was no connection, and nothing was sent.
            DroppedError: the connection went before the answer began.
            BrokenOffError: the answer did not arrive whole.
        """
        answer = WholeAnswer(limit)
        loop = asyncio.get_running_loop()
        now = loop.time()
        deadline = now + timeout_s
        connection = self._kept(now) or await self._open(deadline)
        # asyncio.timeout does the same for several times the price
        alarm = loop.call_at(deadline, answer.expire)
        connection.send(head, body, answer)
        whole = False
        try:
            content = await answer.done
            whole = True
        finally:
            alarm.cancel()
            answer.leave()
            self._keep_or_close(connection, loop.time(), whole=whole)
        assert answer.head is not None  # noqa: S101 - it comes before the end
        return answer.head, content

    def _kept(self, now: float) -> Connection | None:
        """Give the connection that was used last; it is the least likely to be closed."""
        while self._idle:
            since, connection = self._idle.pop()
            if connection.reusable and now - since < IDLE_LIMIT_S and connection.is_quiet():
                return connection
            connection.close()
        return None

    async def _open(self, deadline: float) -> Connection:
        """Open a connection; the name is looked up each time, for a server may have moved."""
        where = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout_at(deadline):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, self._host, self._port, ssl=self._tls
                )
        except TimeoutError as error:
            raise ExpiredError(f"cannot connect to {where} in time") from error
        except OSError as error:
            raise UnreachableError(
                f"cannot connect to {where}: {error.strerror or error}"
            ) from error
        return connection

    def _keep_or_close(self, connection: Connection, now: float, *, whole: bool) -> None:
        if not (whole and connection.reusable):
            connection.close()
            return
        self._idle.append((now, connection))
        # a busy moment's connections wait on the left
        since, oldest = self._idle[0]
        if now - since >= IDLE_LIMIT_S or not oldest.reusable:
            self._idle.popleft()
            oldest.close()
