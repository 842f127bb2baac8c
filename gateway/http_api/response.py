"""The answers of an HTTP API: those of a function, and the gateway's own.

Facts: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs",
"Lambda function response for format 2.0"; localstack's AWS-validated test_lambda_url_invocation,
for Lambda's function URLs have the same format.
"""

import base64
import binascii
import json
import re
from typing import Any, NoReturn

from gateway.gateway_response import BODILESS, JSON, Answer, Headers

_TEXT = b"text/plain;charset=UTF-8"
"""What a body is without a content type (awslabs/aws-lambda-go-api-proxy#116, measured)."""

_DROPPED = frozenset(
    {"apigw-requestid", "connection", "content-length", "date", "transfer-encoding"}
)
"""Headers that the gateway sets itself."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

_STATUSES = range(200, 600)


class MalformedError(ValueError):
    """A function's answer is none of format 2.0: the caller gets a 500, the text is for the log."""


def _message(status: int, text: str, content_type: bytes | None = JSON) -> Answer:
    headers = [] if content_type is None else [(b"content-type", content_type)]
    return Answer(status, headers, json.dumps({"message": text}, separators=(",", ":")).encode())


NOT_FOUND = _message(404, "Not Found")
"""No such route (developer guide, "Working with routes for HTTP APIs")."""
INTERNAL_SERVER_ERROR = _message(500, "Internal Server Error")
"""The function failed, answered what is malformed, or could not be called (developer guide,
"Troubleshooting issues with HTTP API Lambda integrations")."""
TOO_MANY_REQUESTS = _message(429, "Too Many Requests")
"""The route had more than its limits let in; the text is not documented."""
SERVICE_UNAVAILABLE = _message(503, "Service Unavailable", content_type=None)
"""The function was too slow (cortexlabs/cortex#1225, recorded: there is no content type)."""
TOO_LARGE = _message(413, "Request Entity Too Large")
"""The request has over 10 MB, or its event over Lambda's 6 MB."""

HEADERS_TOO_LARGE = _message(431, "Request Header Fields Too Large")
"""The request line and the headers have over 10,240 bytes."""


def closing(answer: Answer) -> Answer:
    """Give an answer that ends its connection, because the request was not read to its end."""
    return Answer(answer.status, [*answer.headers, (b"connection", b"close")], answer.body)


def answer(payload: bytes) -> Answer:
    """Turn the payload of an invocation into an HTTP answer.

    What is no object with a `statusCode` is the body of a 200, a text as it is and anything else
    as JSON without spaces.

    Raises:
        MalformedError: it can be no answer.
    """
    try:
        response = json.loads(payload, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MalformedError("the function's answer is not JSON") from None
    if not isinstance(response, dict) or "statusCode" not in response:
        text = response if isinstance(response, str) else _compact(response)
        return Answer(200, [(b"content-type", JSON)], text.encode("utf-8", "replace"))
    status = _status(response["statusCode"])
    headers = _headers(response.get("headers"), response.get("cookies"))
    body = _body(response.get("body"), binary=response.get("isBase64Encoded") is True)
    return Answer(status, headers, b"" if status in BODILESS else body)


def _status(value: object) -> int:
    try:
        status = int(value) if isinstance(value, str | int) else 0
    except ValueError:
        status = 0
    if status not in _STATUSES:
        raise MalformedError("statusCode is not the status of an answer")
    return status


def _headers(given: object, cookies: object) -> Headers:
    if not isinstance(given, dict | None):
        raise MalformedError("headers is not an object")
    if not isinstance(cookies, list | None):
        raise MalformedError("cookies is not a list")
    headers: Headers = []
    for name, value in (given or {}).items():
        # names in lower case, as in HTTP/2
        lower = name.lower()
        if lower not in _DROPPED:
            headers.append(_header(lower, value))
    if all(name != b"content-type" for name, _ in headers):
        headers.insert(0, (b"content-type", _TEXT))
    return headers + [_header("set-cookie", cookie) for cookie in cookies or ()]


def _header(name: str, value: object) -> tuple[bytes, bytes]:
    text = value if isinstance(value, str) else _compact(value)
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(text):
        raise MalformedError(f"the header {name!r} or its value cannot be sent")
    return name.encode("ascii"), text.encode("latin-1")


def _body(value: object, *, binary: bool) -> bytes:
    if not isinstance(value, str | None):
        raise MalformedError("body is not a text")
    if not binary:
        return (value or "").encode("utf-8", "replace")
    try:
        return base64.b64decode(value or "", validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("body is not base64") from None


def _compact(value: Any) -> str:  # noqa: ANN401 - JSON holds any value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
