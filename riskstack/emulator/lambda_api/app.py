"""The service as a web application: Invoke at once, everything else through FastAPI.

A framework's way to a handler takes longer than an invocation may, so the application that the
server runs looks for Invoke calls before anything else does.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from riskstack.emulator.lambda_api import operations
from riskstack.emulator.lambda_api.control import Control, json_answer
from riskstack.emulator.lambda_api.errors import ApiError, not_emulated
from riskstack.emulator.lambda_api.invocations import Invocations, is_invocation
from riskstack.emulator.lambda_api.metrics import CONTENT_TYPE
from riskstack.emulator.lambda_api.service import Service


class Counters(Protocol):
    """What one event source mapping has counted."""

    def values(self) -> Mapping[str, float]:
        """Give every value by its name in CloudWatch."""


class Polling(Protocol):
    """What reads the streams of a function and invokes it."""

    @property
    def alive(self) -> bool:
        """Whether every stream is being read."""

    @property
    def counters(self) -> Sequence[Counters]:
        """What each mapping has counted."""

    def start(self) -> None:
        """Begin to read."""

    def stop(self) -> None:
        """End after the invocations under way."""


class Application:
    """The ASGI application that the server runs."""

    def __init__(self, service: Service, pollers: Polling | None) -> None:
        self._invocations = Invocations(service)
        self._others = _others(service, pollers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "http" and is_invocation(scope):
            await self._invocations(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def create_app(service: Service, pollers: Polling | None = None) -> Application:
    """Build the application around a function and what reads its streams, if it has any."""
    if pollers:
        service.metrics.mappings = lambda: [counters.values() for counters in pollers.counters]
    return Application(service, pollers)


def _others(service: Service, pollers: Polling | None) -> FastAPI:
    """Build what answers everything but Invoke."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        if pollers:
            pollers.start()
        # what is here now stays: the collector, which pauses invocations, need not look at it
        gc.freeze()
        yield
        if pollers:
            await asyncio.to_thread(pollers.stop)
        await service.stop()

    routes = Control(service.function).routes()
    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False, routes=list(routes))

    @app.get("/health")
    async def health() -> Response:
        status = "ok"
        if service.fault:
            status = f"the function is not loaded: {service.fault}"
        elif pollers and not pollers.alive:
            status = "a poller ended: see the log"
        code = HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
        return json_answer({"status": status}, code)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(service.metrics.text(), media_type=CONTENT_TYPE)

    @app.exception_handler(ApiError)
    async def refused(_: Request, error: ApiError) -> Response:
        answer = json_answer(error.body, error.status)
        answer.headers["x-amzn-errortype"] = error.kind
        return answer

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    async def anything_else(request: Request) -> Response:
        operation = operations.name(request.method, request.url.path, request.url.query)
        raise not_emulated(operation or f"{request.method} {request.url.path}")

    return app
