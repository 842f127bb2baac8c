"""A load generator: one thread, ready-made requests, one at a time on each kept connection.

Its own work is a few system calls a request, so that what it measures is the server.
"""

import math
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

PATIENCE = 120.0
"""Seconds that an answer may take."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server and the request that it gets."""

    port: int
    path: str
    body: bytes
    headers: tuple[str, ...]

    def request(self) -> bytes:
        """Give the request as it goes over the wire."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            *self.headers,
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass(slots=True)
class Measured:
    """What came back: seconds of each request, how long all of them took, how many failed."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    failed: int = 0

    @property
    def rate(self) -> float:
        """Give good answers a second."""
        return len(self.seconds) / self.elapsed

    def percentile(self, percent: int) -> float:
        """Give the seconds that so many percent of the answers took at most."""
        return sorted(self.seconds)[math.ceil(percent / 100 * len(self.seconds)) - 1]


Rounds = Sequence[Measured]
"""What the same target came to in each round of a run."""


def total(rounds: Rounds) -> Measured:
    """Give all rounds as one."""
    return Measured(
        [seconds for measured in rounds for seconds in measured.seconds],
        sum(measured.elapsed for measured in rounds),
        sum(measured.failed for measured in rounds),
    )


def by_round(figure: Callable[..., float], *rounds: Rounds) -> float:
    """Give the median of a figure over the rounds, each of which gives its own measurements.

    What is compared within a round met the same moment of a noisy machine.
    """
    return statistics.median(figure(*measured) for measured in zip(*rounds, strict=True))


def rates(one: Measured, other: Measured) -> float:
    """Give one's rate to the other's."""
    return one.rate / other.rate


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    left: bytes = b""
    received: bytearray = field(default_factory=bytearray)
    missing: int = -1
    """Bytes of the answer that have yet to come; -1 until its head is here."""


def run(target: Target, connections: int, duration: float) -> Measured:
    """Send for so many seconds on so many connections, and wait for the last answers."""
    request = target.request()
    measured = Measured()
    with selectors.DefaultSelector() as selector:
        opened = [_open(target.port) for _ in range(connections)]
        began = time.perf_counter()
        ends = began + duration
        for connection in opened:
            _send(connection, request)
            selector.register(connection.socket, _interest(connection), connection)
        busy = len(opened)
        while busy:
            for key, events in selector.select(PATIENCE):
                connection = key.data
                if events & selectors.EVENT_WRITE:
                    _flush(connection)
                    selector.modify(connection.socket, _interest(connection), connection)
                if not events & selectors.EVENT_READ or not _receive(connection, measured):
                    continue
                if time.perf_counter() < ends:
                    _send(connection, request)
                    if connection.left:
                        selector.modify(connection.socket, _interest(connection), connection)
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    busy -= 1
        measured.elapsed = time.perf_counter() - began
    return measured


def in_turns(targets: Sequence[Target], duration: float) -> list[Measured]:
    """Send for so many seconds to each target in turn, one request at a time.

    So each finds a core that they share, and its caches, as the others leave it.
    """
    asked = [(_open(target.port), target.request(), Measured()) for target in targets]
    ends = time.perf_counter() + duration
    while time.perf_counter() < ends:
        for connection, request, measured in asked:
            _exchange(connection, request)
            _note(connection, measured)
    for connection, _, measured in asked:
        connection.socket.close()
        measured.elapsed = sum(measured.seconds)
    return [measured for _, _, measured in asked]


def ask(target: Target) -> bytes:
    """Send one request and give the body of its answer; raise where it is no 2xx."""
    connection = _open(target.port)
    _exchange(connection, target.request())
    connection.socket.close()
    head, _, body = bytes(connection.received).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"port {target.port} answers {head.decode()} {body.decode()[:500]}")
    return body


def _open(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return _Connection(opened)


def _send(connection: _Connection, request: bytes) -> None:
    connection.received.clear()
    connection.missing = -1
    connection.left = request
    connection.sent_at = time.perf_counter()
    _flush(connection)


def _flush(connection: _Connection) -> None:
    try:
        connection.left = connection.left[connection.socket.send(connection.left) :]
    except BlockingIOError:
        return


def _interest(connection: _Connection) -> int:
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.left else 0)


def _receive(connection: _Connection, measured: Measured) -> bool:
    """Read what is there; tell whether the answer is whole."""
    _take(connection, connection.socket.recv(1 << 20))
    if connection.missing:
        return False
    _note(connection, measured)
    return True


def _exchange(connection: _Connection, request: bytes) -> None:
    """Send a request and wait for the whole of its answer."""
    connection.socket.settimeout(PATIENCE)
    _send(connection, request)
    connection.socket.sendall(connection.left)
    while connection.missing:
        _take(connection, connection.socket.recv(1 << 20))


def _note(connection: _Connection, measured: Measured) -> None:
    """Take an answer that is whole into the measurements."""
    seconds = time.perf_counter() - connection.sent_at
    if connection.received.startswith(b"HTTP/1.1 2"):
        measured.seconds.append(seconds)
    else:
        measured.failed += 1


def _take(connection: _Connection, piece: bytes) -> None:
    if not piece:
        raise ConnectionError("the server closed the connection before it had answered")
    connection.received += piece
    if connection.missing > 0:
        connection.missing -= len(piece)
    elif (end := connection.received.find(b"\r\n\r\n")) >= 0:
        length = _content_length(bytes(connection.received[:end]).split(b"\r\n"))
        connection.missing = end + 4 + length - len(connection.received)


def _content_length(lines: Sequence[bytes]) -> int:
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"an answer without Content-Length: {lines[0]!r}")
