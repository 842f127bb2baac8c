"""The integration response of what is no proxy: which of an API's responses an answer becomes.

Facts: API Gateway developer guide, "Set up an integration response"; localstack
`integration_response` and `method_response`, and its AWS-validated TestApiGatewayHeaderRemapping.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.exchange import Exchange
from gateway.gateway_response import (
    API_CONFIGURATION_ERROR,
    BAD_MAPPING,
    BODILESS,
    Answer,
    Headers,
    RefusedError,
)
from gateway.header import is_sendable
from gateway.mapping.content import ContentHandling, convert_answer, to_bytes
from gateway.mapping.parameters import AnswerSource, BackendAnswer
from gateway.mapping.template import Template
from gateway.media_type import APPLICATION_JSON, BinaryMediaTypes, media_type

_REMAPPED = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "trailer",
        "upgrade",
        "user-agent",
        "www-authenticate",
    }
)
"""Headers that reach the caller as x-amzn-Remapped-<name>."""
_DROPPED = frozenset({"transfer-encoding"})
_SHORT = 1024
"""Characters of header values that are remembered."""


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """One of the responses that an answer may become."""

    pattern: re.Pattern[str] | None
    """What selects it, as a whole; `None` is the default."""
    status: int
    headers: tuple[tuple[str, AnswerSource], ...] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    """By media type, in their order."""
    content_handling: ContentHandling | None = None

    def mapped(self, exchange: Exchange, backend: BackendAnswer) -> Mapping[str, str]:
        """Give the headers that are mapped from an answer.

        Raises:
            RefusedError: one is mapped from an answer that is not JSON.
        """
        return {
            name: text
            for name, source in self.headers
            if (text := source(exchange, backend)) is not None
        }

    def template(self, accept: str | None) -> Template | None:
        """Find the template for an Accept header; without one, JSON's or else the first."""
        if not self.templates:
            return None
        for name in (media_type(accept), APPLICATION_JSON):
            if name in self.templates:
                return self.templates[name]
        return next(iter(self.templates.values()))


@dataclass(frozen=True, slots=True)
class ResponseMapping:
    """An integration's responses."""

    responses: tuple[IntegrationResponse, ...]
    binary: BinaryMediaTypes = field(default_factory=BinaryMediaTypes)

    def select(self, value: str) -> IntegrationResponse:
        """Find the response that a status or an error's message selects, or the default.

        Raises:
            RefusedError: there is neither.
        """
        default = None
        for response in self.responses:
            if response.pattern is None:
                default = response
            elif response.pattern.fullmatch(value):
                return response
        if default is None:
            raise RefusedError(
                API_CONFIGURATION_ERROR, "no integration response is selected, and none is default"
            )
        return default

    def answer(self, exchange: Exchange, value: str, backend: BackendAnswer) -> Answer:
        """Make the answer of what a backend gave.

        Raises:
            RefusedError: no response is selected, or a mapping fails.
        """
        response = self.select(value)
        mapped = response.mapped(exchange, backend)
        body = self._body(exchange, response, backend)
        status = response.status
        if exchange.overrides:
            status = exchange.overrides.status() or status
            mapped = {**mapped, **exchange.overrides.headers()}
        headers = _sent(mapped)
        return Answer(status, headers, b"" if status in BODILESS else body)

    def _body(
        self, exchange: Exchange, response: IntegrationResponse, backend: BackendAnswer
    ) -> bytes:
        accept = exchange.request.header("accept")
        template = response.template(accept)
        if template and template.constant is not None:
            return template.constant.encode()
        body = convert_answer(
            backend.body,
            response.content_handling,
            is_binary=self.binary.hold(backend.header("content-type")),
            accepts_binary=self.binary.hold(accept),
        )
        if template:
            if isinstance(body, bytes):
                raise RefusedError(API_CONFIGURATION_ERROR, "a template cannot read a binary body")
            body = template.render(exchange, body)
        return to_bytes(body)


def _sent(mapped: Mapping[str, str]) -> Headers:
    """Give the headers of an answer; most answers have the same short ones again and again."""
    pairs = tuple(mapped.items())
    # a value may be a whole body, which is not kept
    is_short = sum(map(len, mapped.values())) <= _SHORT
    return list(_sent_before(pairs)) if is_short else _made(pairs)


@lru_cache(maxsize=1024)
def _sent_before(mapped: tuple[tuple[str, str], ...]) -> Headers:
    return _made(mapped)


def _made(mapped: tuple[tuple[str, str], ...]) -> Headers:
    """Make the headers of an answer.

    Raises:
        RefusedError: one cannot be sent.
    """
    headers: Headers = []
    has_type = False
    for name, value in mapped:
        lower = name.lower()
        if lower in _DROPPED:
            continue
        has_type = has_type or lower == "content-type"
        if not is_sendable(name, value):
            raise RefusedError(BAD_MAPPING, f"the header {name!r} or its value cannot be sent")
        sent = f"x-amzn-Remapped-{name}" if lower in _REMAPPED else name
        headers.append((sent.encode("ascii"), value.encode("latin-1")))
    if not has_type:
        # developer guide, "Important notes": JSON unless said otherwise
        headers.insert(0, (b"Content-Type", b"application/json"))
    return headers
