"""An HTTP request as it arrived, read from ASGI. Not: its body, which is read later or never."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HEADERS_AS_SENT = "riskstack.headers_as_sent"
"""The ASGI extension in which server puts the headers with their names' case."""


@dataclass(slots=True)  # not frozen: each request pays for that
class Request:
    """A request's line, headers and connection."""

    method: str
    path: str
    """As it was sent: not decoded, the stage at its front, one slash before it."""
    query: str
    headers: tuple[tuple[str, str], ...]
    """In their order; the names' case as sent, where the server tells it."""
    client: str
    """The caller's address."""
    port: int
    """The port that the request came in on."""
    scheme: str
    http_version: str
    _last: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The last value of each header, by its name in lower case."""

    def __post_init__(self) -> None:
        self._last = {name.lower(): value for name, value in self.headers}

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any]) -> "Request":
        """Read a request from its ASGI scope."""
        as_sent = (scope.get("extensions") or {}).get(HEADERS_AS_SENT)
        headers = as_sent["headers"] if as_sent else scope["headers"]
        return cls(
            method=scope["method"],
            # AWS takes `//stage/path` for `/stage/path` (localstack's AWS-validated
            # test_lambda_aws_proxy_integration)
            path="/" + scope["raw_path"].decode("latin-1").lstrip("/"),
            query=scope["query_string"].decode("latin-1"),
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
            ),
            client=scope["client"][0] if scope.get("client") else "",
            port=scope["server"][1] or 0 if scope.get("server") else 0,
            scheme=scope["scheme"],
            http_version=scope["http_version"],
        )

    @property
    def stage(self) -> str:
        """The stage: the first part of the path."""
        return self.path[1:].partition("/")[0]

    @property
    def resource_path(self) -> str:
        """The path without the stage; slashes between the two count as one, as on AWS."""
        return "/" + self.path[1:].partition("/")[2].lstrip("/")

    def header(self, name: str) -> str | None:
        """Give a header's last value; `name` is in lower case, the header's case is ignored."""
        return self._last.get(name)
