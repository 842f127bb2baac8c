"""Custom Lambda integration: the event is what a template makes, the answer what a mapping makes.

A function's error is an answer too: its message selects the response (API Gateway developer guide,
"Handle Lambda errors in API Gateway"; localstack's AWS-validated test_lambda_selection_patterns).
"""

import json
from dataclasses import dataclass, replace

from gateway.exchange import Exchange
from gateway.gateway_response import INTEGRATION_FAILURE, Answer, RefusedError
from gateway.integration import Backends
from gateway.integrations.invocation import aside, call
from gateway.lambda_client import Target
from gateway.mapping.content import to_bytes
from gateway.mapping.parameters import BackendAnswer
from gateway.mapping.request import RequestMapping
from gateway.mapping.response import ResponseMapping

INVOCATION_TYPE = "X-Amz-Invocation-Type"
"""The one header that changes what an Invoke does; an API may map it."""
_INVOCATION_TYPES = frozenset({"DryRun", "Event", "RequestResponse"})
"""botocore's service model `lambda/2015-03-31`, InvocationType."""
_HEADERS = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True)
class LambdaCustom:
    """A function that gets what a mapping makes."""

    target: Target
    request: RequestMapping
    response: ResponseMapping
    is_traced: bool = True

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:
        """Call the function and map what it gave.

        Raises:
            RefusedError: it was too slow or could not be called, or a mapping failed.
        """
        body = await aside(len(exchange.body), lambda: self.request.body(exchange))
        payload = to_bytes(body)
        target = self.target
        if kind := self.request.mapped(exchange, "header").get(INVOCATION_TYPE):
            # what a caller sent may stand in it: it becomes a header of the Invoke
            if kind not in _INVOCATION_TYPES:
                raise RefusedError(INTEGRATION_FAILURE, "there is no such invocation type")
            target = replace(target, invocation_type=str(kind))
        invocation = await call(exchange, backends.functions, target, payload or b"{}")
        exchange.integration_status = exchange.backend_status
        backend = BackendAnswer(200, _HEADERS, invocation.payload)
        return await aside(
            len(invocation.payload),
            lambda: self.response.answer(exchange, _error_message(invocation.payload), backend),
        )


def _error_message(payload: bytes) -> str:
    """Give the message of a function's error, an empty text for any other payload."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return ""
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return message if isinstance(message, str) else ""
