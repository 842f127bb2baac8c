"""The runtime API as an application: which operation a request means, its reply, its log line.

How it is put together (`rest` is the application for everything else):

    runtime = Runtime(account, live_endpoints, store, lambda: boto3.client("s3"), log)
    app = RuntimeApi(runtime, log, rest)         # what uvicorn serves
    rest.router.routes += runtime_routes(runtime)
    async with runtime.running(): ...            # within the lifespan of `rest`
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from time import perf_counter_ns
from typing import TypeAlias

from aws_lambda_powertools import Logger
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hosting.runtime import metrics
from hosting.runtime.call import Measures, Request
from hosting.runtime.errors import (
    ERRORS,
    InternalFailureError,
    ModelError,
    ServiceError,
    ValidationError,
)
from hosting.runtime.invocation_log import InvocationLog
from hosting.runtime.runtime import Runtime
from hosting.runtime.streaming import StreamEndedError, stream_to_client
from hosting.runtime.wire import (
    ClientGoneError,
    Reply,
    answer_headers,
    error_reply,
    read_body,
    send_reply,
)
from riskstack.contract.fault import place
from riskstack.uuids import random_uuid

ENDPOINTS = "/endpoints/"

Operation: TypeAlias = Callable[[Request, Measures, Receive, Send], Awaitable[Reply | None]]
"""What an operation does; it gives no reply where it has sent its own."""


class RuntimeApi:
    """Takes the operations of the runtime API; the rest goes to another application."""

    def __init__(self, runtime: Runtime, log: Logger, rest: ASGIApp) -> None:
        self._runtime = runtime
        self._log = log
        self._lines = InvocationLog(log)
        self._rest = rest
        self._operations: Mapping[str, Operation] = {
            "invocations": self._invoke,
            "async-invocations": self._invoke_async,
            "invocations-response-stream": self._invoke_stream,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "POST":
            path: str = scope["path"]
            if path.startswith(ENDPOINTS):
                endpoint, _, name = path[len(ENDPOINTS) :].partition("/")
                operation = self._operations.get(name)
                if operation is not None:
                    await self._do(operation, endpoint, scope, receive, send)
                    return
        await self._rest(scope, receive, send)
        if scope["type"] == "lifespan":
            self.flush_log()

    def flush_log(self) -> None:
        """Write the lines of the invocations so far."""
        self._lines.flush()

    async def _do(
        self, operation: Operation, endpoint: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Do an operation, reply, and write the log line."""
        started = perf_counter_ns()
        try:
            body, size = await read_body(receive)
        except ClientGoneError:
            return
        request = Request(random_uuid(), endpoint, scope["headers"], body, size)
        measures = Measures()
        failure: ServiceError | None = None
        try:
            reply = await operation(request, measures, receive, send)
        except ServiceError as error:
            failure = error
            reply = error_reply(error)
        except Exception as error:  # noqa: BLE001 - the API's last resort: told in the log, and to the client
            self._log.error(
                "internal failure", extra={"request_id": request.request_id, **place(error)}
            )
            failure = InternalFailureError(f"Hosting's log tells why, under {request.request_id}.")
            reply = error_reply(failure)
        if reply is not None:
            await send_reply(send, request.request_id, reply)
        overhead_us = (perf_counter_ns() - started) // 1000 - measures.model_latency_us
        if measures.model_latency_us:
            of_variant = self._runtime.metrics.of(endpoint, measures.variant)
            of_variant.overhead_latency.observe(overhead_us)
        if self._lines.are_wanted:
            self._lines.write(
                {
                    "request_id": request.request_id,
                    "endpoint": endpoint,
                    "variant": measures.variant,
                    "status": HTTPStatus.OK.value if reply is None else reply[0],
                    "model_latency_us": measures.model_latency_us,
                    "overhead_latency_us": overhead_us,
                    **_facts(failure, measures),
                }
            )

    async def _invoke(
        self, request: Request, measures: Measures, _receive: Receive, _send: Send
    ) -> Reply:
        variant, answer = await self._runtime.invoke(request, measures)
        headers = answer_headers(variant.name, answer, b"content-type")
        return HTTPStatus.OK.value, headers, answer.body

    async def _invoke_async(
        self, request: Request, measures: Measures, _receive: Receive, _send: Send
    ) -> Reply:
        accepted = self._runtime.invoke_async(request, measures)
        headers = [
            (b"content-type", b"application/json"),
            (b"x-amzn-sagemaker-outputlocation", accepted.output_location.encode("latin-1")),
        ]
        if accepted.failure_location is not None:
            location = accepted.failure_location.encode("latin-1")
            headers.append((b"x-amzn-sagemaker-failurelocation", location))
        body = json.dumps({"InferenceId": accepted.inference_id}).encode()
        return HTTPStatus.ACCEPTED.value, headers, body

    async def _invoke_stream(
        self, request: Request, measures: Measures, receive: Receive, send: Send
    ) -> None:
        try:
            await stream_to_client(self._runtime, request, measures, receive, send)
        except StreamEndedError as error:
            self._log.warning(
                "stream ended", extra={"request_id": request.request_id, "reason": str(error)}
            )


def runtime_routes(runtime: Runtime) -> list[Route]:
    """Give the routes beside the API: the metrics, for Prometheus."""

    async def metrics_text(_request: HttpRequest) -> Response:
        return Response(runtime.metrics_text(), media_type=metrics.CONTENT_TYPE)

    return [Route("/metrics", metrics_text, methods=["GET"])]


def _facts(failure: ServiceError | None, measures: Measures) -> dict[str, object]:
    """Give what the log tells of a failure, without the words of the container or the client."""
    if failure is None:
        return {"reason": measures.failure} if measures.failure else {}
    facts: dict[str, object] = {"error": ERRORS[type(failure)][1]}
    if isinstance(failure, ModelError):
        facts["original_status"] = failure.original_status
        facts["reason"] = measures.failure
    elif isinstance(failure, ValidationError):
        facts["members"] = failure.at_fault
    else:
        facts["reason"] = failure.message
    return facts
