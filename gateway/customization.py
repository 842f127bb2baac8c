"""Customised gateway responses: what an API makes of the answers that the gateway gives by itself.

Facts: API Gateway developer guide, "Gateway response types" and "Setting up gateway responses";
their templates know only variables, no Velocity. Not: the answers themselves (gateway_response).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.context import UnknownVariableError, Variable, variable
from gateway.exchange import Exchange
from gateway.gateway_response import BODILESS, Answer, GatewayResponse
from gateway.header import is_sendable
from gateway.mapping.parameters import MappingError, Source, request_source
from gateway.media_type import APPLICATION_JSON, media_type

_NAME = r"(context|stageVariables|method\.request)\.([A-Za-z]\w*(?:\.[\w-]+)*)"
_VARIABLE = re.compile(rf"\$(?:\{{{_NAME}\}}|{_NAME})")
_SERVER_ERROR = 500


class ResponseTemplateError(ValueError):
    """A template of a gateway response cannot be filled: change it as the text says."""


@dataclass(frozen=True, slots=True)
class ResponseTemplate:
    """A text with variables in it."""

    parts: tuple[str | Source | Variable, ...]

    @classmethod
    def compile(cls, text: str, stage_variables: Mapping[str, str]) -> "ResponseTemplate":
        """Compile a template.

        Raises:
            ResponseTemplateError: a variable in it is not known.
        """
        parts: list[str | Source | Variable] = []
        end = 0
        for match in _VARIABLE.finditer(text):
            parts.append(text[end : match.start()])
            scope, name = filter(None, match.groups())
            parts.append(_source(scope, name, stage_variables))
            end = match.end()
        parts.append(text[end:])
        for part in parts:
            if isinstance(part, str) and (foreign := re.search(r"\$\{?\w+", part)):
                raise ResponseTemplateError(f"{foreign[0]} is not emulated")
        return cls(tuple(parts))

    def render(self, exchange: Exchange) -> bytes:
        """Fill it; what a request does not have is left out."""
        return "".join(
            part if isinstance(part, str) else _text(part(exchange)) for part in self.parts
        ).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Customization:
    """What an API says of one type of response."""

    status: int | None = None
    headers: tuple[tuple[str, Source], ...] = ()
    templates: Mapping[str, ResponseTemplate] = field(default_factory=dict)
    """By media type, in their order."""

    def template(self, accept: str | None) -> tuple[str, ResponseTemplate] | None:
        """Find the template for an Accept header; without one, JSON's or else the first."""
        for name in (media_type(accept), APPLICATION_JSON, *self.templates):
            if name in self.templates:
                return name, self.templates[name]
        return None


@dataclass(frozen=True, slots=True)
class Customizations:
    """What an API says of every type."""

    by_type: Mapping[str, Customization] = field(default_factory=dict)

    def answer(self, response: GatewayResponse, exchange: Exchange) -> Answer:
        """Give a gateway response as the API wants it."""
        answer = response.answer()
        customization = self._find(response)
        if customization is None:
            return answer
        headers = {name.decode().lower(): (name, value) for name, value in answer.headers}
        body = answer.body
        if found := customization.template(exchange.request.header("accept")):
            content_type, template = found
            headers["content-type"] = (b"Content-Type", content_type.encode())
            body = template.render(exchange)
        for name, source in customization.headers:
            value = source(exchange)
            if isinstance(value, str) and is_sendable(name, value):
                headers[name.lower()] = (name.encode("ascii"), value.encode("latin-1"))
        status = customization.status or answer.status
        return Answer(status, list(headers.values()), b"" if status in BODILESS else body)

    def _find(self, response: GatewayResponse) -> Customization | None:
        if response.response_type is None:
            return None
        default = "DEFAULT_5XX" if response.status >= _SERVER_ERROR else "DEFAULT_4XX"
        return self.by_type.get(response.response_type) or self.by_type.get(default)


def _source(scope: str, name: str, stage_variables: Mapping[str, str]) -> Source | Variable:
    if scope == "context":
        try:
            return variable(name)
        except UnknownVariableError as error:
            raise ResponseTemplateError(f"{error} is not emulated") from None
    if scope == "method.request" and name.startswith("body"):
        raise ResponseTemplateError("the body of a refused request is not mapped")
    try:
        return request_source(f"{scope}.{name}", stage_variables)
    except MappingError as error:
        raise ResponseTemplateError(str(error)) from None


def _text(value: object) -> str:
    return "" if value is None else str(value)
