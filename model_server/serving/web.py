"""The HTTP of the container: /ping and /invocations.

/invocations is plain ASGI inside the FastAPI application: its overhead is a good part of a
prediction's time.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from fastapi import FastAPI, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from model_server.serving.errors import STATUS, TooLargeError
from model_server.serving.invocation import Invocation, Prediction, prepare
from model_server.serving.readiness import Readiness

MAX_BODY_BYTES = 25 * 1024 * 1024
"""SageMaker's limit of a payload at a real-time endpoint."""
INLINE_BYTES = 16_384
INLINE_EXPLAINED_BYTES = 1_024
"""Larger bodies are predicted off the event loop; below, the way there costs more than it frees."""
ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"

logger = logging.getLogger(__name__)


class Disconnected(Exception):  # noqa: N818 - an event, not an error
    """The client left before its body was in: there is nobody to answer."""


def create_app(readiness: Readiness) -> FastAPI:
    """Build the application; its lifespan loads the model in the background."""
    pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="predict")

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(readiness.load())
        yield
        loading.cancel()
        pool.shutdown(cancel_futures=True)

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,
        routes=[Route("/invocations", Invocations(readiness, pool), methods=["POST"])],
    )

    @app.api_route("/ping", methods=["GET", "POST"])
    async def ping() -> Response:
        return Response(
            status_code=HTTPStatus.OK if readiness.ready else HTTPStatus.SERVICE_UNAVAILABLE
        )

    return app


class Invocations:
    """The ASGI application behind POST /invocations."""

    def __init__(self, readiness: Readiness, pool: ThreadPoolExecutor) -> None:
        self._readiness = readiness
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        version = None
        try:
            model = self._readiness.model()
            version = model.version
            body = await _body(receive)
            if not body:
                await _respond(send, HTTPStatus.NO_CONTENT, None, b"", version)
                return
            prediction = prepare(
                model,
                Invocation(
                    content_type=headers.get(b"content-type", b"").decode("latin-1"),
                    accept=headers.get(b"accept", b"").decode("latin-1"),
                    attributes=headers.get(ATTRIBUTES, b"").decode("latin-1"),
                    body=body,
                ),
            )
            parts = await self._parts(prediction)
        except Disconnected:
            return
        except tuple(STATUS) as error:
            status = STATUS[type(error)]
            # not the message: it quotes the applicant's data
            logger.warning("refused", extra={"status": status, "error": type(error).__name__})
            text = f"{error}\n".encode()
            await _respond(send, status, "text/plain; charset=utf-8", text, version)
            return
        writer = prediction.writer
        await _respond(send, HTTPStatus.OK, writer.content_type, writer.whole(parts), version)

    async def _parts(self, prediction: Prediction) -> list[str]:
        limit = INLINE_EXPLAINED_BYTES if prediction.explained else INLINE_BYTES
        parts = prediction.parts()
        if len(prediction.body) <= limit:
            return list(parts)
        return [part async for part in self._off_the_loop(parts)]

    async def _off_the_loop(self, parts: Iterator[str]) -> AsyncIterator[str]:
        """Take a part at a time, so that others get a turn and a shutdown need not wait for all."""
        loop = asyncio.get_running_loop()
        while (part := await loop.run_in_executor(self._pool, next, parts, None)) is not None:
            yield part


async def _body(receive: Receive) -> bytes:
    """Read the body. Raises TooLargeError as soon as it is, and Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        # the usual case: a small body comes in one message
        body: bytes = message.get("body", b"")
        _check_size(len(body))
        return body
    chunks = []
    size = 0
    while message["type"] == "http.request":
        chunk = message.get("body", b"")
        size += len(chunk)
        _check_size(size)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    raise Disconnected


def _check_size(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise TooLargeError(f"the body is over {MAX_BODY_BYTES} bytes")


async def _respond(
    send: Send, status: HTTPStatus, content_type: str | None, body: bytes, version: str | None
) -> None:
    """Send an answer with its length, without which SageMaker's asynchronous inference fails."""
    headers = []
    if status is not HTTPStatus.NO_CONTENT:  # which has none (RFC 9110, section 8.6)
        headers.append((b"content-length", str(len(body)).encode()))
    if content_type:
        headers.append((b"content-type", content_type.encode()))
    if version:
        headers.append((ATTRIBUTES, b"model-version=" + version.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
