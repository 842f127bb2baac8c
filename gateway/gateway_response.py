"""AWS's gateway responses: the answers that the gateway gives by itself. The one table of errors.

Status codes: API Gateway developer guide, "Gateway response types". Texts, their spacing and the
types in `x-amzn-ErrorType`: as measured on AWS, the source is beside each.
Not: what a function answers (integration_response).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Headers: TypeAlias = list[tuple[bytes, bytes]]

JSON = b"application/json"
BODILESS = frozenset({204, 304})
"""Statuses whose answers have neither a body nor a length (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, without the headers that every answer gets (request ids, length)."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """One row of the table."""

    status: int
    error_type: str | None
    body: bytes
    content_type: bytes = JSON
    closes: bool = False
    """Whether the connection ends with it, because the request was not read to its end."""

    def answer(self) -> Answer:
        """Give it as an HTTP answer."""
        headers = [(b"Content-Type", self.content_type)]
        if self.error_type:
            headers.append((b"x-amzn-ErrorType", self.error_type.encode()))
        if self.closes:
            headers.append((b"Connection", b"close"))
        return Answer(self.status, headers, self.body)


class RefusedError(Exception):
    """The gateway answers by itself: send `response`; the text says why, for the log."""

    def __init__(self, response: GatewayResponse, cause: str) -> None:
        super().__init__(cause)
        self.response = response


LARGEST_BODY = 10_485_760
"""Bytes of a request's body (API Gateway quotas: 10 MB)."""

CONTENT_TOO_LONG = GatewayResponse(
    413,
    None,
    b"HTTP content length exceeded %d bytes." % LARGEST_BODY,
    # not a media type, but what AWS sends (koki-develop/lgtm-generator#10, measured)
    content_type=b"text; charset=utf-8",
    closes=True,
)
"""The body is over 10 MB; API Gateway's front answers, before any route or key is looked at."""

REQUEST_TOO_LARGE = GatewayResponse(413, "BadRequestException", b'{"message": "Request Too Long"}')
"""Lambda refused the event as over 6 MB (koki-develop/lgtm-generator#10, measured)."""

MISSING_AUTHENTICATION_TOKEN = GatewayResponse(
    403, "MissingAuthenticationTokenException", b'{"message":"Missing Authentication Token"}'
)
"""No such route or method (localstack's AWS-validated test_routing_not_found)."""

FORBIDDEN = GatewayResponse(403, "ForbiddenException", b'{"message":"Forbidden"}')
"""An API key that is missing or unknown (ministack#1746, measured), or no such stage
(OWASP/Serverless-Goat#14 and jetbridge/sls-flask#10, measured)."""

BAD_REQUEST_BODY = GatewayResponse(
    400, "BadRequestException", b'{"message": "Invalid request body"}'
)
"""The body does not fit the model (localstack's AWS-validated
test_api_gateway_request_validator)."""

INTERNAL_SERVER_ERROR = GatewayResponse(
    502, "InternalServerErrorException", b'{"message": "Internal server error"}'
)
"""The function failed, or what it gave is not a proxy response (localstack's AWS-validated
test_aws_proxy_response_payload_format_validation)."""

INTEGRATION_FAILURE = GatewayResponse(
    500, "InternalServerErrorException", b'{"message": "Internal server error"}'
)
"""Lambda refused the call or could not be reached. AWS documents 504 and sends 500, until the
response is customised (repost.aws QUL-z6rJbmR4meafB7MzYXxw, measured)."""

INTEGRATION_TIMEOUT = GatewayResponse(
    504, "InternalServerErrorException", b'{"message": "Endpoint request timed out"}'
)
"""The function was slower than the integration's timeout (rasp.hateblo.jp, measured)."""

DEFAULT_5XX = INTEGRATION_FAILURE
"""The gateway itself failed."""


def bad_request_parameters(missing: Iterable[str]) -> GatewayResponse:
    """Make the answer to a request without a required header or query parameter.

    Text: localstack's AWS-validated test_api_gateway_request_validator.
    """
    text = f'{{"message": "Missing required request parameters: [{", ".join(missing)}]"}}'
    return GatewayResponse(400, "BadRequestException", text.encode())
