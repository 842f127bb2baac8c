"""A stand for the gateway's tests: the gateway served, with a server of Lambda's Invoke behind."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import uvicorn

from gateway.app import DEFINITION, create_app
from gateway.server import configuration
from gateway.settings import Settings

KEY = "a-key-that-the-tests-know"
SETTINGS = Settings(
    host="127.0.0.1",
    port=0,
    stage="v1",
    api_keys=("another-key", KEY),
    region="eu-central-1",
    account_id="123456789012",
    log_level="INFO",
)
DEFINITION_TEXT = DEFINITION.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Reply:
    """What the function side answers to one Invoke."""

    payload: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def proxy(cls, **members: object) -> "Reply":
        """Answer with a proxy response."""
        return cls(json.dumps(members).encode())

    @classmethod
    def error(cls, kind: str, status: int) -> "Reply":
        """Refuse the call as Lambda does."""
        return cls(b'{"Message": "refused"}', status, {"x-amzn-ErrorType": kind})


@dataclass(frozen=True)
class Call:
    """One Invoke as it arrived."""

    path: str
    headers: Mapping[str, str]
    event: dict[str, Any]


Handler = Callable[[dict[str, Any]], Reply]


def accepted(_: dict[str, Any]) -> Reply:
    """Answer as a function to which nothing is special."""
    return Reply.proxy(statusCode=202, body="{}")


class FunctionServer:
    """Lambda's Invoke over HTTP: keeps the calls, answers what `handler` says."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.handler: Handler = accepted
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def forget(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.handler = accepted

    @contextmanager
    def running(self) -> Iterator["FunctionServer"]:
        """Serve for a while."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        thread.join()

    def _request_handler(self) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Invoke(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stand.calls.append(Call(unquote(self.path), dict(self.headers), event))
                reply = stand.handler(event)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.payload)))
                # a caller may have given up
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(reply.payload)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Invoke


@contextmanager
def gateway(definition: str = DEFINITION_TEXT, settings: Settings = SETTINGS) -> Iterator[int]:
    """Serve the gateway on a free port and give it; the SDK's variables must be set."""
    server = uvicorn.Server(configuration(create_app(settings, definition), "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        started = threading.Event()
        while not server.started:
            assert thread.is_alive(), "the gateway did not start"
            started.wait(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
