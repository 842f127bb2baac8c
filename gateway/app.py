"""The gateway as a web application: HTTP in and out of the pipeline.

FastAPI serves what is the gateway's own, its health and its metrics; all else goes to the pipeline
as it arrived, for a router would decode the path, and nothing else is needed on that way.
Not: any rule of API Gateway.
"""

import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aws_lambda_powertools import Logger
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import metrics, openapi, request_ids, stage_template
from gateway.access_log import AccessLog, FormatError
from gateway.api import Account, Api
from gateway.authorization import Authorization
from gateway.body import DisconnectedError, read_body
from gateway.declaration import StageError
from gateway.exchange import Exchange
from gateway.gateway_response import BODILESS, Answer
from gateway.http_backend import HttpBackends
from gateway.integration import Backends
from gateway.lambda_client import Lambda
from gateway.metering import Meter
from gateway.pipeline import Pipeline
from gateway.request import Request
from gateway.request_ids import RequestIds
from gateway.settings import OWN_PATHS, Settings
from gateway.stage_template import Declared


def declared(settings: Settings) -> Declared:
    """Read the API that the templates declare.

    Raises:
        StageError: it cannot be served.
    """
    account = Account(settings.region, settings.account_id)
    return stage_template.read(settings.template, account, settings.stage, settings.api_keys)


def create_app(settings: Settings, api: Declared) -> "Front":
    """Build the application that runs an API.

    Raises:
        DefinitionError: its definition cannot be run.
        StageError: its access log cannot be written, or it speaks of methods that are not there.
    """
    pipeline = create_pipeline(settings, api)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # what is here now stays: the collector, which pauses requests, need not look at it
        gc.freeze()
        yield
        pipeline.close()

    own = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)

    @own.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @own.get("/metrics")
    async def metrics_text() -> Response:
        return Response(pipeline.metrics.text(), media_type=metrics.CONTENT_TYPE)

    return Front(own, pipeline)


def create_pipeline(settings: Settings, declared_api: Declared) -> Pipeline:
    """Build the pipeline of an API; see `create_app`."""
    stage = declared_api.stage
    definition = openapi.read(declared_api.definition, stage.variables)
    routes = {route.key for route in definition.deployment.routes}
    if unknown := sorted(stage.named_routes() - routes):
        raise StageError(f"{unknown[0]}: is limited or measured, and no method of the API")
    functions = Lambda(settings.region)
    try:
        access_log = stage.access_log and AccessLog(stage.access_log)
    except FormatError as error:
        raise StageError(f"AccessLogSetting.Format: {error}") from None
    return Pipeline(
        Api(
            Account(settings.region, settings.account_id),
            definition.name,
            definition.deployment.api_id,
            definition.deployment.deployment_id,
            stage.name,
            stage.variables,
        ),
        definition,
        Meter(stage),
        Authorization(functions),
        Backends(functions, HttpBackends()),
        metrics.ApiMetrics(definition.name, stage),
        access_log or None,
        Logger(service="gateway", level=settings.log_level, location=None),
    )


@dataclass(frozen=True, slots=True)
class Front:
    """Answers every request, as an ASGI application."""

    own: ASGIApp
    pipeline: Pipeline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request: the gateway's own paths by FastAPI, all else by the pipeline."""
        if scope["type"] != "http" or scope["path"] in OWN_PATHS:
            await self.own(scope, receive, send)
            return
        started = time.perf_counter()
        pipeline = self.pipeline
        request = Request.from_scope(scope)
        ids = request_ids.make(
            request.header("x-amzn-requestid"), request.header("x-amzn-trace-id")
        )
        exchange = Exchange(pipeline.api, request, ids, time.time())
        try:
            answer = await pipeline.answer(exchange, partial(read_body, receive))
        except DisconnectedError:
            pipeline.disconnected(exchange)
            return
        await _send(send, answer, ids)
        pipeline.finish(exchange, answer, (time.perf_counter() - started) * 1000)


async def _send(send: Send, answer: Answer, ids: RequestIds) -> None:
    headers = [
        *answer.headers,
        (b"x-amzn-RequestId", ids.request.encode("latin-1")),
        (b"x-amz-apigw-id", ids.extended.encode()),
    ]
    if answer.status not in BODILESS:
        headers.append((b"Content-Length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
