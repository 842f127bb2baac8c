"""The container's client against real sockets: what it sends, and how each failure shows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from hosting import container
from hosting.container import (
    PAYLOAD_LIMIT,
    ContainerAnswer,
    ContainerBodyError,
    ContainerClient,
    ContainerDroppedError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.health import Observation, Sign
from riskstack.http_client import receivers
from tests.refusing_port import refusing_port

Result = TypeVar("Result")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LONG = 30.0
CSV = {"Content-Type": "text/csv"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\n0.5"
SCORE = ContainerAnswer(200, "text/csv", None, b"0.5")


async def read_request(reader: asyncio.StreamReader) -> tuple[list[str], bytes]:
    """Give a request's lines above the body, and the body."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    lengths = [line.split(":")[1] for line in lines if line.startswith("Content-Length")]
    return lines, await reader.readexactly(int(*lengths) if lengths else 0)


def answering(*answers: bytes) -> Handler:
    """Answer so many requests on a connection, then close it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_request(reader)
            writer.write(answer)

    return handle


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read, and never answer."""
    await reader.read()


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request, then reset the connection."""
    await read_request(reader)
    writer.transport.abort()


class Listener:
    """A container made of bare sockets; handler n serves connection n, the last all later ones."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = handlers
        self.connections = 0
        self.server: asyncio.Server | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = self.handlers[min(self.connections, len(self.handlers) - 1)]
        self.connections += 1
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def client(self, timeout_s: float = LONG) -> AsyncIterator[ContainerClient]:
        self.server = server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            client = ContainerClient(f"http://127.0.0.1:{port}", timeout_s)
            try:
                yield client
            finally:
                client.close()


def run(scenario: Coroutine[object, object, Result]) -> Result:
    async def bounded() -> Result:
        return await asyncio.wait_for(scenario, LONG)

    return asyncio.run(bounded())


def invoke(*handlers: Handler, body: bytes = b"1,2", timeout_s: float = LONG) -> ContainerAnswer:
    async def scenario() -> ContainerAnswer:
        async with Listener(*handlers).client(timeout_s) as client:
            return await client.invoke(CSV, body)

    return run(scenario())


def ping(*handlers: Handler) -> Observation:
    async def scenario() -> Observation:
        async with Listener(*handlers).client() as client:
            return await client.ping()

    return run(scenario())


@pytest.fixture
def unused_url() -> Iterator[str]:
    """The address of a port that nothing listens on."""
    with refusing_port() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("body", [b"", b"1,2", b"1,2\n" * 300_000])
def test_sends_the_headers_it_is_given_and_no_other(body: bytes) -> None:
    requests: list[tuple[list[str], bytes]] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(OK)

    assert invoke(record, body=body) == SCORE
    [(lines, received)] = requests
    assert received == body
    assert lines[0] == "POST /invocations HTTP/1.1"
    assert sorted(line.partition(":")[0] for line in lines[1:]) == [
        "Content-Length",
        "Content-Type",
        "Host",
    ]


def test_gives_status_headers_and_body_as_they_are() -> None:
    answer = invoke(
        answering(
            b"HTTP/1.1 503 Busy\r\nX-Amzn-SageMaker-Custom-Attributes: a=1; b\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\xff"
        )
    )
    assert answer == ContainerAnswer(503, None, "a=1; b", b"\x1f\x8b\x00\xff")


def test_follows_no_redirect_and_keeps_no_cookie() -> None:
    requests: list[list[str]] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            requests.append((await read_request(reader))[0])
            writer.write(
                b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b; Path=/\r\n"
                b"Content-Length: 0\r\n\r\n"
            )

    async def scenario() -> list[int]:
        async with Listener(redirect).client() as client:
            return [(await client.invoke(CSV, b"")).status for _ in range(2)]

    assert run(scenario()) == [302, 302]
    assert [lines[0] for lines in requests] == ["POST /invocations HTTP/1.1"] * 2
    assert not [line for line in requests[1] if line.startswith("Cookie")]


def test_a_chunked_answer_arrives_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0.\r\n1\r\n5\r\n0\r\n\r\n"
    assert invoke(answering(chunked)).body == b"0.5"


def test_uses_a_connection_again() -> None:
    listener = Listener(answering(OK, OK, OK))

    async def scenario() -> None:
        async with listener.client() as client:
            assert (await client.ping()).sign is Sign.ANSWERED
            assert await client.invoke(CSV, b"1") == SCORE
            assert await client.invoke(CSV, b"1") == SCORE

    run(scenario())
    assert listener.connections == 1


@pytest.mark.parametrize("drop", [answering(), resetting])
def test_a_connection_that_drops_before_the_answer_is_not_noticed(drop: Handler) -> None:
    assert invoke(drop, answering(OK)) == SCORE


def test_every_kept_connection_may_be_dead() -> None:
    opened = asyncio.Event()
    listener: Listener

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # both connections are open at once, so that both are kept
        await read_request(reader)
        if listener.connections == 2:
            opened.set()
        await opened.wait()
        writer.write(OK)
        # the next request on it is read, and the connection dropped
        await read_request(reader)

    listener = Listener(answer_once, answer_once, answering(OK))

    async def scenario() -> None:
        async with listener.client() as client:
            await asyncio.gather(client.invoke(CSV, b"1"), client.invoke(CSV, b"2"))
            assert await client.invoke(CSV, b"3") == SCORE

    run(scenario())
    assert listener.connections == 3


@pytest.mark.parametrize("drop", [answering(), resetting])
def test_a_second_drop_is_told(drop: Handler) -> None:
    listener = Listener(drop)

    async def scenario() -> None:
        async with listener.client() as client:
            await client.invoke(CSV, b"1")

    with pytest.raises(ContainerDroppedError):
        run(scenario())
    assert listener.connections == 2


@pytest.mark.parametrize("streamed", [False, True])
def test_a_container_that_a_request_takes_down_was_sent_it(*, streamed: bool) -> None:
    listener: Listener

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        assert listener.server is not None
        listener.server.close()
        writer.close()

    listener = Listener(die)

    async def scenario() -> None:
        async with listener.client() as client:
            if not streamed:
                await client.invoke(CSV, b"1")
            async with client.stream(CSV, b"1"):
                pass

    with pytest.raises(ContainerDroppedError, match=r"cannot connect to 127\.0\.0\.1:"):
        run(scenario())


def test_an_answer_that_is_not_http_is_told() -> None:
    with pytest.raises(ContainerUnreachableError):
        invoke(answering(b"SSH-2.0-OpenSSH\r\n\r\n"))


def test_a_container_that_is_down_is_told(unused_url: str) -> None:
    async def scenario() -> Observation:
        client = ContainerClient(unused_url, LONG)
        with pytest.raises(ContainerUnreachableError, match=r"cannot connect to") as raised:
            await client.invoke(CSV, b"1")
        # it got nothing
        assert not isinstance(raised.value, ContainerDroppedError)
        return await client.ping()

    observation = run(scenario())
    assert observation.sign is Sign.FAILED
    assert observation.reason.startswith("cannot connect to 127.0.0.1:")


def test_an_answer_that_takes_too_long_is_told() -> None:
    with pytest.raises(ContainerTimeoutError, match=r"no answer within 0\.05 s"):
        invoke(silent, timeout_s=0.05)


def test_the_time_covers_the_body_too() -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK[:-1])
        await reader.read()

    with pytest.raises(ContainerTimeoutError):
        invoke(stall, timeout_s=0.05)


def test_a_body_that_breaks_off_is_told_with_its_status() -> None:
    listener = Listener(answering(OK[:-1]))

    async def scenario() -> None:
        async with listener.client() as client:
            await client.invoke(CSV, b"1")

    with pytest.raises(ContainerBodyError) as raised:
        run(scenario())
    assert raised.value.status == 200
    # an answer had begun: it is not asked again
    assert listener.connections == 1


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n"
    body = bytes(PAYLOAD_LIMIT)
    assert invoke(answering(head % len(body) + body)).body == body
    with pytest.raises(ContainerBodyError, match="over 26214400 bytes") as raised:
        invoke(answering(head % (len(body) + 1) + body + b"1"))
    assert raised.value.status == 500


def test_a_ping_is_a_bare_get() -> None:
    requests: list[list[str]] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append((await read_request(reader))[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert ping(record) == Observation(Sign.ANSWERED)
    assert requests[0][0] == "GET /ping HTTP/1.1"


def test_any_status_but_200_is_no_health() -> None:
    unavailable = b"HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n"
    assert ping(answering(unavailable)) == Observation(Sign.UNWELL, "it answers /ping with 503")


def test_a_slow_ping_is_told_from_a_failed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "PING_TIMEOUT_S", 0.05)
    assert ping(silent) == Observation(Sign.SLOW, "no answer to /ping within 0.05 s")


# Answers of other forms


def test_an_answer_may_last_as_long_as_its_connection() -> None:
    listener = Listener(answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n0.5"))

    async def scenario() -> list[ContainerAnswer]:
        async with listener.client() as client:
            return [await client.invoke(CSV, b"1") for _ in range(2)]

    answer = ContainerAnswer(200, "text/csv", None, b"0.5", has_length=False)
    assert run(scenario()) == [answer, answer]
    assert listener.connections == 2


def test_a_notice_to_wait_is_passed_over() -> None:
    assert invoke(answering(b"HTTP/1.1 100 Continue\r\n\r\n" + OK)) == SCORE


def test_a_container_may_close_after_its_answer() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    listener = Listener(answering(closing, closing))

    async def scenario() -> None:
        async with listener.client() as client:
            for _ in range(2):
                assert await client.invoke(CSV, b"1") == SCORE

    run(scenario())
    assert listener.connections == 2


def test_more_than_was_asked_for_ends_the_connection() -> None:
    listener = Listener(answering(OK + OK), answering(OK))

    async def scenario() -> None:
        async with listener.client() as client:
            for _ in range(2):
                assert await client.invoke(CSV, b"1") == SCORE

    run(scenario())
    assert listener.connections == 2


def test_a_header_cannot_hold_another() -> None:
    async def scenario() -> None:
        async with Listener(silent).client() as client:
            await client.invoke({"Accept": "text/csv\r\nCookie: a=b"}, b"1")

    with pytest.raises(ValueError, match="header Accept has a line break"):
        run(scenario())


def test_a_request_may_have_no_body() -> None:
    requests: list[list[str]] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append((await read_request(reader))[0])
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    async def scenario() -> ContainerAnswer:
        async with Listener(record).client() as client:
            return await client.request("DELETE", "/models/a")

    assert run(scenario()).status == 404
    assert requests[0][0] == "DELETE /models/a HTTP/1.1"
    assert not [line for line in requests[0] if line.startswith("Content-Length")]


# Streams

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_piece_is_given_as_it_comes() -> None:
    seen = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(CHUNKED + b"2\r\n0.\r\n")
        await seen.wait()
        writer.write(b"1\r\n5\r\n0\r\n\r\n")
        await read_request(reader)
        writer.write(OK)

    listener = Listener(slowly)

    async def scenario() -> list[bytes]:
        async with listener.client() as client:
            pieces = []
            async with client.stream(CSV, b"1") as answer:
                async for piece in answer.pieces:
                    pieces.append(piece)
                    seen.set()
            # the connection serves on
            assert await client.invoke(CSV, b"1") == SCORE
            return pieces

    assert run(scenario()) == [b"0.", b"5"]
    assert listener.connections == 1


def test_a_stream_that_is_left_is_closed() -> None:
    closed = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(CHUNKED + b"2\r\n0.\r\n")
        assert not await reader.read()
        closed.set()

    async def scenario() -> None:
        async with Listener(endless).client() as client:
            async with client.stream(CSV, b"1") as answer:
                assert await anext(answer.pieces) == b"0."
            await closed.wait()

    run(scenario())


def test_a_stream_that_breaks_off_is_told() -> None:
    async def scenario() -> list[bytes]:
        pieces = []
        async with (
            Listener(answering(CHUNKED + b"2\r\n0.\r\n")).client() as client,
            client.stream(CSV, b"1") as answer,
        ):
            pieces.append(await anext(answer.pieces))
            with pytest.raises(ContainerBodyError):
                await anext(answer.pieces)
        return pieces

    assert run(scenario()) == [b"0."]


def test_a_large_stream_is_held_up_until_it_is_read() -> None:
    size = 4 * receivers.BUFFERED
    body = bytes(range(256)) * (size // 256)
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (size, body)

    async def scenario() -> bytes:
        async with (
            Listener(answering(whole)).client() as client,
            client.stream(CSV, b"1") as answer,
        ):
            return b"".join([piece async for piece in answer.pieces])

    assert run(scenario()) == body


def test_a_connection_that_was_held_up_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "BUFFERED", 1)

    async def scenario() -> ContainerAnswer:
        listener = Listener(answering(OK, OK))
        async with listener.client() as client:
            async with client.stream(CSV, b"1") as answer:
                assert [piece async for piece in answer.pieces] == [b"0.5"]
            found = await client.invoke(CSV, b"1")
            assert listener.connections == 1
            return found

    assert run(scenario()) == SCORE


@pytest.mark.parametrize("drop", [answering(), resetting])
def test_a_stream_is_asked_for_again_where_the_connection_drops(drop: Handler) -> None:
    async def scenario(listener: Listener) -> bytes:
        async with listener.client() as client, client.stream(CSV, b"1") as answer:
            return b"".join([piece async for piece in answer.pieces])

    assert run(scenario(Listener(drop, answering(OK)))) == b"0.5"
    with pytest.raises(ContainerUnreachableError):
        run(scenario(Listener(drop)))
