"""One invocation over HTTP: from the headers of a request to the answer or the refusal.

It is plain ASGI, and reads the headers once: all of this costs less than a prediction.
"""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from model_server.logs import place
from model_server.script.errors import ScriptError
from model_server.serving.errors import STATUS
from model_server.serving.invocation import Invocation
from model_server.serving.metrics import LEFT, Metrics
from model_server.serving.servable import Answer, Servable
from model_server.serving.slices import LARGE_BYTES, Slices
from model_server.serving.wire import (
    Disconnected,
    Header,
    SlowBodyError,
    check_size,
    read_body,
    respond,
)

ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
STATUSES: Mapping[type[Exception], HTTPStatus] = {
    **STATUS,
    ScriptError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SlowBodyError: HTTPStatus.REQUEST_TIMEOUT,
}
_REFUSALS = tuple(STATUSES)
_TEXT = "text/plain; charset=utf-8"

logger = logging.getLogger(__name__)


class Invocations:
    """The ASGI application of /invocations."""

    def __init__(
        self, find: Callable[[], Servable], metrics: Metrics, slices: Slices, max_body_bytes: int
    ) -> None:
        """Take what finds the model for each request, or raises an error that has a status."""
        self._find = find
        self._metrics = metrics
        self._slices = slices
        self._limit = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        status = LEFT
        responding = False
        begun = self._metrics.begin()
        extra: tuple[Header, ...] = ()
        try:
            model = self._find()
            extra = _version(model.version)
            answer = await self._answer(model, scope, receive)
            status = answer.status
            responding = True
            await respond(send, status, answer.content_type, answer.body, (*extra, *answer.headers))
        except Disconnected:
            pass
        except _REFUSALS as error:
            status = STATUSES[type(error)]
            # not the message: it quotes the applicant's data
            logger.warning("refused", extra={"status": status, "error": type(error).__name__})
            await respond(send, status, _TEXT, f"{error}\n".encode(), extra)
        except Exception as error:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            logger.error("unforeseen", extra={"exception": place(error)})
            if responding:
                raise  # and the web server ends the connection
            await respond(send, status, _TEXT, b"an unforeseen error: see the log\n", extra)
        finally:
            self._metrics.end(begun, status)

    async def _answer(self, model: Servable, scope: Scope, receive: Receive) -> Answer:
        content_type = accept = attributes = ""
        size = None
        headers = scope["headers"]
        for name, value in headers:
            if name == b"content-type":
                content_type = value.decode("latin-1")
            elif name == b"content-length":
                size = int(value)
            elif name == b"accept":
                accept = value.decode("latin-1")
            elif name == ATTRIBUTES:
                attributes = value.decode("latin-1")
        if size is not None and size <= LARGE_BYTES:
            body = await read_body(receive, self._limit)
            return await model.answer(Invocation(content_type, accept, attributes, body), headers)
        check_size(size or 0, self._limit)
        async with self._slices.admission:
            body = await read_body(receive, self._limit)
            return await model.answer(Invocation(content_type, accept, attributes, body), headers)


@lru_cache(maxsize=64)
def _version(version: str) -> tuple[Header, ...]:
    return ((ATTRIBUTES, b"model-version=" + version.encode()),) if version else ()
