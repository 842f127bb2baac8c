"""The runtime API's HTTP: an ASGI request's body in, AWS's headers and bodies out.

Plain ASGI, for on this path the work of a framework would cost more than all the rest. Not: which
operation is meant (api).
"""

import json
from collections.abc import Sequence
from typing import TypeAlias

from starlette.types import Message, Receive, Send

from hosting.container import PAYLOAD_LIMIT, ContainerAnswer, ContainerStream
from hosting.runtime.errors import ERRORS, ServiceError

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

Reply: TypeAlias = tuple[int, Headers, bytes]
"""A status, headers and a body."""


class ClientGoneError(Exception):
    """The client closed its connection before it had sent its whole request: nothing to do."""


async def read_body(receive: Receive) -> tuple[bytes, int]:
    """Read a request's body to its end, and give it with its size in bytes.

    Of a body over the limit the rest is read and dropped: a client that is still sending when the
    answer comes would report a broken connection instead of the error.

    Raises:
        ClientGoneError: the client went away first.
    """
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size <= PAYLOAD_LIMIT:
            pieces.append(piece)
        if not message.get("more_body", False):
            return (b"".join(pieces) if len(pieces) != 1 else pieces[0]), size


async def until_gone(receive: Receive) -> None:
    """Wait until the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_reply(send: Send, request_id: str, reply: Reply) -> None:
    """Send a reply under its request's id."""
    status, headers, body = reply
    length = (b"content-length", b"%d" % len(body))
    await send(_head(request_id, status, [*headers, length]))
    await send({"type": "http.response.body", "body": body})


async def send_head(send: Send, request_id: str, status: int, headers: Headers) -> None:
    """Send what a reply begins with."""
    await send(_head(request_id, status, headers))


def _head(request_id: str, status: int, headers: Headers) -> Message:
    headers = [(b"x-amzn-requestid", request_id.encode()), *headers]
    return {"type": "http.response.start", "status": status, "headers": headers}


def error_reply(error: ServiceError) -> Reply:
    """Give the reply that tells of an error, as SDKs read it (botocore, parsers.py)."""
    status, code = ERRORS[type(error)]
    headers = [(b"x-amzn-errortype", code.encode()), (b"content-type", b"application/json")]
    return status, headers, json.dumps(error.members()).encode()


def answer_headers(
    variant: str, answer: ContainerAnswer | ContainerStream, content_type_header: bytes
) -> Headers:
    """Give the headers of an answer; those of the container reach the client to the byte."""
    headers = [(b"x-amzn-invoked-production-variant", variant.encode())]
    if answer.content_type is not None:
        headers.append((content_type_header, answer.content_type.encode("latin-1")))
    if answer.custom_attributes is not None:
        attributes = answer.custom_attributes.encode("latin-1")
        headers.append((b"x-amzn-sagemaker-custom-attributes", attributes))
    return headers
