"""Reads an HTTP API's definition: OpenAPI 3.0 with API Gateway's extensions.

What API Gateway would do and this gateway does not is refused by its place in the file. What it
ignores itself, as it does schemas and parameters, is ignored here too.
Facts: API Gateway developer guide, "Working with OpenAPI definitions for HTTP APIs" and "OpenAPI
extensions"; botocore's service model `apigatewayv2/2018-11-29`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.api import Account, Api
from gateway.http_api.cors import Cors, CorsError
from gateway.http_api.routes import ANY, DEFAULT, Route
from gateway.lambda_client import Target

Node: TypeAlias = Any
"""Whatever YAML holds."""

_PREFIX = "x-amazon-apigateway-"
_CORS = f"{_PREFIX}cors"
_INTEGRATION = f"{_PREFIX}integration"
_INTEGRATIONS = f"{_PREFIX}integrations"
_ANY_METHOD = f"{_PREFIX}any-method"
_VERSION = f"{_PREFIX}importexport-version"

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_MEMBERS = frozenset(
    {"connectionType", "httpMethod", "payloadFormatVersion", "timeoutInMillis", "type", "uri"}
)
_SEGMENT = re.compile(r"[A-Za-z0-9_.,:$~-]+|\{[A-Za-z0-9_.-]+\}")
_GREEDY = re.compile(r"\{[A-Za-z0-9_.-]+\+\}")
_URI = re.compile(
    r"(?:arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/)?"
    r"(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+?)(?:/invocations)?"
)
_TIMEOUTS = range(50, 30_001)
"""Milliseconds; the longest is the default."""


class DefinitionError(ValueError):
    """The definition is wrong or asks for what is not emulated: change it where the text says."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An HTTP API in its one stage, `$default`."""

    api: Api
    routes: tuple[Route, ...]
    cors: Cors | None


def read(
    document: Node, account: Account, stage_variables: Mapping[str, str] | None = None
) -> Definition:
    """Read a definition whose intrinsic functions are resolved.

    Raises:
        DefinitionError: it cannot be run; the text says what and where.
    """
    if not isinstance(document, dict) or not str(document.get("openapi")).startswith("3.0."):
        raise DefinitionError("openapi: must be 3.0")
    if document.get("security"):
        raise DefinitionError("security: authorizers of an HTTP API are not emulated")
    for member in document:
        if str(member).startswith(_PREFIX) and member not in {_CORS, _VERSION}:
            raise DefinitionError(f"{member}: is not emulated")
    title = str(document.get("info", {}).get("title", ""))
    api = Api(
        account=account,
        name=title,
        api_id=_digest(f"HTTP {title}", 10),
        deployment_id=_digest(json.dumps(document, default=str), 6),
        stage=DEFAULT,
        stage_variables=stage_variables or {},
    )
    return Definition(api, tuple(_Reader(document).routes()), _cors(document.get(_CORS)))


def _cors(document: Node) -> Cors | None:
    if document is None:
        return None
    if not isinstance(document, dict):
        raise DefinitionError(f"{_CORS}: must be an object")
    try:
        return Cors.read(document)
    except CorsError as error:
        raise DefinitionError(f"{_CORS}.{error}") from None


class _Reader:
    def __init__(self, document: dict[str, Node]) -> None:
        self._document = document

    def routes(self) -> Iterator[Route]:
        for path, item in self._document.get("paths", {}).items():
            if path != f"/{DEFAULT}":
                _check_path(path)
            for member, operation in item.items():
                where = f"paths.{path}.{member}"
                if member in _METHODS:
                    yield self._route(where, member.upper(), path, operation)
                elif member == _ANY_METHOD:
                    yield self._route(where, ANY, path, operation)
                elif member not in {"parameters", "summary", "description"}:
                    raise DefinitionError(f"{where}: is not emulated")

    def _route(self, where: str, method: str, path: str, operation: dict[str, Node]) -> Route:
        is_default = operation.get("isDefaultRoute") is True
        if is_default != (path == f"/{DEFAULT}") or (is_default and method != ANY):
            raise DefinitionError(
                f"{where}: the default route is /{DEFAULT}.{_ANY_METHOD} with isDefaultRoute: true"
            )
        if operation.get("security"):
            raise DefinitionError(f"{where}.security: authorizers of an HTTP API are not emulated")
        for member in operation:
            if str(member).startswith(_PREFIX) and member != _INTEGRATION:
                raise DefinitionError(f"{where}.{member}: is not emulated")
        if _INTEGRATION not in operation:
            raise DefinitionError(f"{where}.{_INTEGRATION}: is missing")
        where = f"{where}.{_INTEGRATION}"
        integration = self._integration(where, operation[_INTEGRATION])
        return Route(
            method=method,
            path=DEFAULT if is_default else path,
            target=Target(
                _function_arn(f"{where}.uri", integration.get("uri")),
                _timeout(where, integration),
            ),
        )

    def _integration(self, where: str, node: Node) -> dict[str, Node]:
        """Give an integration, or the one in `components` that is referred to."""
        reference = node.get("$ref")
        if reference is not None:
            _, _, name = str(reference).rpartition("/")
            components = self._document.get("components", {}).get(_INTEGRATIONS, {})
            if reference != f"#/components/{_INTEGRATIONS}/{name}" or name not in components:
                raise DefinitionError(f"{where}: {reference} is not in this file")
            node = components[name]
        integration: dict[str, Node] = node
        if unknown := sorted(integration.keys() - _MEMBERS):
            raise DefinitionError(f"{where}.{unknown[0]}: is not emulated")
        for member, emulated in {
            "type": "aws_proxy",
            "connectionType": "internet",
            "payloadFormatVersion": "2.0",
            # Lambda's Invoke is a POST, whatever the caller's method
            "httpMethod": "post",
        }.items():
            default = emulated if member == "connectionType" else None
            value = integration.get(member, default)
            if str(value).lower() != emulated:
                raise DefinitionError(f"{where}.{member}: {value!r} is not emulated")
        return integration


def _function_arn(where: str, value: Node) -> str:
    match = _URI.fullmatch(str(value))
    if not match:
        raise DefinitionError(f"{where}: is not a Lambda function or its invocation")
    return match[1]


def _check_path(path: str) -> None:
    segments = path[1:].split("/") if path != "/" else []
    for place, segment in enumerate(segments):
        # AWS takes no route that ends in a slash (aws/serverless-application-model#1949)
        greedy = _GREEDY.fullmatch(segment) and place == len(segments) - 1
        if not (greedy or _SEGMENT.fullmatch(segment)):
            raise DefinitionError(f"paths.{path}: {segment!r} cannot be part of a route")


def _timeout(where: str, integration: dict[str, Node]) -> float:
    milliseconds = integration.get("timeoutInMillis", _TIMEOUTS[-1])
    if milliseconds not in _TIMEOUTS:
        raise DefinitionError(f"{where}.timeoutInMillis: must be from 50 to {_TIMEOUTS[-1]}")
    return float(milliseconds) / 1000


def _digest(text: str, length: int) -> str:
    """Make an id that looks like API Gateway's and is the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
