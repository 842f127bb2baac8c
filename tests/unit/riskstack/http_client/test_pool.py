"""Kept connections against real sockets: each request is sent at most once."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
import uvloop

from riskstack.http_client import pool as pool_module
from riskstack.http_client.connection import BrokenOffError, DroppedError
from riskstack.http_client.pool import Pool, UnreachableError
from riskstack.http_client.receivers import ExpiredError
from tests.refusing_port import refusing_port

Result = TypeVar("Result")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LONG = 30.0
LIMIT = 1000
REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\n0.5"


class Server:
    """Bare sockets; handler n serves connection n, the last all later ones."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = handlers
        self.connections = 0
        self.requests: list[bytes] = []
        self.closed = asyncio.Event()

    async def request(self, reader: asyncio.StreamReader) -> None:
        """Read a request and keep it."""
        self.requests.append(await reader.readexactly(len(REQUEST) + 3))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = self.handlers[min(self.connections, len(self.handlers) - 1)]
        self.connections += 1
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.closed.set()

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        async with server:
            pool = Pool("127.0.0.1", server.sockets[0].getsockname()[1])
            yield pool
            pool.close()


def answering(*answers: bytes) -> Handler:
    """Answer so many requests on a connection, then close it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readexactly(len(REQUEST) + 3)
            writer.write(answer)

    return handle


async def ask(pool: Pool, timeout_s: float = LONG) -> bytes:
    return (await pool.ask(REQUEST, b"1,2", timeout_s=timeout_s, limit=LIMIT))[1]


def run(scenario: Coroutine[object, object, Result]) -> Result:
    async def bounded() -> Result:
        return await asyncio.wait_for(scenario, LONG)

    return asyncio.run(bounded())


def test_an_answer_has_its_headers_as_they_were_sent() -> None:
    async def scenario() -> None:
        async with Server(answering(OK)).pool() as pool:
            head, body = await pool.ask(REQUEST, b"1,2", timeout_s=LONG, limit=LIMIT)
            assert (head.status, body) == (200, b"0.5")
            assert head.headers == [(b"X-A", b"1"), (b"X-A", b"2"), (b"Content-Length", b"3")]
            assert head.header(b"x-a") == "2"
            assert head.header(b"x-b") is None

    run(scenario())


def test_a_connection_is_used_again() -> None:
    async def scenario() -> int:
        server = Server(answering(OK, OK, OK))
        async with server.pool() as pool:
            for _ in range(3):
                assert await ask(pool) == b"0.5"
        return server.connections

    assert run(scenario()) == 1


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_was_closed_meanwhile_is_not_used(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """The end has come in and the loop has not looked: the connection is, before it is used."""

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            pool = Pool("127.0.0.1", listening.getsockname()[1])
            running = asyncio.get_running_loop()

            async def answer() -> socket.socket:
                served, _ = await running.run_in_executor(None, listening.accept)
                assert await running.run_in_executor(None, served.recv, 1000)
                served.sendall(OK)
                return served

            asking = asyncio.create_task(ask(pool))
            first = await answer()
            assert await asking == b"0.5"
            # no turn of the loop between the close and the next request
            first.close()
            asking = asyncio.create_task(ask(pool))
            second = await answer()
            assert await asking == b"0.5"
            second.close()
            pool.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.wait_for(scenario(), LONG))


def test_a_connection_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "IDLE_LIMIT_S", 0.0)

    async def scenario() -> int:
        server = Server(answering(OK, OK))
        async with server.pool() as pool:
            for _ in range(2):
                assert await ask(pool) == b"0.5"
        return server.connections

    assert run(scenario()) == 2


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request, then reset the connection."""
    await reader.readexactly(len(REQUEST) + 3)
    writer.transport.abort()


@pytest.mark.parametrize(
    ("drop", "good"), [(answering(b""), 0), (resetting, 0), (answering(OK, b""), 1)]
)
def test_what_was_sent_is_never_sent_again(drop: Handler, good: int) -> None:
    async def scenario() -> int:
        server = Server(drop)
        async with server.pool() as pool:
            for _ in range(good):
                await ask(pool)
            with pytest.raises(DroppedError):
                await ask(pool)
        return server.connections

    assert run(scenario()) == 1


def test_an_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
        await reader.read()

    async def scenario() -> None:
        request = b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n"
        server = Server(handle)
        async with server.pool() as pool:
            for _ in range(2):
                head, body = await pool.ask(request, b"", timeout_s=LONG, limit=LIMIT)
                assert (head.header(b"content-length"), body) == ("3", b"")
            assert server.connections == 2

    run(scenario())


def test_an_answer_that_breaks_off_is_told() -> None:
    async def scenario() -> None:
        async with Server(answering(OK[:-1])).pool() as pool:
            with pytest.raises(BrokenOffError):
                await ask(pool)

    run(scenario())


def test_an_answer_that_is_too_large_is_told() -> None:
    async def scenario() -> None:
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (LIMIT + 1, bytes(LIMIT + 1))
        async with Server(answering(whole)).pool() as pool:
            with pytest.raises(BrokenOffError, match="over 1000 bytes"):
                await ask(pool)

    run(scenario())


def test_an_answer_that_takes_too_long_ends_its_connection() -> None:
    async def scenario() -> None:
        async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        server = Server(silent)
        async with server.pool() as pool:
            with pytest.raises(ExpiredError):
                await ask(pool, timeout_s=0.05)
            await server.closed.wait()

    run(scenario())


def test_a_caller_that_gives_up_ends_its_connection() -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.readexactly(len(REQUEST) + 3)
            arrived.set()
            await reader.read()

        server = Server(silent)
        async with server.pool() as pool:
            asking = asyncio.create_task(ask(pool))
            await arrived.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await server.closed.wait()

    run(scenario())


def test_connections_of_a_busy_moment_are_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        together = asyncio.Barrier(3)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(len(REQUEST) + 3)
            await together.wait()
            writer.write(OK)
            await answering(OK, OK)(reader, writer)

        server = Server(handle)
        async with server.pool() as pool:
            await asyncio.gather(*(ask(pool) for _ in range(3)))
            assert server.connections == 3
            monkeypatch.setattr(pool_module, "IDLE_LIMIT_S", -1.0)
            server.handlers = (answering(OK),)
            await ask(pool)
            assert server.connections == 4
            await server.closed.wait()

    run(scenario())


def test_where_nobody_listens_is_told() -> None:
    with (
        refusing_port() as port,
        pytest.raises(UnreachableError, match=f"cannot connect to 127.0.0.1:{port}: "),
    ):
        run(ask(Pool("127.0.0.1", port)))


def test_a_name_that_does_not_answer_in_time_is_told() -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            # the handshake of TLS gets no answer
            tls = ssl.create_default_context()
            pool = Pool("127.0.0.1", listening.getsockname()[1], tls)
            with pytest.raises(ExpiredError, match="cannot connect"):
                await ask(pool, timeout_s=0.05)

    run(scenario())
