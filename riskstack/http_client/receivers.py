"""What takes in an answer from a connection: the whole of it at once, or piece by piece."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from riskstack.http_client.connection import BrokenOffError, Connection, Head

BUFFERED = 256 * 1024
"""Bytes of a streamed answer that may wait to be read before the other side is held up."""


class ExpiredError(Exception):
    """The answer was not whole in time."""


class WholeAnswer:
    """Takes in an answer until it is whole; `done` gives its body."""

    def __init__(self, limit: int) -> None:
        """Take the most bytes that the body may have."""
        self._limit = limit
        self.begin_again()

    def begin_again(self) -> None:
        """Take in another answer."""
        self.head: Head | None = None
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pieces: list[bytes] = []
        self._size = 0

    def leave(self) -> None:
        """Look at an error that nobody waits for any more, which asyncio would complain of."""
        if self.done.done() and not self.done.cancelled():
            self.done.exception()

    def expire(self) -> None:
        """Take note that it took too long."""
        self.fail(ExpiredError())

    def begin(self, head: Head) -> None:
        """Take the head."""
        self.head = head

    def take(self, piece: bytes) -> None:
        """Take a piece of the body, as long as it is not too large."""
        self._size += len(piece)
        if self._size <= self._limit:
            self._pieces.append(piece)
        else:
            self.fail(BrokenOffError(f"its body is over {self._limit} bytes"))

    def end(self) -> None:
        """Give the body."""
        if not self.done.done():
            self.done.set_result(b"".join(self._pieces))

    def fail(self, error: Exception) -> None:
        """Give the error."""
        if not self.done.done():
            self.done.set_exception(error)


class StreamedAnswer:
    """Takes in an answer and gives its pieces as they come."""

    def __init__(self, connection: Connection) -> None:
        self.begun: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self.whole = False
        self._connection = connection
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._error: Exception | None = None
        self._news = asyncio.Event()

    def begin(self, head: Head) -> None:
        """Take the head."""
        if not self.begun.done():
            self.begun.set_result(head)

    def take(self, piece: bytes) -> None:
        """Take a piece; hold the other side up where too many wait."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > BUFFERED:
            self._connection.hold(back=True)
        self._news.set()

    def end(self) -> None:
        """Take note that the answer is whole."""
        self.whole = True
        # the connection is kept, and the next answer must come in
        self._connection.hold(back=False)
        self._news.set()

    def fail(self, error: Exception) -> None:
        """Keep the error for who reads."""
        if not self.begun.done():
            self.begun.set_exception(error)
        self._error = error
        self._news.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give each piece as it comes; raises BrokenOffError."""
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._size -= len(piece)
                yield piece
            if self.whole:
                return
            if self._error is not None:
                raise self._error
            self._news.clear()
            self._connection.hold(back=False)
            await self._news.wait()
