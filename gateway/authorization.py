"""Authorization: the step that asks a route's authorizer, or remembers what it answered."""

import time
from collections.abc import Callable
from functools import partial

from gateway.authorizer import Authorizer, Results, method_arn, read_result
from gateway.exchange import Exchange, Grant
from gateway.gateway_response import (
    AUTHORIZER_CONFIGURATION_ERROR,
    EXPLICIT_DENY,
    NO_ALLOW,
    RefusedError,
)
from gateway.integrations.lambda_proxy import request_parts
from gateway.lambda_client import Functions, Target
from gateway.policy import Decision

TIMEOUT = 29.0
"""Seconds that a function has to answer."""


class Authorization:
    """The authorizers of an API, with what they answered."""

    def __init__(self, functions: Functions, clock: Callable[[], float] = time.monotonic) -> None:
        self._functions = functions
        self._clock = clock
        self._results: dict[str, Results] = {}

    async def check(self, exchange: Exchange, authorizer: Authorizer) -> Grant:
        """Give what the authorizer grants the caller.

        Raises:
            RefusedError: it grants nothing, or could not be asked.
        """
        identity = authorizer.identity(exchange)
        arn = method_arn(exchange)
        results = self._results.setdefault(authorizer.name, Results(authorizer.ttl))
        latency_ms = 0
        result = results.find(identity, self._clock())
        if result is None:
            started = self._clock()
            event = authorizer.event(arn, identity, partial(request_parts, exchange))
            try:
                invocation = await self._functions.call(
                    Target(authorizer.function_arn, TIMEOUT), event, exchange.ids.trace
                )
            except RefusedError as error:
                raise RefusedError(
                    AUTHORIZER_CONFIGURATION_ERROR, f"{authorizer.name}: {error}"
                ) from error
            result = read_result(invocation)
            latency_ms = round((self._clock() - started) * 1000)
            results.keep(identity, result, self._clock())
        match result.policy.decide(arn):
            case Decision.EXPLICIT_DENY:
                raise RefusedError(EXPLICIT_DENY, f"{authorizer.name}: denied")
            case Decision.NO_ALLOW:
                raise RefusedError(NO_ALLOW, f"{authorizer.name}: not allowed")
        return Grant(result.context, result.usage_identifier_key, latency_ms)
