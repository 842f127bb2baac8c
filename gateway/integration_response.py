"""The integration response: the HTTP answer that a function's proxy response stands for.

What holds and what is malformed: API Gateway developer guide, "Output format of a Lambda function
for proxy integration", and localstack's AWS-validated
test_aws_proxy_response_payload_format_validation.
"""

import json

from gateway.gateway_response import (
    BODILESS,
    INTERNAL_SERVER_ERROR,
    JSON,
    Answer,
    Headers,
    RefusedError,
)
from gateway.header import is_sendable
from gateway.mapping.content import from_base64

_MEMBERS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_REMAPPED = frozenset({"connection", "content-length", "date", "server"})
"""Headers that a function may not set: they reach the caller as x-amzn-Remapped-<name>
(localstack's AWS-validated TestApiGatewayHeaderRemapping)."""
_DROPPED = frozenset({"transfer-encoding", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"})


def answer(payload: bytes, *, accepts_binary: bool = False) -> Answer:
    """Turn the payload of an invocation into an HTTP answer.

    `isBase64Encoded` holds where the caller's Accept header names a binary media type; without
    one, AWS sends the text as it is (localstack's AWS-validated test_aws_proxy_binary_response).

    Raises:
        RefusedError: the payload is not a proxy response, or its body no base64.
    """
    try:
        response = json.loads(payload)
    except (ValueError, RecursionError):
        raise _malformed("not JSON") from None
    if not isinstance(response, dict):
        raise _malformed("not an object")
    if unknown := sorted(response.keys() - _MEMBERS):
        raise _malformed(f"members that it must not have: {', '.join(unknown)}")
    status = _status(response.get("statusCode"))
    headers = _headers(response.get("headers"), response.get("multiValueHeaders"))
    body = response.get("body")
    if not isinstance(body, str | None):
        raise _malformed("body is not a text")
    if status in BODILESS or not body:
        return Answer(status, headers, b"")
    if accepts_binary and response.get("isBase64Encoded") is True:
        return Answer(status, headers, from_base64(body))
    return Answer(status, headers, body.encode("utf-8", "replace"))


def _status(value: object) -> int:
    if value is None:
        return 200
    try:
        status = int(value) if isinstance(value, str | int) else 0
    except ValueError:
        status = 0
    # below 200 is not an answer yet, and HTTP has no more than three digits
    if not 200 <= status <= 599:  # noqa: PLR2004 - the range of HTTP's status codes
        raise _malformed("statusCode is not the status of an answer")
    return status


def _headers(single: object, multiple: object) -> Headers:
    """Merge both kinds: several values go first and decide the case of a name that is in both."""
    merged: dict[str, tuple[str, list[str]]] = {}
    for name, values in _object("multiValueHeaders", multiple).items():
        if not isinstance(values, list):
            raise _malformed(f"multiValueHeaders: {name} has no list")
        merged[name.lower()] = (name, [_text(name, value) for value in values])
    for name, value in _object("headers", single).items():
        values = merged.setdefault(name.lower(), (name, []))[1]
        text = _text(name, value)
        if text not in values:
            values.append(text)
    headers: Headers = []
    if "content-type" not in merged:
        headers.append((b"Content-Type", JSON))
    for lower, (name, values) in merged.items():
        if lower in _DROPPED:
            continue
        sent = f"x-amzn-Remapped-{name}" if lower in _REMAPPED else name
        headers += [(sent.encode("ascii"), value.encode("latin-1")) for value in values]
    return headers


def _object(member: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict | None):
        raise _malformed(f"{member} is not an object")
    return value or {}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool | int | float):
        # `true` and `0` are headers too (the same test; aws/aws-sam-cli#221)
        value = json.dumps(value)
    if not isinstance(value, str) or not is_sendable(name, value):
        raise _malformed(f"the header {name!r} or its value cannot be sent")
    return value


def _malformed(what: str) -> RefusedError:
    return RefusedError(INTERNAL_SERVER_ERROR, f"malformed Lambda proxy response: {what}")
