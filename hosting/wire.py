"""The runtime API over HTTP: an ASGI request in, AWS's headers and bodies out.

Plain ASGI, for on this path the work of a framework would cost more than all the rest.
"""

import json
import uuid
from http import HTTPStatus
from time import perf_counter_ns
from typing import TypeAlias

from aws_lambda_powertools import Logger
from starlette.types import Receive, Scope, Send

from hosting.container import ContainerAnswer
from hosting.errors import ERRORS, InternalFailureError, ModelError, ServiceError, ValidationError
from hosting.invocation import PAYLOAD_LIMIT
from hosting.runtime import Measures, Request, Runtime
from riskstack.contract.fault import place

Reply: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
"""A status, headers and a body."""


class ClientGoneError(Exception):
    """The client closed its connection before it had sent its whole request: nothing to do."""


class InvokeEndpoint:
    """`POST /endpoints/{endpoint_name}/invocations`."""

    def __init__(self, log: Logger) -> None:
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an invocation, then write its log line."""
        started = perf_counter_ns()
        try:
            body, size = await read_body(receive)
        except ClientGoneError:
            return
        request = Request(
            request_id=str(uuid.uuid4()),
            endpoint_name=scope["path_params"]["endpoint_name"],
            headers=scope["headers"],
            body=body,
            size=size,
        )
        measures = Measures()
        failure: ServiceError | None = None
        try:
            reply = await _invoke(scope["state"]["runtime"], request, measures)
        except ServiceError as error:
            failure = error
            reply = error_reply(error)
        except Exception as error:  # noqa: BLE001 - the API's last resort: told in the log, and to the client
            self._log.error(
                "internal failure", extra={"request_id": request.request_id, **place(error)}
            )
            failure = InternalFailureError(f"Hosting's log tells why, under {request.request_id}.")
            reply = error_reply(failure)
        await send_reply(send, request.request_id, reply)
        spent_us = (perf_counter_ns() - started) // 1000
        self._log.info(
            "invocation",
            extra={
                "request_id": request.request_id,
                "endpoint": request.endpoint_name,
                "variant": measures.variant,
                "status": reply[0],
                "model_latency_us": measures.model_latency_us,
                "overhead_latency_us": spent_us - measures.model_latency_us,
                **_facts(failure, measures),
            },
        )


class NotSupported:
    """An operation of the runtime API that these endpoints are not for: refused by its name."""

    def __init__(self, operation: str, reason: str) -> None:
        self._operation = operation
        self._reason = reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse."""
        try:
            await read_body(receive)
        except ClientGoneError:
            return
        name = scope["path_params"]["endpoint_name"]
        text = f"Endpoint {name} does not support {self._operation}: {self._reason}."
        await send_reply(send, str(uuid.uuid4()), error_reply(ValidationError(text)))


async def read_body(receive: Receive) -> tuple[bytes, int]:
    """Read a request's body to its end, and give it with its size in bytes.

    Of a body over the limit the rest is read and dropped: a client that is still sending when the
    answer comes would report a broken connection instead of the error.

    Raises:
        ClientGoneError: the client went away first.
    """
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size <= PAYLOAD_LIMIT:
            pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces), size


async def send_reply(send: Send, request_id: str, reply: Reply) -> None:
    """Send a reply under its request's id."""
    status, headers, body = reply
    headers = [
        (b"x-amzn-requestid", request_id.encode()),
        *headers,
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def error_reply(error: ServiceError) -> Reply:
    """Give the reply that tells of an error, as SDKs read it (botocore, parsers.py)."""
    status, code = ERRORS[type(error)]
    headers = [(b"x-amzn-errortype", code.encode()), (b"content-type", b"application/json")]
    return status, headers, json.dumps(error.members()).encode()


async def _invoke(runtime: Runtime, request: Request, measures: Measures) -> Reply:
    variant, answer = await runtime.invoke_endpoint(request, measures)
    headers = [(b"x-amzn-invoked-production-variant", variant.name.encode()), *_passed_on(answer)]
    return HTTPStatus.OK.value, headers, answer.body


def _passed_on(answer: ContainerAnswer) -> list[tuple[bytes, bytes]]:
    """Give the headers of a container that reach the client, to the byte."""
    return [
        (name, value.encode("utf-8", "surrogateescape"))
        for name, value in (
            (b"content-type", answer.content_type),
            (b"x-amzn-sagemaker-custom-attributes", answer.custom_attributes),
        )
        if value is not None
    ]


def _facts(failure: ServiceError | None, measures: Measures) -> dict[str, object]:
    """Give what the log tells of a failure, without the words of the container or the client."""
    if failure is None:
        return {}
    facts: dict[str, object] = {"error": ERRORS[type(failure)][1]}
    if isinstance(failure, ModelError):
        facts["original_status"] = failure.original_status
        facts["reason"] = measures.failure
    elif isinstance(failure, ValidationError):
        facts["members"] = failure.at_fault
    else:
        facts["reason"] = failure.message
    return facts
