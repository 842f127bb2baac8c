"""The event that a function gets of an HTTP API: payload format 2.0.

Facts: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs", and
the recorded events of aws-lambda-developer-guide (sample-apps/nodejs-apig/event-v2.json) and of
aws/aws-lambda-java-libs#230: header names sorted, members without a value left out.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NotRequired, TypedDict
from urllib.parse import parse_qsl

from gateway.api import Api
from gateway.http_api.routes import Match, decoded
from gateway.request import Request
from gateway.request_ids import RequestIds

_DROPPED = frozenset({"connection", "cookie", "expect", "te", "transfer-encoding", "upgrade"})
"""Headers that do not reach a function: of the connection, and what is a member of its own."""

_TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})


class Http(TypedDict):
    """What HTTP says of a request."""

    method: str
    path: str
    protocol: str
    sourceIp: str
    userAgent: str


class RequestContext(TypedDict):
    """What API Gateway knows of a request."""

    accountId: str
    apiId: str
    domainName: str
    domainPrefix: str
    http: Http
    requestId: str
    routeKey: str
    stage: str
    time: str
    timeEpoch: int


class Event(TypedDict):
    """The event of payload format 2.0."""

    version: str
    routeKey: str
    rawPath: str
    rawQueryString: str
    cookies: NotRequired[list[str]]
    headers: dict[str, str]
    queryStringParameters: NotRequired[dict[str, str]]
    requestContext: RequestContext
    body: NotRequired[str]
    pathParameters: NotRequired[dict[str, str]]
    isBase64Encoded: bool
    stageVariables: NotRequired[dict[str, str]]


@dataclass(slots=True)
class Incoming:
    """A request on its way to a function."""

    request: Request
    ids: RequestIds
    arrived: float
    """Seconds since the epoch."""
    body: bytes = b""


def event(api: Api, match: Match, incoming: Incoming) -> Event:
    """Build the event of a request that found its route."""
    request, body = incoming.request, incoming.body
    headers = _headers(incoming)
    binary = bool(body) and not is_text(headers)
    made: Event = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": decoded(request.path),
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context(api, match, incoming),
        "isBase64Encoded": binary,
    }
    if cookies := _cookies(request):
        made["cookies"] = cookies
    if query := _joined(parse_qsl(request.query, keep_blank_values=True)):
        made["queryStringParameters"] = query
    if match.path_parameters:
        made["pathParameters"] = dict(match.path_parameters)
    if api.stage_variables:
        made["stageVariables"] = dict(api.stage_variables)
    if body:
        made["body"] = (
            base64.b64encode(body).decode() if binary else body.decode("utf-8", "replace")
        )
    return made


def is_text(headers: Mapping[str, str]) -> bool:
    """Tell whether a body is passed on as text; all other types, and none, are base64.

    (ministackorg/ministack#766, measured on AWS, forms included.) An encoded body is binary
    whatever its type.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        return False
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type.startswith("text/") or media_type in _TEXT_TYPES


def _headers(incoming: Incoming) -> dict[str, str]:
    request, trace = incoming.request, incoming.ids.trace
    headers = _joined(
        (name, value)
        for name, value in ((name.lower(), value) for name, value in request.headers)
        if name not in _DROPPED
    )
    forwarded = headers.get("x-forwarded-for")
    headers |= {
        # recorded of requests without a body too
        "content-length": str(len(incoming.body)),
        "x-amzn-trace-id": headers.get("x-amzn-trace-id") or trace.partition(";")[0],
        "x-forwarded-for": f"{forwarded}, {request.client}" if forwarded else request.client,
        "x-forwarded-port": str(request.port),
        "x-forwarded-proto": request.scheme,
    }
    return dict(sorted(headers.items()))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give one text for each name: several values are combined with commas."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _cookies(request: Request) -> list[str]:
    return [
        cookie.strip()
        for name, value in request.headers
        if name.lower() == "cookie"
        for cookie in value.split(";")
        if cookie.strip()
    ]


def _context(api: Api, match: Match, incoming: Incoming) -> RequestContext:
    request = incoming.request
    host = request.header("host") or ""
    return {
        "accountId": api.account.account_id,
        "apiId": api.api_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": decoded(request.path),
            "protocol": f"HTTP/{request.http_version}",
            "sourceIp": request.client,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": incoming.ids.extended,
        "routeKey": match.route.key,
        "stage": api.stage,
        "time": datetime.fromtimestamp(incoming.arrived, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": round(incoming.arrived * 1000),
    }
