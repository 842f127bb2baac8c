"""A stand for hosting's tests: containers in memory and over HTTP, and hosting served."""

import io
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import uvicorn
from aws_lambda_powertools import Logger
from starlette.types import ASGIApp

from hosting.container import INVOCATIONS, PAYLOAD_LIMIT, ContainerAnswer, ContainerStream
from hosting.health import Observation, Sign

DEADLINE_S = 30


@dataclass
class MemoryContainer:
    """A container that gives the outcome it is told to; an exception is raised."""

    outcome: ContainerAnswer | Exception = field(
        default_factory=lambda: ContainerAnswer(200, "text/csv", None, b"0.5")
    )
    observation: Observation = field(default_factory=lambda: Observation(Sign.ANSWERED))
    invocations: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, float | None, int]] = field(default_factory=list)
    """The path of each request, how long it may last, and how large its answer may be."""

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        self.invocations.append((headers, body))
        self.asked.append((path, timeout_s, limit))
        return self._outcome()

    async def request(self, method: str, path: str) -> ContainerAnswer:
        self.asked.append((f"{method} {path}", None, PAYLOAD_LIMIT))
        return self._outcome()

    @asynccontextmanager
    async def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AsyncIterator[ContainerStream]:
        answer = await self.invoke(headers, body, path)
        yield ContainerStream(
            answer.status, answer.content_type, answer.custom_attributes, _in_bytes(answer.body)
        )

    def _outcome(self) -> ContainerAnswer:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def ping(self) -> Observation:
        return self.observation


async def _in_bytes(body: bytes) -> AsyncIterator[bytes]:
    for place in range(len(body)):
        yield body[place : place + 1]


class ReadableLog:
    """A logger, and what it wrote."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        # a logger is known by its name for the life of the process
        self.logger = Logger(f"hosting-{uuid4()}", level="INFO", stream=self._stream)

    def lines(self, message: str) -> list[dict[str, object]]:
        """Give the lines of one kind, without what the logger itself adds."""
        added = {"location", "timestamp", "service", "message", "taskName"}
        return [
            {key: value for key, value in line.items() if key not in added}
            for line in map(json.loads, self._stream.getvalue().splitlines())
            if line["message"] == message
        ]


@dataclass(frozen=True)
class Received:
    """A request as a container got it; the names of its headers are as they were sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a container is to answer; `promised` bytes are announced where that is not all.

    Where there are `pieces` they are sent one by one, each as a chunk, in place of a body; a None
    among them breaks the connection off.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    pieces: Iterable[bytes | None] | None = None


DROP = Answer(status=0)
"""Close the connection in place of an answer."""


class HttpContainer:
    """A container over HTTP: every request is kept, and `invoke` and `ping` say what to answer."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.invoke: Callable[[Received], Answer] = lambda _: Answer(200, b"0.5")
        self.ping: Callable[[Received], Answer] = lambda _: Answer(200)
        self._server = _HttpServer(("127.0.0.1", port), _handler(self))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def invocations(self) -> list[Received]:
        return [request for request in self.received if request.path == "/invocations"]

    def answer(self, request: Received) -> Answer:
        self.received.append(request)
        return self.ping(request) if request.path == "/ping" else self.invoke(request)

    @contextmanager
    def running(self) -> Iterator["HttpContainer"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.close_connections()
            thread.join()
            self._server.server_close()


class _HttpServer(ThreadingHTTPServer):
    """A server that takes its kept connections with it when it goes."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._connections: list[socket.socket] = []
        super().__init__(address, handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def close_connections(self) -> None:
        for connection in self._connections:
            # some were closed long ago
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _handler(container: HttpContainer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers.items())
            answer = container.answer(Received(self.command, self.path, headers, body))
            # a client that did not wait is what some tests are about
            with suppress(ConnectionError):
                self._send(answer)

        do_GET = do_POST  # noqa: N815 - the name is http.server's
        do_DELETE = do_POST  # noqa: N815 - the same

        def _send(self, answer: Answer) -> None:
            self.close_connection = answer is DROP or answer.promised is not None
            if answer is DROP:
                return
            self.send_response_only(answer.status)
            if answer.pieces is not None:
                self._send_pieces(answer.headers, answer.pieces)
                return
            promised = len(answer.body) if answer.promised is None else answer.promised
            for name, value in {**answer.headers, "Content-Length": str(promised)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def _send_pieces(self, headers: Mapping[str, str], pieces: Iterable[bytes | None]) -> None:
            for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in pieces:
                if piece is None:
                    self.close_connection = True
                    return
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

    return Handler


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port, as its `__main__` would; give its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, access_log=False, log_config=None, server_header=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and fail if it does not come."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)
