"""MOCK integration: no backend; the request template says which status there is to map.

Facts: API Gateway developer guide, "Set up mock integrations"; localstack's AWS-validated
test_integration_mock_with_path_param: AWS reads `{statusCode: 200}` too, which is no JSON.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import yaml

from gateway.exchange import Exchange
from gateway.gateway_response import BAD_MAPPING, Answer, RefusedError
from gateway.integration import Backends
from gateway.integrations.invocation import aside
from gateway.mapping.parameters import BackendAnswer
from gateway.mapping.request import RequestMapping
from gateway.mapping.response import ResponseMapping

_SHORT = 4096
"""Characters of a text that is read as YAML, which takes its time: a caller may have sent it."""


@dataclass(frozen=True, slots=True)
class Mock:
    """An answer that the API itself makes."""

    request: RequestMapping
    response: ResponseMapping
    is_traced: bool = False

    async def answer(self, exchange: Exchange, backends: Backends) -> Answer:  # noqa: ARG002 - none
        """Map the status that the request template gives.

        Raises:
            RefusedError: it gives none, or a mapping failed.
        """
        body = await aside(len(exchange.body), lambda: self.request.body(exchange))
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        status = await aside(len(text), lambda: _status(text))
        if status is None:
            raise RefusedError(BAD_MAPPING, "the request template gives no statusCode")
        exchange.integration_ms = 0.0
        exchange.integration_status = status
        return self.response.answer(exchange, str(status), BackendAnswer(status, (), b""))


def _status(text: str) -> int | None:
    return _status_of_short(text) if len(text) <= _SHORT else _read(text, json.loads)


@lru_cache(maxsize=256)
def _status_of_short(text: str) -> int | None:
    """Read the status; JSON is YAML, and what AWS also takes is YAML as well."""
    return _read(text, yaml.safe_load)


def _read(text: str, load: Callable[[str], object]) -> int | None:
    try:
        document = load(text)
    # a date that is none is an error of its own
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    status = document.get("statusCode") if isinstance(document, dict) else None
    return status if isinstance(status, int) and not isinstance(status, bool) else None
