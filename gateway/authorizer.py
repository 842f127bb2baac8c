"""Lambda authorizers: what a function is asked, what its answer means, how long that holds.

Facts: API Gateway developer guide, "Input to" and "Output from a Lambda authorizer" and "Configure
a Lambda authorizer"; events as in aws/aws-lambda-go events/testdata/apigw-custom-auth-*.json.
Not: when the function is called (authorization).
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic_core import to_json

from gateway.exchange import Exchange
from gateway.gateway_response import (
    AUTHORIZER_CONFIGURATION_ERROR,
    UNAUTHORIZED,
    URI_TOO_LONG,
    RefusedError,
)
from gateway.lambda_client import Invocation
from gateway.policy import Policy, PolicyError

LONGEST_ARN = 1600
"""Bytes of a method's ARN."""
REMEMBERED = 10_000
"""Results that are kept of an authorizer; the oldest goes first."""

Source: TypeAlias = Callable[[Exchange], str | None]
Identity: TypeAlias = tuple[str, ...]


class Kind(StrEnum):
    """What an authorizer is asked."""

    TOKEN = "TOKEN"  # noqa: S105 - a kind, no secret
    REQUEST = "REQUEST"


@dataclass(frozen=True, slots=True)
class Result:
    """What a function answered about a caller."""

    policy: Policy
    context: dict[str, str]
    """`principalId` and what the function adds, all as text."""
    usage_identifier_key: str | None


@dataclass(frozen=True, slots=True)
class Authorizer:
    """An authorizer as an API declares it."""

    name: str
    kind: Kind
    function_arn: str
    identity_sources: tuple[Source, ...]
    """Of a TOKEN authorizer the one header."""
    validation: re.Pattern[str] | None = None
    """What a token must be, as a whole."""
    ttl: int = 300
    """Seconds that a result holds; 0 is not at all."""

    def identity(self, exchange: Exchange) -> Identity:
        """Give what tells the caller, by which a result is remembered.

        Raises:
            RefusedError: a part of it is missing, or the token cannot be one.
        """
        values = tuple(source(exchange) or "" for source in self.identity_sources)
        if not all(values):
            raise RefusedError(UNAUTHORIZED, f"{self.name}: an identity source is missing")
        if self.validation and not self.validation.fullmatch(values[0]):
            raise RefusedError(UNAUTHORIZED, f"{self.name}: the token does not match")
        return values

    def event(self, arn: str, identity: Identity, parts: Callable[[], Any]) -> bytes:
        """Write the function's event; `parts` gives the request's own members."""
        if self.kind is Kind.TOKEN:
            event = {"type": "TOKEN", "methodArn": arn, "authorizationToken": identity[0]}
        else:
            event = {"type": "REQUEST", "methodArn": arn}
            # what is not there is empty, not null
            event |= {name: {} if value is None else value for name, value in parts().items()}
        return to_json(event)


def method_arn(exchange: Exchange) -> str:
    """Give the ARN of the called method.

    Raises:
        RefusedError: it is too long.
    """
    request = exchange.request
    arn = f"{exchange.api.arn}/{request.method}{request.resource_path}"
    if len(arn.encode()) > LONGEST_ARN:
        raise RefusedError(URI_TOO_LONG, "the method's ARN is too long for an authorizer")
    return arn


def read_result(invocation: Invocation) -> Result:
    """Read what a function answered.

    Raises:
        RefusedError: it says that the caller is unauthorized, or failed, or gave no policy.
    """
    try:
        document = json.loads(invocation.payload)
    except (ValueError, RecursionError):
        document = None
    if invocation.function_error is not None:
        if isinstance(document, dict) and document.get("errorMessage") == "Unauthorized":
            raise RefusedError(UNAUTHORIZED, "the authorizer says Unauthorized")
        raise _bad(f"function error: {invocation.function_error}")
    if not isinstance(document, dict):
        raise _bad("not an object")
    try:
        policy = Policy.read(document.get("policyDocument"))
    except PolicyError as error:
        raise _bad(str(error)) from None
    principal = document.get("principalId")
    if not isinstance(principal, str) or not principal:
        raise _bad("principalId must be a text")
    key = document.get("usageIdentifierKey")
    if not isinstance(key, str | None):
        raise _bad("usageIdentifierKey must be a text")
    return Result(policy, {"principalId": principal, **_context(document.get("context"))}, key)


class Results:
    """The results of one authorizer that still hold. Pure: the clock is handed in."""

    def __init__(self, ttl: int) -> None:
        self._ttl = ttl
        self._kept: OrderedDict[Identity, tuple[float, Result]] = OrderedDict()

    def find(self, identity: Identity, now: float) -> Result | None:
        """Find a result that holds at `now`, in seconds."""
        until, result = self._kept.get(identity, (now, None))
        return result if now < until else None

    def keep(self, identity: Identity, result: Result, now: float) -> None:
        """Remember a result; a caller without an identity has none that would hold."""
        if not self._ttl or not identity:
            return
        self._kept[identity] = (now + self._ttl, result)
        self._kept.move_to_end(identity)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)


def _context(context: object) -> dict[str, str]:
    """Give the context, each value as text; API Gateway takes no lists, objects and nulls."""
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise _bad("context must be an object")
    texts = {}
    for key, value in context.items():
        if not isinstance(value, str | int | float):
            raise _bad(f"context.{key} must be a text, a number or a boolean")
        texts[key] = value if isinstance(value, str) else json.dumps(value)
    return texts


def _bad(what: str) -> RefusedError:
    return RefusedError(AUTHORIZER_CONFIGURATION_ERROR, f"authorizer: {what}")
