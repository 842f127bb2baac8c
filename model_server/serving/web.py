"""The container's HTTP with one model: /invocations at once, everything else through FastAPI.

A framework's way to a handler takes longer than a prediction, so the application that the server
runs looks for invocations before anything else does.
"""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from model_server.serving import operation
from model_server.serving.invocations import Invocations
from model_server.serving.metrics import Metrics
from model_server.serving.readiness import Readiness
from model_server.serving.self_test import SelfTest
from model_server.serving.slices import Slices


class Application:
    """The ASGI application that the server runs."""

    def __init__(self, invocations: ASGIApp, others: ASGIApp) -> None:
        self._invocations = invocations
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope.get("path") == "/invocations" and scope["method"] == "POST":
            await self._invocations(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def create_app(
    readiness: Readiness, metrics: Metrics, slices: Slices, max_body_bytes: int
) -> Application:
    """Build the application; its lifespan loads the model in the background, and then tests it."""
    test = SelfTest(readiness.model)
    invocations = Invocations(readiness.model, metrics, slices, max_body_bytes)

    async def load_and_test() -> None:
        await readiness.load()
        # what is here now stays: the collector, which pauses requests, need not look at it again
        gc.freeze()
        await test.run()

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        background = asyncio.create_task(load_and_test())
        yield
        background.cancel()
        slices.close()
        readiness.close()

    others = operation.create_app(
        lambda: test.healthy,
        metrics,
        max_body_bytes,
        # for the refusal of other methods
        routes=[Route("/invocations", invocations, methods=["POST"])],
        lifespan=lifespan,
    )
    return Application(invocations, others)
