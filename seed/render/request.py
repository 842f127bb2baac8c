"""The HTTP request that a channel sends, whoever sends it then."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A POST; the path is below the API's stage."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def json_request(
    path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Request:
    """Make a request with a JSON object as its body."""
    return Request(
        path,
        {"Content-Type": "application/json", **(headers or {})},
        json.dumps(body, ensure_ascii=False).encode(),
    )
