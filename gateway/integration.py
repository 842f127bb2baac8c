"""What every kind of integration is: the way from an admitted request to its answer.

Not: the kinds themselves (integrations).
"""

from dataclasses import dataclass
from typing import Protocol

from gateway.exchange import Exchange
from gateway.gateway_response import Answer
from gateway.http_backend import HttpBackends
from gateway.lambda_client import Functions


@dataclass(frozen=True, slots=True)
class Backends:
    """The ways out of the gateway."""

    functions: Functions
    http: HttpBackends


class Integration(Protocol):
    """How a route is answered."""

    @property
    def is_traced(self) -> bool:
        """Tell whether its answers carry X-Amzn-Trace-Id (localstack `response_enricher`)."""
        ...

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        """Answer a request.

        Raises:
            RefusedError: the gateway must answer by itself.
        """
        ...
