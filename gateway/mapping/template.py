"""Mapping templates: bodies made by Velocity, with AWS's `$input`, `$context` and `$util`.

Facts: API Gateway developer guide, "API Gateway mapping template and access logging variable
reference"; localstack's AWS-validated test_input_path_template_formatting and
test_input_body_formatting. The engine is LocalStack's airspeed-ext, which is tried against AWS.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import airspeed
from airspeed.operators import TemplateError

from gateway import context
from gateway.exchange import Exchange
from gateway.gateway_response import BAD_MAPPING, RefusedError
from gateway.mapping.java import JavaMap, compact, from_json, text
from gateway.mapping.json_path import PathError, find
from gateway.mapping.overrides import Overrides

LARGEST = 300 * 1024
"""Bytes of a template (developer guide, "Important notes")."""


class TemplateSyntaxError(ValueError):
    """A template cannot be parsed: mend it where the text says."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template."""

    constant: str | None
    """What it always gives, where nothing in it varies."""
    parsed: Any
    stage_variables: JavaMap

    @classmethod
    def compile(cls, source: str, stage_variables: Mapping[str, str]) -> "Template":
        """Parse a template.

        Raises:
            TemplateSyntaxError: it cannot be parsed, or is too long.
        """
        if len(source.encode()) > LARGEST:
            raise TemplateSyntaxError("is over 300 KB")
        parsed = airspeed.Template(source)
        try:
            parsed.ensure_compiled()
        except TemplateError as error:
            raise TemplateSyntaxError(str(error)) from None
        constant = None if set(source) & set("$#\\") else source
        return cls(constant, parsed, JavaMap(stage_variables))

    def render(self, exchange: Exchange, body: str) -> str:
        """Render it for a request; `body` is what `$input` reads.

        Raises:
            RefusedError: it failed.
        """
        if self.constant is not None:
            return self.constant
        overrides = exchange.overrides = exchange.overrides or Overrides()
        known = from_json(context.request_context(exchange))
        known["requestOverride"] = overrides.request
        known["responseOverride"] = overrides.response
        namespace = {
            "context": known,
            "input": Input(exchange, body).namespace(),
            "stageVariables": self.stage_variables,
            "util": UTIL,
        }
        try:
            rendered: str = self.parsed.merge(namespace)
        except (TemplateError, PathError) as error:
            raise RefusedError(BAD_MAPPING, f"a mapping template failed: {error}") from None
        return rendered


class Input:
    """`$input`: the body and the parameters that a template reads."""

    def __init__(self, exchange: Exchange, body: str) -> None:
        self._exchange = exchange
        self._body = body
        self._document: Any = None
        self._is_read = False

    def namespace(self) -> JavaMap:
        """Give what a template finds under `$input`."""
        return JavaMap(
            # an empty body counts as an empty object
            body=self._body or "{}",
            json=self.json,
            params=self.params,
            path=self.path,
        )

    def path(self, path: str) -> Any:  # noqa: ANN401 - JSON holds any value
        """Give what a JSONPath finds, for Velocity to walk on."""
        return from_json(self._found(path))

    def json(self, path: str = "$") -> str:
        """Give what a JSONPath finds, as JSON; an empty text for nothing."""
        found = self._found(path)
        return compact("" if found is None else found)

    def params(self, name: str | None = None) -> Any:  # noqa: ANN401 - a map or a text
        """Give a parameter of path, query or header, in that order; without a name, all."""
        places = {
            "path": JavaMap(self._exchange.path_parameters),
            "querystring": JavaMap(self._exchange.query),
            "header": JavaMap(self._exchange.request.headers),
        }
        if name is None:
            return JavaMap(places)
        return next((place[name] for place in places.values() if place.get(name)), "")

    def _found(self, path: str) -> Any:  # noqa: ANN401 - JSON holds any value
        if not self._is_read:
            try:
                self._document = json.loads(self._body) if self._body else None
            except (ValueError, RecursionError):
                self._document = None
            self._is_read = True
        return None if self._document is None else find(self._document, path)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else text(value)


def _base64_encode(value: object) -> str:
    return base64.b64encode(_plain(value).encode()).decode()


def _base64_decode(value: object) -> str:
    return base64.b64decode(_plain(value), validate=True).decode("utf-8", "replace")


def _escape_java_script(value: object) -> str:
    """Escape a text for JavaScript; a single quote too, which is not JSON any more."""
    return json.dumps(_plain(value))[1:-1].replace("'", "\\'")


def _parse_json(value: str) -> Any:  # noqa: ANN401 - JSON holds any value
    return from_json(json.loads(value))


UTIL = JavaMap(
    base64Encode=_base64_encode,
    base64Decode=_base64_decode,
    escapeJavaScript=_escape_java_script,
    parseJson=_parse_json,
    urlEncode=lambda value: quote_plus(_plain(value)),
    urlDecode=lambda value: unquote_plus(_plain(value)),
)
"""`$util`."""
