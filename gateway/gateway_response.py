"""AWS's gateway responses: the answers that the gateway gives by itself. The one table of errors.

Types and status codes: API Gateway developer guide, "Gateway response types". Texts, their spacing
and the types in `x-amzn-ErrorType`: as measured on AWS, the source is beside each.
Not: what an API makes of them (customization), what a backend answers (integration_response).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

Headers: TypeAlias = list[tuple[bytes, bytes]]

JSON = b"application/json"
BODILESS = frozenset({204, 304})
"""Statuses whose answers have neither a body nor a length (RFC 9110)."""


@dataclass(slots=True)  # not frozen: each request pays for that
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
    response_type: str | None = None
    """By which an API customises it; `None` where AWS lets none do so."""
    message: str | None = None
    """`$context.error.message`."""

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

    def __init__(
        self, response: GatewayResponse, cause: str, validation: str | None = None
    ) -> None:
        """Take what is wrong with the request, `$context.error.validationErrorString`."""
        super().__init__(cause)
        self.response = response
        self.validation = validation


def _row(response_type: str, status: int, error_type: str, body: str) -> GatewayResponse:
    """Make a row that an API may customise; its message stands in its body."""
    (message,) = json.loads(body).values()
    return GatewayResponse(
        status, error_type, body.encode(), response_type=response_type, message=message
    )


# -- what AWS's front answers, before it looks for an API ------------------------------------------

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

LARGEST_HEADERS = 10_240
"""Bytes of a request's line and headers (API Gateway quotas)."""

HEADERS_TOO_LONG = GatewayResponse(
    431,
    None,
    b"HTTP header is larger than %d bytes." % LARGEST_HEADERS,
    content_type=b"text; charset=utf-8",
    closes=True,
)
"""The request's line and headers are too long (the text: ntsblog.homedev.com.au, measured; the
status: backbencher.dev; the rest as for a body)."""

NO_SUCH_STAGE = GatewayResponse(
    403, "ForbiddenException", b'{"message":"Forbidden"}', message="Forbidden"
)
"""No such stage: there is no API to customise it (OWASP/Serverless-Goat#14, jetbridge/sls-flask#10,
measured)."""

URI_TOO_LONG = GatewayResponse(
    414, None, b'{"message":"Request URI too long"}', message="Request URI too long"
)
"""The method's ARN is too long for an authorizer (developer guide, "Output from a Lambda
authorizer", which gives the status and the text)."""

# -- what the API's own responses may change ----------------------------------------------------

MISSING_AUTHENTICATION_TOKEN = _row(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "MissingAuthenticationTokenException",
    '{"message":"Missing Authentication Token"}',
)
"""No such route or method (localstack's AWS-validated test_routing_not_found)."""

UNAUTHORIZED = _row("UNAUTHORIZED", 401, "UnauthorizedException", '{"message":"Unauthorized"}')
"""The caller's identity is missing or bad (26 bytes, in many a recorded answer)."""

EXPLICIT_DENY = _row(
    "ACCESS_DENIED",
    403,
    "AccessDeniedException",
    '{"Message":"User is not authorized to access this resource with an explicit deny'
    ' in an identity-based policy"}',
)
"""The authorizer's policy denies (recorded in 2026; the capital letter is AWS's)."""

NO_ALLOW = _row(
    "ACCESS_DENIED",
    403,
    "AccessDeniedException",
    '{"Message":"User is not authorized to access this resource because no identity-based policy'
    ' allows the execute-api:Invoke action"}',
)
"""The authorizer's policy does not allow (recorded in 2026)."""

AUTHORIZER_CONFIGURATION_ERROR = _row(
    "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", '{"message":null}'
)
"""The authorizer failed or gave no policy (aws/aws-lambda-go#81, serverless/examples#305)."""

FORBIDDEN = _row("INVALID_API_KEY", 403, "ForbiddenException", '{"message":"Forbidden"}')
"""An API key that is missing or unknown (ministack#1746, measured)."""

THROTTLED = _row("THROTTLED", 429, "TooManyRequestsException", '{"message":"Too Many Requests"}')
"""More requests a second than a limit allows (ministack#1746, measured)."""

QUOTA_EXCEEDED = _row(
    "QUOTA_EXCEEDED", 429, "LimitExceededException", '{"message":"Limit Exceeded"}'
)
"""The key's quota is used up (ministack#1746, measured)."""

BAD_REQUEST_BODY = _row(
    "BAD_REQUEST_BODY", 400, "BadRequestException", '{"message": "Invalid request body"}'
)
"""The body does not fit the model (localstack's AWS-validated
test_api_gateway_request_validator)."""

BAD_REQUEST_PARAMETERS = _row(
    "BAD_REQUEST_PARAMETERS", 400, "BadRequestException", '{"message": ""}'
)
"""Required parameters are missing; `bad_request_parameters` names them."""

BAD_JSON = _row(
    "DEFAULT_4XX", 400, "BadRequestException", '{"message": "Invalid JSON in request body"}'
)
"""A parameter is mapped from a body that is not JSON (localstack `parameters_mapping`)."""

UNSUPPORTED_MEDIA_TYPE = _row(
    "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", '{"message": "Unsupported Media Type"}'
)
"""No request template is for the body's type (localstack `integration_request`)."""

REQUEST_TOO_LARGE = GatewayResponse(
    413, "BadRequestException", b'{"message": "Request Too Long"}', message="Request Too Long"
)
"""Lambda refused the event as over 6 MB (koki-develop/lgtm-generator#10, measured). AWS does not
let it be customised (developer guide, "Important notes")."""

INTERNAL_SERVER_ERROR = _row(
    "DEFAULT_5XX", 502, "InternalServerErrorException", '{"message": "Internal server error"}'
)
"""The function failed, or what it gave is not a proxy response (localstack's AWS-validated
test_aws_proxy_response_payload_format_validation)."""

BAD_MAPPING = replace(INTERNAL_SERVER_ERROR, status=500)
"""A mapping failed, set a header that it must not, or a MOCK has no status (localstack's
AWS-validated TestApiGatewayHeaderRemapping)."""

API_CONFIGURATION_ERROR = replace(BAD_MAPPING, response_type="API_CONFIGURATION_ERROR")
"""No integration response is for what the backend answered, or base64 is none (developer guide,
"Gateway response types"; text as for any other error of the kind)."""

INTEGRATION_FAILURE = replace(BAD_MAPPING, response_type="INTEGRATION_FAILURE")
"""Lambda refused the call or could not be reached. AWS documents 504 and sends 500, until the
response is customised (repost.aws QUL-z6rJbmR4meafB7MzYXxw, measured)."""

NETWORK_FAILURE = _row(
    "INTEGRATION_FAILURE",
    504,
    "InternalServerErrorException",
    '{"message": "Network error communicating with endpoint"}',
)
"""An HTTP backend could not be reached or broke off (localstack `integrations/http`)."""

INTEGRATION_TIMEOUT = _row(
    "INTEGRATION_TIMEOUT",
    504,
    "InternalServerErrorException",
    '{"message": "Endpoint request timed out"}',
)
"""The backend was slower than the integration's timeout (rasp.hateblo.jp, measured)."""

DEFAULT_5XX = BAD_MAPPING
"""The gateway itself failed."""


def bad_request_parameters(missing: Iterable[str]) -> GatewayResponse:
    """Make the answer to a request without a required header or query parameter.

    Text: localstack's AWS-validated test_api_gateway_request_validator.
    """
    message = f"Missing required request parameters: [{', '.join(missing)}]"
    body = json.dumps({"message": message}, ensure_ascii=False)
    return replace(BAD_REQUEST_PARAMETERS, body=body.encode(), message=message)
