"""HTTP backends: requests over kept connections, each sent once. Not: what is sent (integrations).

There is no proxy and no redirect, as API Gateway follows none.
"""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.gateway_response import (
    BAD_MAPPING,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    NETWORK_FAILURE,
    RefusedError,
)
from gateway.mapping.parameters import BackendAnswer
from riskstack.http_client.connection import BrokenOffError, DroppedError
from riskstack.http_client.pool import Pool, UnreachableError
from riskstack.http_client.receivers import ExpiredError

LARGEST_ANSWER = 10_485_760
"""Bytes of a backend's answer (API Gateway quotas: 10 MB)."""
_STATUSES = range(200, 600)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a backend is asked."""

    method: str
    uri: str
    """With its query."""
    headers: tuple[tuple[str, str], ...]
    """Without Host and Content-Length."""
    body: bytes


class HttpBackends:
    """Pools of connections, one for each address. Close it."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str, int], Pool] = {}

    def close(self) -> None:
        """Close the kept connections."""
        for pool in self._pools.values():
            pool.close()

    async def ask(self, request: HttpRequest, timeout_s: float) -> BackendAnswer:
        """Send a request and give its answer.

        Raises:
            RefusedError: the address is none, or the backend cannot be reached, is slower than
                `timeout_s` seconds, breaks off, or answers with no status of HTTP.
        """
        parts = urlsplit(request.uri)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise RefusedError(BAD_MAPPING, f"no address of an HTTP backend: {parts.netloc!r}")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"{request.method} {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            *(f"{name}: {value}" for name, value in request.headers),
            f"Content-Length: {len(request.body)}",
        ]
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        try:
            answer, body = await self._pool(parts.scheme, parts.hostname, parts.port).ask(
                head, request.body, timeout_s=timeout_s, limit=LARGEST_ANSWER
            )
        except ExpiredError as error:
            raise RefusedError(INTEGRATION_TIMEOUT, f"no answer within {timeout_s:g} s") from error
        except (UnreachableError, DroppedError, BrokenOffError) as error:
            raise RefusedError(NETWORK_FAILURE, str(error)) from error
        if answer.status not in _STATUSES:
            raise RefusedError(
                INTERNAL_SERVER_ERROR, f"{answer.status} is not the status of an answer"
            )
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
        )
        return BackendAnswer(answer.status, headers, body)

    def _pool(self, scheme: str, host: str, port: int | None) -> Pool:
        place = (scheme, host, port or (443 if scheme == "https" else 80))
        if place not in self._pools:
            tls = ssl.create_default_context() if scheme == "https" else None
            self._pools[place] = Pool(host, place[2], tls)
        return self._pools[place]
