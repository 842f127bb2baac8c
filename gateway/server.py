"""The HTTP server: uvicorn on httptools, with the one thing it drops put back: a header's case.

ASGI gives headers in lower case, and API Gateway gives a function the names as they were sent.
httptools hands them over so, and the server passes them on in an extension of the scope.
"""

import uvicorn
from starlette.types import ASGIApp

from gateway.request import HEADERS_AS_SENT
from riskstack.http_server import Protocol

GRACE_SECONDS = 8
"""What a request in flight gets at SIGTERM; Compose and supervisor kill after 10."""

LARGEST_HEAD = 1024 * 1024
"""Bytes of a request's line and headers that are read at all; the gateway itself refuses fewer."""


class AsSentProtocol(Protocol):
    """uvicorn's protocol, which also keeps the headers as they were sent, and not without end."""

    _head_size: int | None = None
    """What has arrived of a head that has not ended."""

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        super().data_received(data)
        if self._head_size is not None:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("Too many bytes of headers.")

    def on_message_begin(self) -> None:
        """Start a request (a callback of httptools)."""
        super().on_message_begin()
        self._head_size = 0
        self._as_sent: list[tuple[bytes, bytes]] = []
        self.scope["extensions"] = {HEADERS_AS_SENT: {"headers": self._as_sent}}

    def on_headers_complete(self) -> None:
        """Begin to answer (a callback of httptools)."""
        self._head_size = None
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header (a callback of httptools)."""
        self._as_sent.append((name, value))
        super().on_header(name, value)


def configuration(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Configure the server. Its own access log is off: the gateway writes one."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=AsSentProtocol,
        ws="none",
        # else a caller could choose its own source address
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
