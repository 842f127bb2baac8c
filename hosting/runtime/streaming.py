"""An answer in pieces on its way to the client, as an event stream.

What fails before the answer begins is an error as of any operation, what fails later a message of
the stream. Not: the frames (event_stream), or where the pieces are from (runtime).
"""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Send

from hosting.container import ContainerBodyError
from hosting.runtime import event_stream
from hosting.runtime.call import Measures, Request
from hosting.runtime.errors import ServiceError
from hosting.runtime.runtime import Runtime
from hosting.runtime.wire import answer_headers, send_head, until_gone

LIMIT_S = 480.0
"""How long an answer may last: 8 minutes (AWS-hosting)."""

CONTENT_TYPE_HEADER = b"x-amzn-sagemaker-content-type"


class StreamEndedError(Exception):
    """The stream ended with an error that the client was told within it."""


async def stream_to_client(
    runtime: Runtime, request: Request, measures: Measures, receive: Receive, send: Send
) -> None:
    """Send an answer as it comes; where the client goes, the container is left too.

    Raises:
        ServiceError: the answer has not begun, and nothing was sent.
        StreamEndedError: it had.
    """
    work = asyncio.create_task(_stream(runtime, request, measures, send))
    gone = asyncio.create_task(until_gone(receive))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not work.done():
            measures.failure = "the client went away"
            work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def _stream(runtime: Runtime, request: Request, measures: Measures, send: Send) -> None:
    has_begun = False
    try:
        async with runtime.stream(request, measures, LIMIT_S) as (variant, answer):
            headers = [
                *answer_headers(variant.name, answer, CONTENT_TYPE_HEADER),
                (b"content-type", event_stream.CONTENT_TYPE.encode()),
            ]
            await send_head(send, request.request_id, 200, headers)
            has_begun = True
            async for piece in answer.pieces:
                await _send(send, event_stream.payload_part(piece))
    except ServiceError:
        raise
    except Exception as error:
        if not has_begun:
            raise
        measures.failure = str(error) or type(error).__name__
        await _send(send, _told(error), more=False)
        raise StreamEndedError(measures.failure) from error
    else:
        await _send(send, b"", more=False)


def _told(error: Exception) -> bytes:
    """Give the message that ends the stream (ResponseStream, botocore)."""
    if isinstance(error, TimeoutError):
        text = f"The model did not finish its response within {LIMIT_S:g} seconds."
        members = {"ErrorCode": "ModelInvocationTimeExceeded", "Message": text}
    elif isinstance(error, ContainerBodyError):
        members = {"ErrorCode": "StreamBroken", "Message": "The model closed the connection."}
    else:
        text = "The stream processing failed. Try your request again."
        return event_stream.exception("InternalStreamFailure", {"Message": text})
    return event_stream.exception("ModelStreamError", members)


async def _send(send: Send, data: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": more})
