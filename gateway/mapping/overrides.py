"""What mapping templates override: `$context.requestOverride` and `$context.responseOverride`.

What a request template sets is there for the response template too (localstack's AWS-validated
test_integration_mock_with_response_override_in_request_template).
"""

from dataclasses import dataclass, field
from typing import Any

from gateway.mapping.java import JavaMap

STATUSES = range(200, 600)
"""Below 200 is not an answer yet: the caller would wait for another."""


def _request() -> JavaMap:
    return JavaMap(header=JavaMap(), path=JavaMap(), querystring=JavaMap())


def _response() -> JavaMap:
    return JavaMap(header=JavaMap())


@dataclass(slots=True)
class Overrides:
    """The two maps, which templates write."""

    request: JavaMap = field(default_factory=_request)
    response: JavaMap = field(default_factory=_response)

    def parameters(self, place: str) -> dict[str, str]:
        """Give what overrides the request's `header`, `path` or `querystring`."""
        return {str(name): str(value) for name, value in self.request[place].items()}

    def headers(self) -> dict[str, str]:
        """Give what overrides the answer's headers."""
        return {str(name): str(value) for name, value in self.response["header"].items()}

    def status(self) -> int | None:
        """Give what overrides the answer's status; what is no status is ignored.

        (localstack `integration_response`: AWS ignores what is not from 100 to 599.)
        """
        status: Any = self.response.get("status")
        return status if isinstance(status, int) and status in STATUSES else None
