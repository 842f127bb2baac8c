"""One request on its way through the gateway: what its steps read, and what they find out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.api import Api
from gateway.api_keys import ApiKey
from gateway.gateway_response import BAD_JSON, GatewayResponse, RefusedError
from gateway.request import Request
from gateway.request_ids import RequestIds

if TYPE_CHECKING:
    from gateway.deployment import PathParameters, Route
    from gateway.mapping.overrides import Overrides


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the gateway itself answers: `$context.error`."""

    response: GatewayResponse
    validation: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What an authorizer found out: `$context.authorizer`."""

    context: Mapping[str, str]
    """`principalId` and what the function adds, all as text."""
    usage_identifier_key: str | None
    latency_ms: int


@dataclass(slots=True)
class Exchange:
    """A request and what is known of it so far."""

    api: Api
    request: Request
    ids: RequestIds
    arrived: float
    """Seconds since the epoch."""
    route: "Route | None" = None
    path_parameters: "PathParameters" = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, decoded, in their order."""
    grant: Grant | None = None
    api_key: ApiKey | None = None
    body: bytes = b""
    overrides: "Overrides | None" = None
    """What mapping templates set, once one is rendered."""
    refusal: Refusal | None = None
    integration_ms: float | None = None
    backend_status: int | None = None
    """What the backend's service answered: for Lambda, that of Invoke."""
    integration_status: int | None = None
    """What the backend itself answered: for a proxy integration, the function's statusCode."""
    status: int = 0
    """The answer's."""
    length: int = 0
    """Bytes of the answer's body."""
    latency_ms: float = 0.0
    _document: Any = None
    _is_read: bool = False

    def document(self) -> Any:  # noqa: ANN401 - JSON holds any value
        """Read the body as JSON; what does not look like JSON gives an empty object.

        (localstack `parameters_mapping`: AWS reads what begins with `{`, `[` or a quote.)

        Raises:
            RefusedError: it looks like JSON and is not.
        """
        if not self._is_read:
            self._document = read_document(self.body)
            self._is_read = True
        return self._document


def read_document(body: bytes) -> Any:  # noqa: ANN401 - JSON holds any value
    """Read a body that may be JSON; see `Exchange.document`."""
    text = body.strip()
    if not text.startswith((b"{", b"[", b'"', b"'")):
        return {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedError(BAD_JSON, "a parameter is mapped from a body that is not JSON") from None
