"""Lambda's Invoke API for one function.

Facts: botocore's service model `lambda/2015-03-31`, operation Invoke.
"""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI, Request, Response

from riskstack.emulator.function import Function, invoke, timed_out
from riskstack.emulator.poller import Poller

LARGEST_PAYLOAD = 6_291_556
"""Bytes of a synchronous invocation (Lambda developer guide, "Lambda quotas": 6 MB)."""
CONCURRENCY = 16
"""Invocations at once; more wait for their turn."""


class InvokeError(Exception):
    """An Invoke call that Lambda refuses: its error type, status and text."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


def create_app(function: Function, poller: Poller | None) -> FastAPI:
    """Build the service around a function and the poller of its stream, if it has one."""
    workers = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="invocation")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if poller:
            poller.start()
        yield
        if poller:
            await asyncio.to_thread(poller.stop)
        workers.shutdown()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.get("/health")
    async def health() -> Response:
        alive = poller is None or poller.alive
        return Response(
            json.dumps({"status": "ok" if alive else "the poller ended: see the log"}),
            200 if alive else 503,
            media_type="application/json",
        )

    @app.post("/2015-03-31/functions/{name:path}/invocations")
    async def invocation(name: str, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        try:
            check_invocation(function, name, request.headers, request.query_params)
            event = parse_event(await request.body())
            client_context = parse_client_context(request.headers.get("x-amz-client-context"))
        except InvokeError as error:
            return Response(
                json.dumps({"Type": "User", "Message": str(error)}),
                error.status,
                {"x-amzn-errortype": error.kind, "x-amzn-requestid": request_id},
                "application/json",
            )
        running = asyncio.get_running_loop().run_in_executor(
            workers, invoke, function, event, request_id, client_context
        )
        try:
            result = await asyncio.wait_for(running, function.timeout)
        except TimeoutError:
            result = timed_out(function, request_id)
        headers = {"x-amzn-requestid": request_id, "x-amz-executed-version": "$LATEST"}
        if result.error:
            headers["x-amz-function-error"] = result.error
        return Response(result.payload, 200, headers, "application/json")

    return app


def check_invocation(
    function: Function, name: str, headers: Mapping[str, str], query: Mapping[str, str]
) -> None:
    """Refuse an invocation of another function, or one of a kind that is not emulated.

    Raises:
        InvokeError: with Lambda's error type and status.
    """
    base, _, qualifier = name.removeprefix(function.arn.removesuffix(function.name)).partition(":")
    if base != function.name:
        raise InvokeError(
            "ResourceNotFoundException",
            404,
            f"Function not found: {name}; this endpoint serves {function.arn}",
        )
    if query.get("Qualifier", qualifier or "$LATEST") != "$LATEST":
        raise InvokeError(
            "ResourceNotFoundException", 404, "versions and aliases are not emulated: use $LATEST"
        )
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    if kind != "RequestResponse":
        raise InvokeError(
            "InvalidParameterValueException", 400, f"the invocation type {kind} is not emulated"
        )
    if headers.get("x-amz-log-type", "None") != "None":
        raise InvokeError(
            "InvalidParameterValueException",
            400,
            "LogType Tail is not emulated: see make logs",
        )


def parse_event(body: bytes) -> Any:  # noqa: ANN401 - an event is any JSON
    """Read the payload of an invocation; none is an empty object.

    Raises:
        InvokeError: it is too large or not JSON.
    """
    if len(body) > LARGEST_PAYLOAD:
        raise InvokeError(
            "RequestTooLargeException",
            413,
            f"Request must be smaller than {LARGEST_PAYLOAD} bytes for the InvokeFunction "
            "operation",
        )
    try:
        return json.loads(body or b"{}")
    except ValueError as error:
        raise InvokeError(
            "InvalidRequestContentException",
            400,
            f"Could not parse request body into json: {error}",
        ) from None


def parse_client_context(header: str | None) -> SimpleNamespace | None:
    """Read X-Amz-Client-Context: base64 of JSON with `client`, `custom` and `env`.

    Raises:
        InvokeError: it is neither.
    """
    if header is None:
        return None
    try:
        context = json.loads(base64.b64decode(header, validate=True))
        client = context.get("client") or {}
        return SimpleNamespace(
            client=SimpleNamespace(**client), custom=context.get("custom"), env=context.get("env")
        )
    except (ValueError, AttributeError, TypeError):
        raise InvokeError(
            "InvalidRequestContentException",
            400,
            "Client context must be a valid Base64-encoded JSON object.",
        ) from None
