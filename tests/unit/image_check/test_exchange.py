"""One exchange with servers that keep HTTP and with such as do not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from image_check.exchange import Address, Request, call, connect_seconds
from image_check.seen import NoReply, Reply
from tests.refusing_port import refusing_port

PING = Request("GET", "/ping")
DEADLINE = 30.0


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[Address]:
    """Accept one connection and let `serve` answer it."""

    def accept() -> None:
        connection, _ = server.accept()
        with connection:
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept)
        thread.start()
        yield Address("127.0.0.1", server.getsockname()[1])
        thread.join(DEADLINE)


def until_head_ends(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1024)
    return received


def test_an_answer_comes_with_lower_case_headers() -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(until_head_ends(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi")

    with listening(serve) as address:
        answer = call(address, Request("GET", "/ping", headers={"X-A": "b"}), DEADLINE)

    assert isinstance(answer, Reply)
    assert (answer.status, answer.headers["x-one"], answer.body) == (200, "1", b"hi")
    assert received[0].startswith(b"GET /ping HTTP/1.1\r\n")
    assert b"X-A: b\r\n" in received[0]


def test_a_refusal_before_the_body_is_in_is_read() -> None:
    def serve(connection: socket.socket) -> None:
        until_head_ends(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        # as good servers do: what is still coming is taken, and thrown away
        while connection.recv(65_536):
            pass

    with listening(serve) as address:
        answer = call(address, Request("POST", "/", b"x" * 2**22), DEADLINE)

    assert isinstance(answer, Reply)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("said", "reason", "heard"),
    [(b"", "closed", False), (b"hello\r\n\r\n", "no HTTP: BadStatusLine", True)],
)
def test_what_is_no_answer_says_why(said: bytes, reason: str, *, heard: bool) -> None:
    def serve(connection: socket.socket) -> None:
        until_head_ends(connection)
        connection.sendall(said)

    with listening(serve) as address:
        answer = call(address, PING, DEADLINE)

    assert isinstance(answer, NoReply)
    assert (answer.reason, answer.heard) == (reason, heard)


def test_silence_is_a_time_out() -> None:
    over = threading.Event()

    def serve(_connection: socket.socket) -> None:
        over.wait(DEADLINE)

    with listening(serve) as address:
        answer = call(address, PING, 0.1)
        over.set()

    assert isinstance(answer, NoReply)
    assert (answer.reason, answer.heard) == ("timed out", True)


def test_an_answer_that_does_not_end_is_none() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65_536)
        except OSError:
            return

    with listening(serve) as address:
        answer = call(address, PING, 0.1)

    assert isinstance(answer, NoReply)
    assert answer.reason == "the answer does not end"


def test_where_nobody_listens_nobody_is_heard() -> None:
    with refusing_port() as port:
        address = Address("127.0.0.1", port)
        answer = call(address, PING, DEADLINE)
        connected = connect_seconds(address, DEADLINE)
    assert isinstance(answer, NoReply)
    assert (answer.reason, answer.heard) == ("refused", False)
    assert connected == (None, None)


def test_a_connection_is_timed_and_left_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        seconds, connection = connect_seconds(
            Address("127.0.0.1", server.getsockname()[1]), DEADLINE
        )
        assert seconds is not None
        assert connection is not None
        with connection:
            assert connection.getpeername() == server.getsockname()
