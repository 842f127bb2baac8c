"""AWS's JSON 1.1 protocol: `POST /`, the operation's name in X-Amz-Target, documents both ways.

This is the form in which control and jobs offer their operations. Not: what an operation does.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import isfinite
from typing import Any, TypeAlias
from uuid import uuid4

from aws_lambda_powertools import Logger
from botocore.model import OperationNotFoundError, ServiceModel
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from hosting.control.api_errors import (
    ERRORS,
    ApiError,
    InternalFailureError,
    InternalServiceError,
    SerializationError,
    UnknownOperationError,
)
from hosting.control.input_shape import check_input
from hosting.control.members import Members
from hosting.store import Document
from riskstack.contract.fault import place

_READS = re.compile(r"\.(Describe|List)")

_MODELLED_FAULT = "InternalServiceException"

CONTENT_TYPE = "application/x-amz-json-1.1"

Request: TypeAlias = Mapping[str, Any]
"""What keeps the service model: its members have the types of their shapes."""

Call: TypeAlias = Callable[[Request], Awaitable[Document]]
"""Gets what the client sent, once it keeps the service model, and gives the answer's members.

Timestamps are seconds since the epoch, both ways. An operation without an output gives `{}`.
Raises ApiError.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that is emulated, and the members of its input that are."""

    call: Call
    members: Members | None = None
    """None where the operation itself refuses the members that it does not know."""


Operations: TypeAlias = Mapping[str, Operation]
"""Operations by their names: `CreateModel` ..."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of AWS: its model, and the operations of it that are emulated."""

    model: ServiceModel
    operations: Operations


class JsonProtocol:
    """Answers `POST /` for several services."""

    def __init__(self, services: list[Service], log: Logger) -> None:
        """Know each service by its prefix of X-Amz-Target (`SageMaker` ...)."""
        self._services = {service.model.metadata["targetPrefix"]: service for service in services}
        self._log = log

    async def answer(self, request: HttpRequest) -> Response:
        """Answer a call, and write its log line."""
        request_id = str(uuid4())
        target = request.headers.get("x-amz-target", "")
        body = await request.body()
        error: ApiError | None = None
        try:
            answer = await self._call(target, body)
        except ApiError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - the API's last resort: told in the log, and to the client
            self._log.error("internal failure", extra={"request_id": request_id, **place(failure)})
            text = f"Hosting's log tells why, under {request_id}."
            error = self._internal_failure(target)(text)
        if error is not None:
            return self._answer_error(request_id, target, error)
        # what only reads is asked again and again by those who wait for something
        write = self._log.debug if _READS.search(target) else self._log.info
        write("call", extra={"request_id": request_id, "target": target, "status": 200})
        # the SDKs expect no body where the model has no output (botocore: DeleteEndpoint ...)
        content = json.dumps(answer) if answer else ""
        return _response(request_id, HTTPStatus.OK, content)

    async def _call(self, target: str, body: bytes) -> Document:
        prefix, _, name = target.partition(".")
        service = self._services.get(prefix)
        if service is None:
            raise UnknownOperationError(f"{target} is no operation of this stack.")
        try:
            shape = service.model.operation_model(name).input_shape
        except OperationNotFoundError:
            raise UnknownOperationError(f"{target} is no operation of AWS.") from None
        operation = service.operations.get(name)
        if operation is None:
            raise UnknownOperationError(f"{name} is not supported by this stack.")
        document = _document(body)
        check_input(shape, document)
        if operation.members is not None:
            operation.members.check(name, document)
        return await operation.call(document)

    def _internal_failure(self, target: str) -> type[ApiError]:
        """Give what a service calls a fault of its own: its model's error, or AWS's common one."""
        service = self._services[target.partition(".")[0]]
        modelled = {shape.name for shape in service.model.error_shapes}
        return InternalServiceError if _MODELLED_FAULT in modelled else InternalFailureError

    def _answer_error(self, request_id: str, target: str, error: ApiError) -> Response:
        status, code = ERRORS[type(error)]
        self._log.info(
            "call",
            extra={"request_id": request_id, "target": target, "status": status, "error": code},
        )
        # the service models say Message, the protocol's own errors message; SDKs read either
        content = {"__type": code, "message": error.message, "Message": error.message}
        return _response(request_id, status, json.dumps(content))


def _document(body: bytes) -> Document:
    try:
        document = json.loads(
            body or b"{}", parse_constant=_finite, parse_float=_finite, parse_int=_whole
        )
        if not isinstance(document, dict):
            raise SerializationError("The body is not a JSON object.")
        return _without_nulls(document)
    except ValueError:
        raise SerializationError("The body is not JSON.") from None
    except RecursionError:
        raise SerializationError("The body is nested too deeply.") from None


def _finite(text: str) -> float:
    """Read a number; Python takes NaN and Infinity for JSON too, and makes the latter of 1e999."""
    number = float(text)
    if not isfinite(number):
        raise SerializationError("The body has a number that is not finite.")
    return number


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _without_nulls(document: dict[str, object]) -> dict[str, object]:
    """Leave out the members that are null: to the protocol they are not there."""
    return {name: _kept(value) for name, value in document.items() if value is not None}


def _kept(value: object) -> object:
    if isinstance(value, dict):
        return _without_nulls(value)
    return [_kept(item) for item in value] if isinstance(value, list) else value


def _response(request_id: str, status: int, content: str) -> Response:
    return Response(content, status, {"x-amzn-RequestId": request_id, "content-type": CONTENT_TYPE})
