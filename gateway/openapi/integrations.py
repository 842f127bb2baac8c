"""The integration of an operation, of whichever kind.

Facts: API Gateway developer guide, "x-amazon-apigateway-integration object". What a mapping names
must be declared in the operation, as AWS's import asks.
"""

import re
from collections.abc import Mapping
from typing import Any

from gateway.integration import Integration
from gateway.integrations.http import Http, HttpProxy
from gateway.integrations.lambda_custom import INVOCATION_TYPE, LambdaCustom
from gateway.integrations.lambda_proxy import LambdaProxy
from gateway.integrations.mock import Mock
from gateway.lambda_client import Target
from gateway.mapping.content import ContentHandling
from gateway.mapping.parameters import MappingError, answer_source, request_source
from gateway.mapping.request import Parameter, Passthrough, RequestMapping
from gateway.mapping.response import IntegrationResponse, ResponseMapping
from gateway.mapping.template import Template, TemplateSyntaxError
from gateway.media_type import BinaryMediaTypes
from gateway.openapi.document import DefinitionError, Node, known, texts
from gateway.openapi.function_uri import function_arn, with_stage_variables

_COMMON = {"type", "httpMethod", "uri", "timeoutInMillis", "passthroughBehavior", "connectionType"}
_REQUEST = {"requestParameters"}
_MAPPED = {"requestTemplates", "contentHandling", "responses"}
_MEMBERS: Mapping[str, set[str]] = {
    "aws": {*_COMMON, *_REQUEST, *_MAPPED},
    "aws_proxy": _COMMON,
    "http": {*_COMMON, *_REQUEST, *_MAPPED},
    "http_proxy": {*_COMMON, *_REQUEST},
    "mock": {*_COMMON, *_REQUEST, *_MAPPED},
}
_RESPONSE_MEMBERS = {"statusCode", "responseParameters", "responseTemplates", "contentHandling"}
_DEFAULT = "default"
_STATUSES = range(200, 600)
_TIMEOUT_RANGE = range(50, 29_001)
"""Milliseconds of an integration's timeout (API Gateway quotas)."""
_PLACES = {"header": "header", "path": "path", "query": "querystring"}
"""What AWS calls the places of OpenAPI's parameters."""
_REQUEST_PARAMETER = re.compile(r"integration\.request\.(header|path|querystring)\.(.+)")
_NOT_MAPPED = frozenset({"connection", "host"})
"""Headers of the connection to a backend, which it keeps for itself."""
_ANSWER_HEADER = "method.response.header."


class IntegrationReader:
    """Reads integrations."""

    def __init__(self, stage_variables: Mapping[str, str], binary: BinaryMediaTypes) -> None:
        self._stage_variables = stage_variables
        self._binary = binary

    def read(
        self,
        where: str,
        node: Node,
        declared: set[tuple[str, str]],
        responses: Mapping[str, Node],
    ) -> Integration:
        """Read one; `declared` are the operation's parameters, place and name.

        Raises:
            DefinitionError: it cannot be run.
        """
        kind = str(node.get("type")).lower() if isinstance(node, dict) else ""
        if kind not in _MEMBERS:
            raise DefinitionError(f"{where}.type: {kind!r} is not emulated")
        members = known(where, node, _MEMBERS[kind])
        if members.get("connectionType", "INTERNET") != "INTERNET":
            raise DefinitionError(f"{where}.connectionType: only INTERNET is emulated")
        timeout = _timeout(where, members)
        names = {f"{_PLACES[place]}.{name}" for place, name in declared if place in _PLACES}
        match kind:
            case "aws_proxy":
                _passthrough(where, members)
                return LambdaProxy(Target(self._function(where, members), timeout), self._binary)
            case "aws":
                return LambdaCustom(
                    Target(self._function(where, members), timeout),
                    self._request(where, members, names, only_header=INVOCATION_TYPE),
                    self._responses(where, members, responses),
                )
            case "http":
                return Http(
                    _method(where, members),
                    self._uri(where, members),
                    timeout,
                    self._request(where, members, names),
                    self._responses(where, members, responses),
                )
            case "http_proxy":
                return HttpProxy(
                    _method(where, members),
                    self._uri(where, members),
                    timeout,
                    self._request(where, members, names),
                )
        return Mock(
            self._request(where, members, names), self._responses(where, members, responses)
        )

    def _function(self, where: str, members: Mapping[str, Node]) -> str:
        # Lambda's Invoke is a POST, whatever the caller's method
        if members.get("httpMethod") != "POST":
            raise DefinitionError(
                f"{where}.httpMethod: {members.get('httpMethod')!r} is not emulated"
            )
        return function_arn(f"{where}.uri", members.get("uri"), self._stage_variables)

    def _uri(self, where: str, members: Mapping[str, Node]) -> str:
        uri = with_stage_variables(f"{where}.uri", members.get("uri"), self._stage_variables)
        if not re.fullmatch(r"https?://[^/?#{]+(?:[/?].*)?", uri):
            raise DefinitionError(f"{where}.uri: must begin with http:// or https:// and a host")
        return uri

    def _request(
        self,
        where: str,
        members: Mapping[str, Node],
        declared: set[str],
        only_header: str | None = None,
    ) -> RequestMapping:
        place = f"{where}.requestParameters"
        parameters = [
            self._parameter(f"{place}.{name}", name, expression, declared)
            for name, expression in texts(place, members.get("requestParameters")).items()
        ]
        for parameter in parameters:
            if only_header and (parameter.place, parameter.name) != ("header", only_header):
                raise DefinitionError(
                    f"{place}: {parameter.place}.{parameter.name} does nothing to an invocation;"
                    f" only header.{only_header} is emulated"
                )
        return RequestMapping(
            self._templates(f"{where}.requestTemplates", members.get("requestTemplates")),
            _passthrough(where, members),
            _content_handling(where, members),
            self._binary,
            tuple(parameters),
        )

    def _parameter(self, where: str, name: str, expression: str, declared: set[str]) -> Parameter:
        match = _REQUEST_PARAMETER.fullmatch(name)
        if not match:
            raise DefinitionError(f"{where}: maps to nothing of an integration's request")
        if match[1] == "header" and match[2].lower() in _NOT_MAPPED:
            raise DefinitionError(f"{where}: a mapped {match[2]} is not emulated")
        source = expression.removeprefix("method.request.").replace("multivalue", "", 1)
        declares = expression.startswith("method.request.") and not source.startswith("body")
        if declares and source not in declared:
            raise DefinitionError(
                f"{where}: {expression} is not declared in the operation's parameters"
            )
        try:
            return Parameter(match[1], match[2], request_source(expression, self._stage_variables))
        except MappingError as error:
            raise DefinitionError(f"{where}: {error}") from None

    def _responses(
        self, where: str, members: Mapping[str, Node], declared: Mapping[str, Node]
    ) -> ResponseMapping:
        nodes = members.get("responses", {})
        if not isinstance(nodes, dict):
            raise DefinitionError(f"{where}.responses: must be an object")
        return ResponseMapping(
            tuple(
                self._response(f"{where}.responses.{pattern}", str(pattern), node, declared)
                for pattern, node in nodes.items()
            ),
            self._binary,
        )

    def _response(
        self, where: str, pattern: str, node: Node, declared: Mapping[str, Node]
    ) -> IntegrationResponse:
        members = known(where, node, _RESPONSE_MEMBERS)
        status = str(members.get("statusCode"))
        if status not in {str(one) for one in declared} or not status.isdecimal():
            raise DefinitionError(
                f"{where}.statusCode: {status} is not in the operation's responses"
            )
        if int(status) not in _STATUSES:
            raise DefinitionError(f"{where}.statusCode: must be from 200 to 599")
        headers = {name.lower() for name in _declared_response(declared, status).get("headers", {})}
        place = f"{where}.responseParameters"
        mapped = []
        for name, expression in texts(place, members.get("responseParameters")).items():
            header = name.removeprefix(_ANSWER_HEADER)
            if header == name or header.lower() not in headers:
                raise DefinitionError(
                    f"{place}.{name}: is not a header of the operation's response {status}"
                )
            try:
                mapped.append((header, answer_source(expression, self._stage_variables)))
            except MappingError as error:
                raise DefinitionError(f"{place}.{name}: {error}") from None
        return IntegrationResponse(
            None if pattern == _DEFAULT else _compiled(where, pattern),
            int(status),
            tuple(mapped),
            self._templates(f"{where}.responseTemplates", members.get("responseTemplates")),
            _content_handling(where, members),
        )

    def _templates(self, where: str, node: Node) -> dict[str, Template]:
        templates = {}
        for name, text in texts(where, node).items():
            if "/" not in name:
                raise DefinitionError(f"{where}.{name}: is no media type")
            try:
                templates[name.lower()] = Template.compile(text, self._stage_variables)
            except TemplateSyntaxError as error:
                raise DefinitionError(f"{where}.{name}: {error}") from None
        return templates


def _declared_response(declared: Mapping[Any, Node], status: str) -> Mapping[str, Node]:
    # YAML reads an unquoted status as a number
    found: Mapping[str, Node] = next(node for key, node in declared.items() if str(key) == status)
    return found


def _compiled(where: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise DefinitionError(f"{where}: is no regular expression: {error}") from None


def _timeout(where: str, members: Mapping[str, Node]) -> float:
    milliseconds = members.get("timeoutInMillis", _TIMEOUT_RANGE[-1])
    if milliseconds not in _TIMEOUT_RANGE:
        raise DefinitionError(f"{where}.timeoutInMillis: must be from 50 to 29000")
    return float(milliseconds) / 1000


def _passthrough(where: str, members: Mapping[str, Node]) -> Passthrough:
    value = str(members.get("passthroughBehavior", Passthrough.WHEN_NO_MATCH)).upper()
    if value not in set(Passthrough):
        raise DefinitionError(f"{where}.passthroughBehavior: {value!r} is not emulated")
    return Passthrough(value)


def _content_handling(where: str, members: Mapping[str, Node]) -> ContentHandling | None:
    value = members.get("contentHandling")
    if value is None:
        return None
    if value not in set(ContentHandling):
        raise DefinitionError(f"{where}.contentHandling: {value!r} is not emulated")
    return ContentHandling(value)


def _method(where: str, members: Mapping[str, Node]) -> str | None:
    method = str(members.get("httpMethod", "")).upper()
    if not re.fullmatch(r"[A-Z]+", method):
        raise DefinitionError(f"{where}.httpMethod: is missing")
    if method == "HEAD":
        raise DefinitionError(f"{where}.httpMethod: HEAD to an HTTP backend is not emulated")
    # ANY stands for the caller's own
    return None if method == "ANY" else method
