"""HTTP as ASGI messages: the body of a request in, an answer out. It knows no models.

It is written out by hand since a web framework's objects cost more here than a prediction does.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import TypeAlias

from starlette.types import Message, Receive, Send

from model_server.serving.errors import TooLargeError

BODY_SECONDS = 60
"""How long a body may take to come in: what SageMaker gives an invocation as a whole."""
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
"""Neither type nor length is sent with them (RFC 9110, sections 6.4.1 and 8.6)."""

Header: TypeAlias = tuple[bytes, bytes]


class Disconnected(Exception):  # noqa: N818 - an event, not an error
    """The client left before its body was in: there is nobody to answer."""


class SlowBodyError(ValueError):
    """The body did not come in in time: send it faster, or in smaller pieces."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """Read a body of at most `limit` bytes.

    Raises TooLargeError as soon as it is, SlowBodyError and Disconnected.
    """
    message = _at_once(receive)
    if message and message["type"] == "http.request" and not message.get("more_body"):
        # the usual case: a small body comes in one message
        body: bytes = message.get("body", b"")
        check_size(len(body), limit)
        return body
    chunks = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = message or await receive()
            while message["type"] == "http.request":
                chunk = message.get("body", b"")
                size += len(chunk)
                check_size(size, limit)
                chunks.append(chunk)
                if not message.get("more_body"):
                    return b"".join(chunks)
                message = await receive()
    except TimeoutError as error:
        raise SlowBodyError(f"the body did not come in within {BODY_SECONDS} s") from error
    raise Disconnected


def _at_once(receive: Receive) -> Message | None:
    """Give the message if it is there already: to wait in time takes a timer, which costs more."""
    coming = receive().__await__()
    try:
        next(coming)
    except StopIteration as received:
        message: Message = received.value
        return message
    coming.close()  # as if cancelled: nothing is received yet
    return None


def check_size(size: int, limit: int) -> None:
    """Raise TooLargeError where a body is larger than the limit, both in bytes."""
    if size > limit:
        raise TooLargeError(f"the body is over {limit} bytes")


async def respond(
    send: Send, status: int, content_type: str, body: bytes, headers: Sequence[Header] = ()
) -> None:
    """Send an answer with its length, without which SageMaker's asynchronous inference fails."""
    if status in _WITHOUT_BODY:
        lines, body = [*headers], b""
    else:
        lines = [(b"content-length", b"%d" % len(body)), _type(content_type), *headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=64)
def _type(content_type: str) -> Header:
    return b"content-type", content_type.encode("latin-1")
