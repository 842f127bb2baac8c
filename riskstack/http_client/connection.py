"""One connection: a request at a time over it, its answer to a receiver.

A general client costs more than all else on the paths that use this one. Not: which connection is
used (pool), what is asked again, how long it may take.
"""

import asyncio
import select
from dataclasses import dataclass
from typing import Protocol, cast

from httptools import HttpParserError, HttpResponseParser

ONE_WRITE = 64 * 1024
"""Bytes of a body up to which it goes out in one piece with its head."""


class DroppedError(Exception):
    """The connection went before an answer began: only what may run twice may be asked again."""


class BrokenOffError(Exception):
    """An answer began and did not arrive whole."""


@dataclass(slots=True)  # not frozen: that would triple what each answer pays for it
class Head:
    """What an answer begins with."""

    status: int
    headers: list[tuple[bytes, bytes]]
    """As they were sent."""

    def header(self, name: bytes) -> str | None:
        """Give a header's last value, each byte as a character; `name` is in lower case."""
        value = self.by_name().get(name)
        return None if value is None else value.decode("latin-1")

    def by_name(self) -> dict[bytes, bytes]:
        """Give each header's last value, by names in lower case."""
        return {name.lower(): value for name, value in self.headers}


class Receiver(Protocol):
    """What takes in an answer as it arrives."""

    def begin(self, head: Head) -> None:
        """Take the head."""
        ...

    def take(self, piece: bytes) -> None:
        """Take a piece of the body."""
        ...

    def end(self) -> None:
        """Take note that the answer is whole."""
        ...

    def fail(self, error: Exception) -> None:
        """Take note that no more will come; `error` is DroppedError or BrokenOffError."""
        ...


class Connection(asyncio.Protocol):
    """A connection; `reusable` tells whether it may carry another request."""

    def __init__(self) -> None:
        self.reusable = True
        self._transport: asyncio.Transport | None = None
        self._unread = select.poll()
        self._parser = HttpResponseParser(self)
        self._receiver: Receiver | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._begun = False
        self._bodiless = False
        self._held = False

    def is_quiet(self) -> bool:
        """Tell whether nothing has arrived that is still unread, as a connection's end would."""
        if self._transport is None or self._transport.is_closing():
            return False
        return not self._unread.poll(0)

    def send(self, head: bytes, body: bytes, receiver: Receiver) -> None:
        """Send a request; its answer goes to the receiver."""
        if self._transport is None or self._transport.is_closing():
            receiver.fail(DroppedError("the other side closed the connection"))
            return
        self._receiver = receiver
        self._begun = False
        self._bodiless = head.startswith(b"HEAD ")
        if len(body) <= ONE_WRITE:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)

    def hold(self, *, back: bool) -> None:
        """Stop reading, or go on."""
        if back is self._held or self._transport is None or self._transport.is_closing():
            return
        self._held = back
        if back:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close at once; what is still to come is lost."""
        self.reusable = False
        self._receiver = None
        if self._transport is not None:
            self._transport.abort()

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # what TCP gives; uvloop's is no asyncio.Transport by its class
        self._transport = cast("asyncio.Transport", transport)
        self._unread.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        if self._receiver is None:
            # nobody asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(f"the answer is no HTTP: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End an answer that lasts as long as the connection, and tell of any other."""
        self.reusable = False
        if self._begun and not self._has_end():
            self._finish()
        else:
            self._fail(str(exc) if exc else "the other side closed the connection")

    # what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin the answer; what only tells to wait for it (1xx) is passed over."""
        status = self._parser.get_status_code()
        if status < 200 or self._receiver is None:  # noqa: PLR2004 - HTTP's final statuses
            return
        self._begun = True
        self._receiver.begin(Head(status, self._headers))
        if self._bodiless:
            # the parser knows nothing of the request and waits for a body
            self.reusable = False
            self._finish()

    def on_body(self, piece: bytes) -> None:
        """Pass a piece on."""
        if self._receiver is not None:
            self._receiver.take(piece)

    def on_message_complete(self) -> None:
        """End the answer."""
        if self._begun:
            if not self._parser.should_keep_alive():
                self.reusable = False
            self._finish()
        self._headers = []

    def _has_end(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return not names.isdisjoint({b"content-length", b"transfer-encoding"})

    def _finish(self) -> None:
        receiver, self._receiver = self._receiver, None
        self._begun = False
        if self._transport is None or self._transport.get_write_buffer_size():
            # it answered before it had the whole request
            self.reusable = False
        if receiver is not None:
            receiver.end()

    def _fail(self, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.fail(BrokenOffError(reason) if self._begun else DroppedError(reason))
