"""The gateway as a web application: reads a body, calls a function on a worker, answers, logs.

Not: any rule of API Gateway; those are pure functions in method_request, integration_request and
integration_response.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aws_lambda_powertools import Logger
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gateway import integration_response, openapi, request_ids
from gateway.api_keys import ApiKeys
from gateway.deployment import Deployment
from gateway.gateway_response import (
    BODILESS,
    CONTENT_TOO_LONG,
    DEFAULT_5XX,
    INTEGRATION_TIMEOUT,
    LARGEST_BODY,
    Answer,
    RefusedError,
)
from gateway.integration_request import Api, decode, proxy_event
from gateway.lambda_client import Functions, Lambda
from gateway.method_request import (
    Admitted,
    check_body,
    check_declared_length,
    check_parameters,
    find_api_key,
    find_route,
    parse_query,
)
from gateway.request import Request
from gateway.request_ids import RequestIds
from gateway.settings import Settings
from riskstack.contract.fault import place

DEFINITION = Path(__file__).with_name("openapi.yaml")

WORKERS = 64
"""Calls to functions at once, each with a thread and a connection; more wait for their turn."""


class DisconnectedError(Exception):
    """The caller went away before the end of its request: there is nobody to answer."""


def create_app(settings: Settings, definition: str) -> FastAPI:
    """Build the application that runs an API's definition.

    Raises:
        DefinitionError: the definition cannot be run.
    """
    deployment = openapi.read(definition, openapi.Account(settings.region, settings.account_id))
    functions = Lambda(settings.region, deployment.timeouts, WORKERS)
    gateway = Gateway(settings, deployment, functions)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        gateway.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    # a route of Starlette's would not see a path with an encoded line end
    app.router.default = gateway
    return app


class Gateway:
    """Answers every request but those for its own health, as an ASGI application."""

    def __init__(self, settings: Settings, deployment: Deployment, functions: Functions) -> None:
        self._deployment = deployment
        self._functions = functions
        self._keys = ApiKeys(settings.api_keys)
        self._api = Api(
            account_id=settings.account_id,
            api_id=deployment.api_id,
            deployment_id=deployment.deployment_id,
            stage=settings.stage,
        )
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="integration")
        self._logger = Logger(service="gateway", level=settings.log_level, location=None)

    def close(self) -> None:
        """Start no more calls, and close the connections to functions."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._functions.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and write its log line."""
        started = time.perf_counter()
        arrived = datetime.now(UTC)
        request = Request.from_scope(scope)
        ids = request_ids.make(
            request.header("x-amzn-requestid"), request.header("x-amzn-trace-id")
        )
        entry: dict[str, object] = {"request_id": ids.request, "route": None}
        try:
            admitted = self._admit(request, entry)
            body = await read_body(receive)
            answer = await self._integrate(admitted, ids, arrived, body)
            answer.headers.append((b"X-Amzn-Trace-Id", ids.trace.encode("latin-1")))
        except RefusedError as refusal:
            answer = refusal.response.answer()
            entry["cause"] = str(refusal)
        except DisconnectedError:
            self._logger.info("disconnected", extra=entry)
            return
        except Exception as error:  # noqa: BLE001 - the last resort: told in the log
            self._logger.error("failed", extra=entry | place(error))
            answer = DEFAULT_5XX.answer()
        await _send(send, answer, ids)
        entry["status"] = answer.status
        entry["latency_ms"] = round((time.perf_counter() - started) * 1000, 2)
        self._logger.info("request", extra=entry)

    def _admit(self, request: Request, entry: dict[str, object]) -> Admitted:
        """Do the checks that need no body, and note for the log what they find."""
        check_declared_length(request)
        route, path_parameters = find_route(request, self._deployment, self._api.stage)
        entry["route"] = route.name
        api_key = find_api_key(request, route, self._keys)
        entry["api_key_id"] = api_key and api_key.key_id
        query = parse_query(request.query)
        check_parameters(request, route, query)
        return Admitted(request, route, path_parameters, query, api_key)

    async def _integrate(
        self, admitted: Admitted, ids: RequestIds, arrived: datetime, body: bytes
    ) -> Answer:
        """Wait for the function, no longer than its integration's timeout in all."""
        running = asyncio.get_running_loop().run_in_executor(
            self._workers, self._call, admitted, ids, arrived, body
        )
        try:
            return await asyncio.wait_for(running, admitted.route.timeout)
        except TimeoutError:
            raise RefusedError(INTEGRATION_TIMEOUT, "the function was too slow") from None

    def _call(self, admitted: Admitted, ids: RequestIds, arrived: datetime, body: bytes) -> Answer:
        """Check the body, call the function, read its answer: on a worker, a body may be long."""
        text = decode(body)
        check_body(admitted, text)
        event = json.dumps(proxy_event(admitted, self._api, ids, arrived, text)).encode()
        route = admitted.route
        payload = self._functions.invoke(route.function_arn, event, route.timeout)
        return integration_response.answer(payload)


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
