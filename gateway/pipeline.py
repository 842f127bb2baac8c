"""The way of a request through the gateway, step by step, in AWS's order; and the way out.

Not: HTTP (app), and the rules of any step, which are pure functions of their own.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from gateway.access_log import AccessLog
from gateway.api import Api
from gateway.authorization import Authorization
from gateway.body import DisconnectedError
from gateway.exchange import Exchange, Refusal
from gateway.gateway_response import DEFAULT_5XX, Answer, RefusedError
from gateway.integration import Backends
from gateway.integrations.invocation import aside
from gateway.metering import Meter
from gateway.method_request import check_body, check_lengths, check_parameters, find_route
from gateway.metrics import ApiMetrics
from gateway.openapi import Definition
from riskstack.contract.fault import place

ReadBody = Callable[[], Awaitable[bytes]]
"""Reads the body of a request: body.read_body."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps, and what they need."""

    api: Api
    definition: Definition
    meter: Meter
    authorization: Authorization
    backends: Backends
    metrics: ApiMetrics
    access_log: AccessLog | None
    logger: Logger

    async def answer(self, exchange: Exchange, read_body: ReadBody) -> Answer:
        """Answer a request, by its integration or by the gateway itself.

        Raises:
            DisconnectedError: the caller went away.
        """
        try:
            answer = await self._admitted(exchange, read_body)
        except RefusedError as refusal:
            self._note(exchange, str(refusal))
            return self._refused(exchange, Refusal(refusal.response, refusal.validation))
        except DisconnectedError:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: told in the log
            self.logger.error("failed", extra=self._entry(exchange) | place(error))
            return self._refused(exchange, Refusal(DEFAULT_5XX, None))
        if exchange.route and exchange.route.integration.is_traced:
            answer.headers.append((b"X-Amzn-Trace-Id", exchange.ids.trace.encode("latin-1")))
        return answer

    def finish(self, exchange: Exchange, answer: Answer, latency_ms: float) -> None:
        """Count and log a request whose answer was sent."""
        exchange.status = answer.status
        exchange.length = len(answer.body)
        exchange.latency_ms = latency_ms
        if exchange.request.stage != self.api.stage:
            return
        self.metrics.add(exchange)
        if self.access_log:
            self.access_log.add(exchange)

    def disconnected(self, exchange: Exchange) -> None:
        """Note a caller that went away before the end of its request."""
        self.logger.info("disconnected", extra=self._entry(exchange))

    def close(self) -> None:
        """Close the connections to backends, and write what the access log has kept."""
        self.backends.functions.close()
        self.backends.http.close()
        if self.access_log:
            self.access_log.flush()

    async def _admitted(self, exchange: Exchange, read_body: ReadBody) -> Answer:
        check_lengths(exchange.request)
        find_route(exchange, self.definition.deployment)
        route = exchange.route
        assert route is not None  # noqa: S101 - it was found
        if route.authorizer:
            exchange.grant = await self.authorization.check(exchange, route.authorizer)
        exchange.api_key = self.meter.find_key(route, self._key(exchange))
        self.meter.admit(route, exchange.api_key, time.monotonic(), exchange.arrived)
        check_parameters(exchange)
        exchange.body = await read_body()
        if route.models:
            await aside(len(exchange.body), lambda: check_body(exchange))
        return await route.integration.answer(exchange, self.backends)

    def _key(self, exchange: Exchange) -> str | None:
        if self.definition.has_keys_from_authorizer:
            return exchange.grant.usage_identifier_key if exchange.grant else None
        return exchange.request.header("x-api-key")

    def _refused(self, exchange: Exchange, refusal: Refusal) -> Answer:
        exchange.refusal = refusal
        return self.definition.customizations.answer(refusal.response, exchange)

    def _note(self, exchange: Exchange, cause: str) -> None:
        self.logger.info("refused", extra=self._entry(exchange) | {"cause": cause})

    def _entry(self, exchange: Exchange) -> dict[str, object]:
        route = exchange.route and exchange.route.name
        return {"request_id": exchange.ids.request, "route": route}
