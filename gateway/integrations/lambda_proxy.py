"""Lambda proxy integration: the request whole as an event, the answer as the function gives it.

Keys and their values: API Gateway developer guide, "Input format of a Lambda function for proxy
integration", and localstack's AWS-validated test_lambda_aws_proxy_integration.
"""

import base64
from dataclasses import dataclass, field
from typing import TypedDict

from pydantic_core import to_json

from gateway import integration_response
from gateway.context import RequestContext, request_context
from gateway.exchange import Exchange
from gateway.gateway_response import INTERNAL_SERVER_ERROR, Answer, RefusedError
from gateway.integration import Backends
from gateway.integrations.invocation import aside, call
from gateway.lambda_client import Target
from gateway.media_type import BinaryMediaTypes

_DROPPED = frozenset(
    {
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
        # these the gateway sets itself
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-port",
        "x-forwarded-proto",
    }
)
"""Headers that do not reach a function as they were sent (localstack `header_utils`)."""

_RENAMED = {"authorization": "Authorization", "user-agent": "User-Agent"}
"""Headers that a function sees in one case, however they were sent (the same test)."""


class RequestParts(TypedDict):
    """What every event of a request holds."""

    resource: str
    path: str
    httpMethod: str
    headers: dict[str, str]
    multiValueHeaders: dict[str, list[str]]
    queryStringParameters: dict[str, str] | None
    multiValueQueryStringParameters: dict[str, list[str]] | None
    pathParameters: dict[str, str] | None
    stageVariables: dict[str, str] | None
    requestContext: RequestContext


class ProxyEvent(RequestParts):
    """The event of a Lambda proxy integration (REST API, payload 1.0)."""

    body: str | None
    isBase64Encoded: bool


@dataclass(frozen=True, slots=True)
class LambdaProxy:
    """A function that gets events and gives proxy responses."""

    target: Target
    binary: BinaryMediaTypes = field(default_factory=BinaryMediaTypes)
    is_traced: bool = True

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        """Call the function and give the answer that it stands for.

        Raises:
            RefusedError: it failed, was too slow or could not be called, or gave no response.
        """
        size = len(exchange.body)
        payload = await aside(size, lambda: self.event(exchange))
        invocation = await call(exchange, backends.functions, self.target, payload)
        if invocation.function_error is not None:
            raise RefusedError(
                INTERNAL_SERVER_ERROR, f"function error: {invocation.function_error}"
            )
        accepts_binary = self.binary.hold(exchange.request.header("accept"))
        answer = await aside(
            len(invocation.payload),
            lambda: integration_response.answer(invocation.payload, accepts_binary=accepts_binary),
        )
        exchange.integration_status = answer.status
        return answer

    def event(self, exchange: Exchange) -> bytes:
        """Write the function's event."""
        is_binary = self.binary.hold(exchange.request.header("content-type"))
        return to_json(proxy_event(exchange, is_binary=is_binary))


def proxy_event(exchange: Exchange, *, is_binary: bool = False) -> ProxyEvent:
    """Build the event of an admitted request; its body as text, or as base64 where it is binary.

    What is not UTF-8 becomes replacement characters (developer guide, "Content type conversions").
    """
    if is_binary:
        body = base64.b64encode(exchange.body).decode()
    else:
        body = exchange.body.decode("utf-8", "replace")
    return {
        **request_parts(exchange),
        "body": body or None,
        "isBase64Encoded": is_binary and bool(body),
    }


def request_parts(exchange: Exchange) -> RequestParts:
    """Build what every event of a request holds."""
    request, route = exchange.request, exchange.route
    assert route is not None  # noqa: S101 - there is no event without a route
    multi_headers = _headers(exchange)
    multi_query: dict[str, list[str]] = {}
    for name, value in exchange.query:
        multi_query.setdefault(name, []).append(value)
    return {
        "resource": route.resource,
        "path": request.resource_path,
        "httpMethod": request.method,
        # where there are several values, the last is the one
        "headers": {name: values[-1] for name, values in multi_headers.items()},
        "multiValueHeaders": multi_headers,
        "queryStringParameters": dict(exchange.query) or None,
        "multiValueQueryStringParameters": multi_query or None,
        "pathParameters": exchange.path_parameters or None,
        "stageVariables": dict(exchange.api.stage_variables) or None,
        "requestContext": request_context(exchange),
    }


def _headers(exchange: Exchange) -> dict[str, list[str]]:
    request = exchange.request
    headers: dict[str, list[str]] = {}
    forwarded = []
    for sent, value in request.headers:
        lower = sent.lower()
        if lower == "x-forwarded-for":
            forwarded.append(value)
        if lower not in _DROPPED:
            headers.setdefault(_RENAMED.get(lower, sent), []).append(value)
    headers["X-Amzn-Trace-Id"] = [exchange.ids.trace]
    headers["X-Forwarded-For"] = [", ".join([*forwarded, request.client])]
    headers["X-Forwarded-Port"] = [str(request.port)]
    headers["X-Forwarded-Proto"] = [request.scheme]
    return headers
