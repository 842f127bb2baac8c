"""What an operation's security asks for: an API key, an authorizer, or both.

Facts: API Gateway developer guide, "x-amazon-apigateway-authorizer object". Of IAM, Cognito and
JWT there is nothing: they are refused by name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.authorizer import Authorizer, Kind, Source
from gateway.context import UnknownVariableError, variable
from gateway.exchange import Exchange
from gateway.openapi.document import (
    AUTHORIZER,
    AUTHTYPE,
    DefinitionError,
    Document,
    Node,
    known,
)
from gateway.openapi.function_uri import function_arn

_MEMBERS = {
    "type",
    "authorizerUri",
    "authorizerResultTtlInSeconds",
    "identitySource",
    "identityValidationExpression",
}
_TTLS = range(3601)
"""Seconds (API reference, CreateAuthorizer)."""
_DEFAULT_TTL = 300
_AUTHTYPES = {"custom", "oauth2", "custom_scheme"}


@dataclass(frozen=True, slots=True)
class Security:
    """What a request must bring."""

    needs_api_key: bool
    authorizer: Authorizer | None


class SecurityReader:
    """Reads what operations require."""

    def __init__(self, document: Document, stage_variables: Mapping[str, str]) -> None:
        self._schemes = document.schemes
        self._stage_variables = stage_variables
        self._authorizers: dict[str, Authorizer] = {}

    def read(self, where: str, requirements: Iterable[Mapping[str, Node]]) -> Security:
        """Read the requirements of an operation.

        Raises:
            DefinitionError: one is not known, or there are several authorizers.
        """
        needs_api_key = False
        authorizers: dict[str, Authorizer] = {}
        for name in dict.fromkeys(name for one in requirements for name in one):
            scheme = self._schemes.get(name, {})
            if AUTHORIZER in scheme:
                authorizers[name] = self._authorizer(name, scheme)
            elif self._is_api_key(scheme):
                needs_api_key = True
            else:
                raise DefinitionError(
                    f"{where}.security: {name!r} is neither an apiKey in the header x-api-key"
                    f" nor has it an {AUTHORIZER}"
                )
        if len(authorizers) > 1:
            raise DefinitionError(
                f"{where}.security: {' and '.join(authorizers)}: only one authorizer can be asked"
            )
        return Security(needs_api_key, next(iter(authorizers.values()), None))

    def _is_api_key(self, scheme: Mapping[str, Node]) -> bool:
        kind = (scheme.get("type"), scheme.get("in"), str(scheme.get("name")).lower())
        return kind == ("apiKey", "header", "x-api-key")

    def _authorizer(self, name: str, scheme: Mapping[str, Node]) -> Authorizer:
        if name not in self._authorizers:
            self._authorizers[name] = self._read_authorizer(name, scheme)
        return self._authorizers[name]

    def _read_authorizer(self, name: str, scheme: Mapping[str, Node]) -> Authorizer:
        where = f"components.securitySchemes.{name}"
        if scheme.get("type") != "apiKey":
            raise DefinitionError(f"{where}.type: must be apiKey")
        if scheme.get(AUTHTYPE, "custom") not in _AUTHTYPES:
            raise DefinitionError(f"{where}.{AUTHTYPE}: {scheme[AUTHTYPE]!r} is not emulated")
        members = known(f"{where}.{AUTHORIZER}", scheme[AUTHORIZER], _MEMBERS)
        where = f"{where}.{AUTHORIZER}"
        kind = str(members.get("type")).upper()
        if kind not in set(Kind):
            raise DefinitionError(f"{where}.type: {members.get('type')!r} is not emulated")
        ttl = members.get("authorizerResultTtlInSeconds", _DEFAULT_TTL)
        if ttl not in _TTLS:
            raise DefinitionError(f"{where}.authorizerResultTtlInSeconds: must be from 0 to 3600")
        return Authorizer(
            name,
            Kind(kind),
            function_arn(
                f"{where}.authorizerUri", members.get("authorizerUri"), self._stage_variables
            ),
            self._sources(where, Kind(kind), scheme, members, ttl),
            _validation(where, Kind(kind), members.get("identityValidationExpression")),
            ttl,
        )

    def _sources(
        self,
        where: str,
        kind: Kind,
        scheme: Mapping[str, Node],
        members: Mapping[str, Node],
        ttl: int,
    ) -> tuple[Source, ...]:
        if kind is Kind.TOKEN:
            if scheme.get("in") != "header" or not scheme.get("name"):
                raise DefinitionError(
                    f"{where}: a token comes in a header, which is the scheme's name"
                )
            return (_header(str(scheme["name"])),)
        expressions = [one.strip() for one in str(members.get("identitySource", "")).split(",")]
        sources = tuple(self._source(where, one) for one in expressions if one)
        if ttl and not sources:
            raise DefinitionError(f"{where}.identitySource: is missing, by which results are kept")
        return sources

    def _source(self, where: str, expression: str) -> Source:
        scope, _, name = expression.rpartition(".")
        match scope:
            case "method.request.header":
                return _header(name)
            case "method.request.querystring":
                return lambda exchange: next((v for n, v in exchange.query if n == name), None)
            case "stageVariables":
                value = self._stage_variables.get(name)
                return lambda _: value
        if expression.startswith("context."):
            try:
                found = variable(expression.removeprefix("context."))
            except UnknownVariableError as error:
                raise DefinitionError(f"{where}.identitySource: {error} is not known") from None
            return lambda exchange: _text(found(exchange))
        raise DefinitionError(f"{where}.identitySource: {expression!r} is not emulated")


def _header(name: str) -> Source:
    lower = name.lower()

    def source(exchange: Exchange) -> str | None:
        return exchange.request.header(lower)

    return source


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _validation(where: str, kind: Kind, expression: Node) -> re.Pattern[str] | None:
    if expression is None:
        return None
    if kind is not Kind.TOKEN:
        raise DefinitionError(f"{where}.identityValidationExpression: is for a token alone")
    try:
        return re.compile(str(expression))
    except re.error as error:
        raise DefinitionError(f"{where}.identityValidationExpression: {error}") from None
