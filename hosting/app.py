"""The service put together: settings and declaration in, an application out."""

import random
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypedDict
from uuid import uuid4

from aws_lambda_powertools import Logger
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hosting.container import connect
from hosting.declaration import check_containers, read_endpoints
from hosting.runtime import Account, Runtime
from hosting.settings import Settings
from hosting.watch import WatchedContainer
from hosting.wire import InvokeEndpoint, NotSupported

ENDPOINT = "/endpoints/{endpoint_name}"

NOT_SUPPORTED = (
    ("async-invocations", "InvokeEndpointAsync", "it has no AsyncInferenceConfig"),
    (
        "invocations-response-stream",
        "InvokeEndpointWithResponseStream",
        "its answers are not streamed",
    ),
)
"""Paths below an endpoint's, the operation of each, and why it is refused."""


class State(TypedDict):
    """What the application hands to its requests."""

    runtime: Runtime


def create_app(
    settings: Settings,
    log: Logger,
    draw: Callable[[], float] = random.random,
) -> FastAPI:
    """Make the application that serves the declared endpoints.

    Raises:
        DeclarationError: the declaration or CONTAINERS cannot be served.
    """
    endpoints = read_endpoints(settings.endpoints_file)
    check_containers(endpoints.values(), settings.containers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        async with (
            connect(settings.containers, settings.invocation_timeout_s) as clients,
            TaskGroup() as watches,
        ):
            containers = {
                model: WatchedContainer(model, client, log) for model, client in clients.items()
            }
            tasks = [watches.create_task(each.watch()) for each in containers.values()]
            account = Account(settings.account_id, settings.region)
            yield {"runtime": Runtime(account, endpoints, containers, draw)}
            for task in tasks:
                task.cancel()

    app = FastAPI(
        title="SageMaker hosting",
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={
            HTTPStatus.NOT_FOUND: _unknown_operation,
            HTTPStatus.METHOD_NOT_ALLOWED: _unknown_operation,
        },
    )
    app.router.routes += [
        Route("/health", _health, methods=["GET"]),
        Route(f"{ENDPOINT}/invocations", InvokeEndpoint(log), methods=["POST"]),
        *(
            Route(f"{ENDPOINT}/{path}", NotSupported(operation, reason), methods=["POST"])
            for path, operation, reason in NOT_SUPPORTED
        ),
    ]
    return app


async def _health(request: Request) -> JSONResponse:
    """Answer 200 when every container is healthy, else 503 with those that are not."""
    runtime: Runtime = request.state.runtime
    if not_healthy := runtime.not_healthy():
        return JSONResponse(
            {"status": "unavailable", "containers": not_healthy}, HTTPStatus.SERVICE_UNAVAILABLE
        )
    return JSONResponse({"status": "ok"})


async def _unknown_operation(_request: Request, _error: Exception) -> Response:
    """Answer a path or method that is no operation, as AWS does."""
    return Response(
        "<UnknownOperationException/>\n",
        HTTPStatus.NOT_FOUND,
        {"x-amzn-RequestId": str(uuid4()), "x-amzn-errortype": "UnknownOperationException"},
    )
