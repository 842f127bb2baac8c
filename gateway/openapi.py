"""Reads an API's definition: OpenAPI 3.0 with API Gateway's extensions, into a deployment.

What API Gateway would do and this gateway does not, is refused by its place in the file, never
ignored. Facts: API Gateway developer guide, "OpenAPI extensions" and "Important notes".
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from gateway.deployment import Deployment, Route, split
from gateway.model import Model, ModelError

Node: TypeAlias = Any
"""Whatever YAML holds."""

_PREFIX = "x-amazon-apigateway-"
_INTEGRATION = f"{_PREFIX}integration"
_VALIDATOR = f"{_PREFIX}request-validator"
_VALIDATORS = f"{_PREFIX}request-validators"
_KEY_SOURCE = f"{_PREFIX}api-key-source"

_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_INTEGRATION_MEMBERS = frozenset(
    {"type", "httpMethod", "uri", "timeoutInMillis", "passthroughBehavior"}
)
_SEGMENT = re.compile(r"[A-Za-z0-9_.,:-]+|\{[A-Za-z0-9_.-]+\}")
_URI = re.compile(
    r"arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/"
    r"(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+)/invocations"
)
_TIMEOUT_RANGE = range(50, 29_001)
"""Milliseconds of an integration's timeout (API Gateway quotas)."""


class DefinitionError(ValueError):
    """The definition is wrong or asks for what is not emulated: change it where the text says."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the API would run: what `Fn::Sub` puts into its URIs."""

    region: str
    account_id: str


def read(text: str, account: Account) -> Deployment:
    """Read a definition.

    Raises:
        DefinitionError: it cannot be run; the text says what and where.
    """
    document = yaml.safe_load(text)
    if not isinstance(document, dict) or not str(document.get("openapi")).startswith("3.0."):
        raise DefinitionError("openapi: must be 3.0")
    _refuse_foreign_extensions(document)
    if "security" in document:
        # API Gateway ignores it there, and the API would be open
        raise DefinitionError("security: has no effect here, declare it in each operation")
    if document.get(_KEY_SOURCE, "HEADER") != "HEADER":
        raise DefinitionError(f"{_KEY_SOURCE}: only HEADER is emulated")
    return Deployment(
        api_id=_short_id(str(document["info"]["title"]), 10),
        deployment_id=_short_id(text, 6),
        routes=_Reader(document, account).routes(),
    )


class _Reader:
    def __init__(self, document: dict[str, Node], account: Account) -> None:
        self._document = document
        self._account = account

    def routes(self) -> Iterator[Route]:
        for path, item in self._document["paths"].items():
            for segment in split(path) if path != "/" else ():
                if not _SEGMENT.fullmatch(segment):
                    raise DefinitionError(f"paths.{path}: {segment!r} is not emulated")
            for method, operation in item.items():
                if method in _METHODS:
                    yield self._route(path, method, item, operation)
                elif method != "parameters":
                    raise DefinitionError(f"paths.{path}.{method}: is not emulated")

    def _route(
        self, path: str, method: str, item: dict[str, Node], operation: dict[str, Node]
    ) -> Route:
        where = f"paths.{path}.{method}"
        integration = operation.get(_INTEGRATION)
        if integration is None:
            raise DefinitionError(f"{where}.{_INTEGRATION}: is missing")
        validator = self._validator(where, operation)
        parameters = [
            self._resolved(parameter)
            for parameter in [*item.get("parameters", ()), *operation.get("parameters", ())]
        ]
        if any(parameter["in"] == "cookie" for parameter in parameters):
            raise DefinitionError(f"{where}.parameters: cookies are not emulated")
        needed = [
            parameter
            for parameter in parameters
            if parameter.get("required") and validator.get("validateRequestParameters")
        ]
        return Route(
            method=method.upper(),
            resource=path,
            resource_id=_short_id(path, 6),
            function_arn=self._function_arn(f"{where}.{_INTEGRATION}", integration),
            timeout=_timeout(f"{where}.{_INTEGRATION}", integration),
            needs_api_key=self._needs_api_key(where, operation),
            required_headers=tuple(p["name"] for p in needed if p["in"] == "header"),
            required_query_parameters=tuple(p["name"] for p in needed if p["in"] == "query"),
            models=(
                dict(self._models(where, operation)) if validator.get("validateRequestBody") else {}
            ),
        )

    def _validator(self, where: str, operation: dict[str, Node]) -> Mapping[str, bool]:
        name = operation.get(_VALIDATOR, self._document.get(_VALIDATOR))
        if name is None:
            return {}
        validators: Mapping[str, Mapping[str, bool]] = self._document.get(_VALIDATORS, {})
        if name not in validators:
            raise DefinitionError(f"{where}.{_VALIDATOR}: {name!r} is not in {_VALIDATORS}")
        return validators[name]

    def _models(self, where: str, operation: dict[str, Node]) -> Iterator[tuple[str, Model]]:
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        for media_type, described in content.items():
            if "schema" not in described:
                continue
            try:
                yield media_type.lower(), Model.compile(self._resolved(described["schema"]))
            except ModelError as error:
                raise DefinitionError(f"{where}.requestBody.content.{media_type}{error}") from None

    def _needs_api_key(self, where: str, operation: dict[str, Node]) -> bool:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        names = [name for requirement in operation.get("security", ()) for name in requirement]
        for name in names:
            scheme = schemes.get(name, {})
            kind = (scheme.get("type"), scheme.get("in"), str(scheme.get("name")).lower())
            if kind != ("apiKey", "header", "x-api-key"):
                raise DefinitionError(
                    f"{where}.security: {name!r} is not an apiKey in the header x-api-key"
                )
        return bool(names)

    def _function_arn(self, where: str, integration: dict[str, Node]) -> str:
        if unknown := sorted(integration.keys() - _INTEGRATION_MEMBERS):
            raise DefinitionError(f"{where}.{unknown[0]}: is not emulated")
        for member, emulated in {
            "type": ("aws_proxy",),
            # Lambda's Invoke is a POST, whatever the caller's method
            "httpMethod": ("POST",),
            "passthroughBehavior": ("when_no_match", "when_no_templates"),
        }.items():
            value = integration.get(member, emulated[0] if "passthrough" in member else None)
            if value not in emulated:
                raise DefinitionError(f"{where}.{member}: {value!r} is not emulated")
        uri = self._substituted(f"{where}.uri", integration.get("uri"))
        match = _URI.fullmatch(uri)
        if not match:
            raise DefinitionError(f"{where}.uri: is not the invocation of a Lambda function")
        return match[1]

    def _substituted(self, where: str, value: Node) -> str:
        """Give a text, or what CloudFormation's `Fn::Sub` makes of one."""
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or not isinstance(value.get("Fn::Sub"), str):
            raise DefinitionError(f"{where}: must be a text or Fn::Sub with a text")
        values = {
            "AWS::AccountId": self._account.account_id,
            "AWS::Partition": "aws",
            "AWS::Region": self._account.region,
        }

        def put(variable: re.Match[str]) -> str:
            if variable[1] not in values:
                raise DefinitionError(f"{where}: {variable[0]} is not emulated")
            return values[variable[1]]

        return re.sub(r"\$\{([^}]*)\}", put, value["Fn::Sub"])

    def _resolved(self, node: Node, within: tuple[str, ...] = ()) -> Node:
        """Give a part of the document with every `$ref` replaced by what it refers to."""
        if isinstance(node, list):
            return [self._resolved(part, within) for part in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {key: self._resolved(part, within) for key, part in node.items()}
        if reference in within:
            raise DefinitionError(f"{reference}: a model that holds itself is not emulated")
        target: Node = self._document
        for part in reference.removeprefix("#/").split("/"):
            if not isinstance(target, dict) or part not in target:
                raise DefinitionError(f"{reference}: is not in this file")
            target = target[part]
        return self._resolved(target, (*within, reference))


def _timeout(where: str, integration: dict[str, Node]) -> float:
    milliseconds = integration.get("timeoutInMillis", _TIMEOUT_RANGE[-1])
    if milliseconds not in _TIMEOUT_RANGE:
        raise DefinitionError(f"{where}.timeoutInMillis: must be from 50 to 29000")
    return float(milliseconds) / 1000


def _refuse_foreign_extensions(document: dict[str, Node]) -> None:
    emulated: dict[tuple[str, ...], set[str]] = {(): {_KEY_SOURCE, _VALIDATOR, _VALIDATORS}}
    for path, item in document.get("paths", {}).items():
        for method in _METHODS & item.keys():
            emulated["paths", path, method] = {_INTEGRATION, _VALIDATOR}
    for place, extension in _extensions(document):
        if extension not in emulated.get(place, ()):
            raise DefinitionError(f"{'.'.join((*place, extension))}: is not emulated")


def _extensions(node: Node, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from _extensions(part, (*place, str(number)))
    elif isinstance(node, dict):
        for key, part in node.items():
            if str(key).startswith(_PREFIX):
                yield place, str(key)
            yield from _extensions(part, (*place, str(key)))


def _short_id(text: str, length: int) -> str:
    """Make an id that looks like API Gateway's and is the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
