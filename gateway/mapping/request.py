"""The integration request of what is no proxy: a body from a template, parameters from mappings.

Facts: API Gateway developer guide, "Select a VTL mapping template" and "Integration passthrough
behaviors"; localstack `integration_request`, which is tried against AWS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.exchange import Exchange
from gateway.gateway_response import API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, RefusedError
from gateway.mapping.content import ContentHandling, convert_request
from gateway.mapping.parameters import Source, Value
from gateway.mapping.template import Template
from gateway.media_type import BinaryMediaTypes, media_type


class Passthrough(StrEnum):
    """When a body without a template of its type goes on as it is."""

    WHEN_NO_MATCH = "WHEN_NO_MATCH"
    WHEN_NO_TEMPLATES = "WHEN_NO_TEMPLATES"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that is mapped."""

    place: str
    """`header`, `path` or `querystring`."""
    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class RequestMapping:
    """What makes the integration request."""

    templates: Mapping[str, Template] = field(default_factory=dict)
    """By media type."""
    passthrough: Passthrough = Passthrough.WHEN_NO_MATCH
    content_handling: ContentHandling | None = None
    binary: BinaryMediaTypes = field(default_factory=BinaryMediaTypes)
    parameters: tuple[Parameter, ...] = ()

    def body(self, exchange: Exchange) -> bytes | str:
        """Give the body: from a template, or as it is.

        Raises:
            RefusedError: its type is not supported, or its template fails.
        """
        content_type = exchange.request.header("content-type")
        template = self.templates.get(media_type(content_type))
        if template is None:
            if self.passthrough is Passthrough.NEVER or (
                self.templates and self.passthrough is Passthrough.WHEN_NO_TEMPLATES
            ):
                raise RefusedError(UNSUPPORTED_MEDIA_TYPE, "no template is for the body's type")
            return self._converted(exchange, content_type)
        if template.constant is not None:
            return template.constant
        body = self._converted(exchange, content_type)
        if isinstance(body, bytes):
            raise RefusedError(API_CONFIGURATION_ERROR, "a template cannot read a binary body")
        return template.render(exchange, body)

    def mapped(self, exchange: Exchange, place: str) -> dict[str, Value]:
        """Give the parameters of a place; what a template overrides goes before the mappings.

        Raises:
            RefusedError: one is mapped from a body that is not JSON.
        """
        found: dict[str, Value] = {}
        for parameter in self.parameters:
            if parameter.place == place and (value := parameter.source(exchange)):
                found[parameter.name] = value
        if exchange.overrides:
            found |= exchange.overrides.parameters(place)
        return found

    def _converted(self, exchange: Exchange, content_type: str | None) -> bytes | str:
        return convert_request(
            exchange.body, self.content_handling, is_binary=self.binary.hold(content_type)
        )
