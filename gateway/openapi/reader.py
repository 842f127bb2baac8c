"""The definition as a whole: its routes, each with what the request must have."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.customization import Customizations
from gateway.deployment import Deployment, Route, split
from gateway.media_type import BinaryMediaTypes
from gateway.model import Model, ModelError
from gateway.openapi.document import (
    API_KEY_SOURCE,
    BINARY_MEDIA_TYPES,
    INTEGRATION,
    OPERATIONS,
    REQUEST_VALIDATOR,
    REQUEST_VALIDATORS,
    DefinitionError,
    Document,
    Node,
)
from gateway.openapi.gateway_responses import customizations
from gateway.openapi.integrations import IntegrationReader
from gateway.openapi.security import SecurityReader

_SEGMENT = re.compile(r"[A-Za-z0-9_.,:-]+|\{[A-Za-z0-9_.-]+\}")
_GREEDY = re.compile(r"\{[A-Za-z0-9_.-]+\+\}")
_KEY_SOURCES = {"HEADER": False, "AUTHORIZER": True}


@dataclass(frozen=True, slots=True)
class Definition:
    """An API as its definition says."""

    name: str
    deployment: Deployment
    customizations: Customizations
    has_keys_from_authorizer: bool
    """Whether an API key comes from an authorizer, and not from the header x-api-key."""


def read(document: Mapping[str, Node], stage_variables: Mapping[str, str]) -> Definition:
    """Read a definition whose intrinsic functions are resolved.

    Raises:
        DefinitionError: it cannot be run; the text says what and where.
    """
    reader = _Reader(Document(document), stage_variables)
    if "security" in document:
        # API Gateway ignores it there, and the API would be open
        raise DefinitionError("security: has no effect here, declare it in each operation")
    source = document.get(API_KEY_SOURCE, "HEADER")
    if source not in _KEY_SOURCES:
        raise DefinitionError(f"{API_KEY_SOURCE}: must be HEADER or AUTHORIZER")
    name = str(document["info"]["title"])
    deployment = Deployment(
        api_id=_short_id(name, 10),
        deployment_id=_short_id(json.dumps(document, default=str), 6),
        routes=reader.routes(),
    )
    return Definition(
        name,
        deployment,
        customizations(document, stage_variables),
        has_keys_from_authorizer=_KEY_SOURCES[source],
    )


class _Reader:
    def __init__(self, document: Document, stage_variables: Mapping[str, str]) -> None:
        self._document = document
        binary = document.root.get(BINARY_MEDIA_TYPES, [])
        if not isinstance(binary, list) or not all(isinstance(one, str) for one in binary):
            raise DefinitionError(f"{BINARY_MEDIA_TYPES}: must be a list of texts")
        self._integrations = IntegrationReader(stage_variables, BinaryMediaTypes(binary))
        self._security = SecurityReader(document, stage_variables)

    def routes(self) -> Iterator[Route]:
        for path, name, item, operation in self._document.operations():
            _check_path(path)
            yield self._route(path, name, item, operation)

    def _route(
        self, path: str, name: str, item: Mapping[str, Node], operation: Mapping[str, Node]
    ) -> Route:
        where = f"paths.{path}.{name}"
        integration = operation.get(INTEGRATION)
        if integration is None:
            raise DefinitionError(f"{where}.{INTEGRATION}: is missing")
        validator = self._validator(where, operation)
        given = [
            self._document.resolved(parameter)
            for parameter in [*item.get("parameters", ()), *operation.get("parameters", ())]
        ]
        if not all({"in", "name"} <= parameter.keys() for parameter in given):
            raise DefinitionError(f"{where}.parameters: each must have a name and in")
        # an operation's own go before its path's (OpenAPI 3.0, "Path Item Object")
        parameters = {(one["in"], one["name"]): one for one in given}.values()
        if any(parameter["in"] == "cookie" for parameter in parameters):
            raise DefinitionError(f"{where}.parameters: cookies are not emulated")
        needed = [
            parameter
            for parameter in parameters
            if parameter.get("required") and validator.get("validateRequestParameters")
        ]
        security = self._security.read(where, operation.get("security", ()))
        return Route(
            method=OPERATIONS[name],
            resource=path,
            resource_id=_short_id(path, 6),
            integration=self._integrations.read(
                f"{where}.{INTEGRATION}",
                integration,
                declared={(one["in"], one["name"]) for one in parameters},
                responses=self._document.resolved(operation.get("responses", {})),
            ),
            needs_api_key=security.needs_api_key,
            authorizer=security.authorizer,
            required_headers=tuple(p["name"] for p in needed if p["in"] == "header"),
            required_query_parameters=tuple(p["name"] for p in needed if p["in"] == "query"),
            models=(
                dict(self._models(where, operation)) if validator.get("validateRequestBody") else {}
            ),
        )

    def _validator(self, where: str, operation: Mapping[str, Node]) -> Mapping[str, bool]:
        root = self._document.root
        name = operation.get(REQUEST_VALIDATOR, root.get(REQUEST_VALIDATOR))
        if name is None:
            return {}
        validators: Mapping[str, Mapping[str, bool]] = root.get(REQUEST_VALIDATORS, {})
        if name not in validators:
            raise DefinitionError(
                f"{where}.{REQUEST_VALIDATOR}: {name!r} is not in {REQUEST_VALIDATORS}"
            )
        return validators[name]

    def _models(self, where: str, operation: Mapping[str, Node]) -> Iterator[tuple[str, Model]]:
        content = self._document.resolved(operation.get("requestBody", {})).get("content", {})
        for media_type, described in content.items():
            if "schema" not in described:
                continue
            try:
                yield media_type.lower(), Model.compile(described["schema"])
            except ModelError as error:
                raise DefinitionError(f"{where}.requestBody.content.{media_type}{error}") from None


def _check_path(path: str) -> None:
    segments = split(path) if path != "/" else ()
    for segment in segments[:-1]:
        if not _SEGMENT.fullmatch(segment):
            raise DefinitionError(f"paths.{path}: {segment!r} is not emulated")
    for segment in segments[-1:]:
        # what is greedy takes the rest, and so it stands last
        if not _SEGMENT.fullmatch(segment) and not _GREEDY.fullmatch(segment):
            raise DefinitionError(f"paths.{path}: {segment!r} is not emulated")


def _short_id(text: str, length: int) -> str:
    """Make an id that looks like API Gateway's and is the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
