"""A proxy event of API Gateway as a request: who asks for what, with which body.

Facts: API Gateway developer guide, "Input format of a Lambda function for proxy integration" and
"Working with AWS Lambda proxy integrations for HTTP APIs".
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from etl.payload import body_error, reference


class ProxyEvent(TypedDict, total=False):
    """The members of the event that are read here; the others are left alone."""

    resource: str
    httpMethod: str
    headers: Mapping[str, str] | None
    pathParameters: Mapping[str, str] | None
    requestContext: Mapping[str, Any]
    body: str | None
    isBase64Encoded: bool


class HttpEvent(TypedDict, total=False):
    """The members of an HTTP API's event (payload format 2.0) that are read here."""

    routeKey: str
    headers: Mapping[str, str]
    pathParameters: Mapping[str, str]
    requestContext: Mapping[str, Any]
    body: str
    isBase64Encoded: bool


def proxy_event(event: HttpEvent) -> ProxyEvent:
    """Give an HTTP API's event as a REST API's; the route key is the method and the resource."""
    method, _, resource = event.get("routeKey", "").partition(" ")
    return {
        "httpMethod": method,
        "resource": resource,
        "headers": event.get("headers"),
        "pathParameters": event.get("pathParameters"),
        "requestContext": event.get("requestContext", {}),
        "body": event.get("body"),
        "isBase64Encoded": event.get("isBase64Encoded", False),
    }


_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "ascii",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
"""Charsets that are read; `iso-8859-1` means what browsers mean (WHATWG encoding standard)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; the names of its headers are in lower case.

    `binary` says that the body is as the client sent it. Otherwise API Gateway has read it as
    UTF-8, with U+FFFD for what was not, and it is that text in UTF-8.
    """

    method: str
    resource: str
    path_parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    binary: bool = False

    @classmethod
    def from_event(cls, event: ProxyEvent) -> "Request":
        """Read a proxy event.

        Raises:
            InvalidSubmissionError: the body says that it is base64 and is not.
        """
        # a body may hold half characters, which JSON can spell; the readers refuse them
        body = (event.get("body") or "").encode(errors="surrogatepass")
        binary = bool(event.get("isBase64Encoded"))
        if binary:
            try:
                body = base64.b64decode(body, validate=True)
            except binascii.Error:
                raise body_error("is not base64") from None
        return cls(
            method=event.get("httpMethod", ""),
            resource=event.get("resource", ""),
            path_parameters=event.get("pathParameters") or {},
            headers={name.lower(): text for name, text in (event.get("headers") or {}).items()},
            body=body,
            binary=binary,
        )

    @property
    def media_type(self) -> str:
        """The content type without parameters; as API Gateway has it, JSON where there is none."""
        return (
            self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        )

    def text(self) -> str:
        """Decode the body, without a byte order mark; by its charset where it is binary.

        Raises:
            InvalidSubmissionError: the charset is not known, or the body is not in it.
        """
        found = re.search(
            r"charset\s*=\s*\"?([^\s;\"]+)", self.headers.get("content-type", ""), re.IGNORECASE
        )
        charset = found[1].lower() if found and self.binary else "utf-8"
        if charset not in _ENCODINGS:
            raise body_error(f"is in a charset that is not read; expected {', '.join(_ENCODINGS)}")
        try:
            return self.body.decode(_ENCODINGS[charset])
        except UnicodeDecodeError:
            raise body_error(f"is not {charset}") from None

    def idempotency_key(self) -> str | None:
        """Give the client's own name for this submission.

        Raises:
            InvalidSubmissionError: it is empty, too long or holds control characters.
        """
        key = self.headers.get("idempotency-key")
        return None if key is None else reference("Idempotency-Key", key)
