"""HTTP integrations: a backend of one's own, with mappings (`http`) or without (`http_proxy`).

Which headers go out and come back: localstack's AWS-validated TestApiGatewayHeaderRemapping,
test_http_proxy_integration_request_data_mappings and test_http_integration_status_code_selection.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias
from urllib.parse import quote, urlencode

from gateway.exchange import Exchange
from gateway.gateway_response import BAD_MAPPING, BODILESS, Answer, RefusedError
from gateway.header import is_sendable
from gateway.http_backend import HttpRequest
from gateway.integration import Backends
from gateway.integrations.invocation import aside
from gateway.mapping.content import to_bytes
from gateway.mapping.parameters import BackendAnswer, Value
from gateway.mapping.request import RequestMapping
from gateway.mapping.response import ResponseMapping

Header: TypeAlias = tuple[str, str]
"""A name and a value."""

_BODILESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_MAPPABLE = frozenset(
    {"content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"}
)
"""Headers that a mapping must not set: the request fails."""
_NOT_SENT = frozenset({"expect", "proxy-authenticate", "te", "via", "connection", "host"})
_NOT_PASSED = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-md5",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "www-authenticate",
        "x-amzn-trace-id",
    }
)
"""The caller's headers that an http_proxy backend does not see unless they are mapped."""
_REMAPPED = frozenset({"connection", "content-length", "date", "server", "x-amzn-requestid"})
_DROPPED = frozenset({"transfer-encoding", "via", "x-amz-apigw-id"})
_PATH_SAFE = "%/:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Http:
    """A backend behind mappings."""

    method: str | None
    """`None` for the caller's own."""
    uri: str
    """With `{name}` for the path parameters that are mapped."""
    timeout_s: float
    request: RequestMapping
    response: ResponseMapping
    is_traced: bool = True

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        """Ask the backend and map what it answered.

        Raises:
            RefusedError: it was too slow or could not be reached, or a mapping failed.
        """
        body = await aside(len(exchange.body), lambda: self.request.body(exchange))
        method = self.method or exchange.request.method
        query = self.request.mapped(exchange, "querystring")
        headers = [] if method in _BODILESS_METHODS else _content_type(exchange)
        backend = await _ask(
            exchange,
            backends,
            HttpRequest(
                method,
                _uri(self.uri, self.request.mapped(exchange, "path"), list(_pairs(query))),
                _outgoing(exchange, headers, self.request.mapped(exchange, "header")),
                _body(method, to_bytes(body)),
            ),
            self.timeout_s,
        )
        return await aside(
            len(backend.body), lambda: self.response.answer(exchange, str(backend.status), backend)
        )


@dataclass(frozen=True, slots=True)
class HttpProxy:
    """A backend that gets the caller's request and gives the caller's answer."""

    method: str | None
    uri: str
    timeout_s: float
    request: RequestMapping
    is_traced: bool = False

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        """Pass the request on and give what came back.

        Raises:
            RefusedError: the backend was too slow or could not be reached.
        """
        method = self.method or exchange.request.method
        headers = [
            (name, value)
            for name, value in exchange.request.headers
            if name.lower() not in _NOT_PASSED
        ]
        query = [*exchange.query, *_pairs(self.request.mapped(exchange, "querystring"))]
        backend = await _ask(
            exchange,
            backends,
            HttpRequest(
                method,
                _uri(self.uri, self.request.mapped(exchange, "path"), query),
                _outgoing(exchange, headers, self.request.mapped(exchange, "header")),
                _body(method, exchange.body),
            ),
            self.timeout_s,
        )
        return Answer(
            backend.status,
            [
                (_answer_name(name).encode("latin-1"), value.encode("latin-1"))
                for name, value in backend.headers
                if name.lower() not in _DROPPED
            ],
            b"" if backend.status in BODILESS else backend.body,
        )


async def _ask(
    exchange: Exchange, backends: Backends, request: HttpRequest, timeout_s: float
) -> BackendAnswer:
    if request.method == "HEAD":
        # the client of HTTP would wait for the body that an answer announces
        raise RefusedError(BAD_MAPPING, "HEAD to an HTTP backend is not emulated")
    started = time.perf_counter()
    try:
        backend = await backends.http.ask(request, timeout_s)
    finally:
        exchange.integration_ms = (time.perf_counter() - started) * 1000
    exchange.backend_status = exchange.integration_status = backend.status
    return backend


def _content_type(exchange: Exchange) -> list[Header]:
    value = exchange.request.header("content-type")
    return [("Content-Type", value)] if value else []


def _outgoing(
    exchange: Exchange, own: Iterable[Header], mapped: Mapping[str, Value]
) -> tuple[Header, ...]:
    """Merge headers: mapped ones go before the caller's, and what is missing gets AWS's own."""
    headers: dict[str, list[Header]] = {}
    for header in own:
        headers.setdefault(header[0].lower(), []).append(header)
    for name, value in mapped.items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        if name.lower() in _NOT_MAPPABLE or not is_sendable(name, text):
            raise RefusedError(BAD_MAPPING, f"the header {name!r} must not be mapped so")
        headers[name.lower()] = [(name, text)]
    headers.setdefault("accept", [("Accept", "application/json")])
    headers.setdefault("user-agent", [("User-Agent", f"AmazonAPIGateway_{exchange.api.api_id}")])
    headers["x-amzn-trace-id"] = [("X-Amzn-Trace-Id", exchange.ids.trace)]
    headers["x-amzn-apigateway-api-id"] = [("X-Amzn-Apigateway-Api-Id", exchange.api.api_id)]
    sent = (pairs for lower, pairs in headers.items() if lower not in _NOT_SENT)
    return tuple(chain.from_iterable(sent))


def _uri(uri: str, path: Mapping[str, Value], query: Iterable[tuple[str, str]]) -> str:
    for name, value in path.items():
        uri = uri.replace(f"{{{name}}}", quote(str(value), safe=_PATH_SAFE))
    text = urlencode(list(query))
    if not text:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{text}"


def _pairs(parameters: Mapping[str, Value]) -> Iterable[tuple[str, str]]:
    for name, value in parameters.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)


def _body(method: str, body: bytes) -> bytes:
    return b"" if method in _BODILESS_METHODS else body


def _answer_name(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name
