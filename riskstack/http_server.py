"""The HTTP server's protocol: uvicorn on httptools, which sends an answer in one piece.

uvicorn writes the head of an answer and its body one after the other, and the event loop sends each
at once: two calls of the system, two segments, and a client that is woken for half an answer.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Joining:
    """A transport that holds a piece back until the next one, or until the loop goes on."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send what is held back together with this; if nothing is, hold this back."""
        if self._held is None:
            self._held = data
            self._loop.call_soon(self._flush)
        else:
            pieces = self._held, data
            self._held = None
            self._transport.writelines(pieces)

    def close(self) -> None:
        """Send what is held back, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol over a transport that joins what belongs together."""

    def connection_made(  # type: ignore[override] # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Take a connection."""
        super().connection_made(cast("asyncio.Transport", Joining(transport)))
