"""The body of a request, read from ASGI when it is wanted, and no further than AWS takes it."""

from starlette.types import Receive

from gateway.gateway_response import CONTENT_TOO_LONG, LARGEST_BODY, RefusedError


class DisconnectedError(Exception):
    """The caller went away before the end of its request: there is nobody to answer."""


async def read_body(receive: Receive) -> bytes:
    """Read a body and count it while it arrives.

    Raises:
        RefusedError: it grew over 10 MB; the rest is not read.
        DisconnectedError: the caller went away.
    """
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > LARGEST_BODY:
            raise RefusedError(CONTENT_TOO_LONG, "more bytes than AWS takes")
        if not message.get("more_body", False):
            return b"".join(parts)
