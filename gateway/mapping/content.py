"""Content handling: when a body is bytes, when text, and how one becomes the other.

Facts: API Gateway developer guide, "Content type conversions in API Gateway" (both tables).
"""

import base64
import binascii
from enum import StrEnum

from gateway.gateway_response import API_CONFIGURATION_ERROR, RefusedError


class ContentHandling(StrEnum):
    """What an API wants a body to be."""

    CONVERT_TO_BINARY = "CONVERT_TO_BINARY"
    CONVERT_TO_TEXT = "CONVERT_TO_TEXT"


def convert_request(
    body: bytes, handling: ContentHandling | None, *, is_binary: bool
) -> bytes | str:
    """Give a request's body as its integration gets it: text where templates may read it.

    Raises:
        RefusedError: it should be base64 and is not.
    """
    if is_binary:
        return _to_base64(body) if handling is ContentHandling.CONVERT_TO_TEXT else body
    if handling is ContentHandling.CONVERT_TO_BINARY:
        return from_base64(body)
    return body.decode("utf-8", "replace")


def convert_answer(
    body: bytes, handling: ContentHandling | None, *, is_binary: bool, accepts_binary: bool
) -> bytes | str:
    """Give a backend's body as its caller gets it.

    Raises:
        RefusedError: it should be base64 and is not.
    """
    if handling is None:
        to_binary = accepts_binary
    else:
        to_binary = handling is ContentHandling.CONVERT_TO_BINARY
    if is_binary:
        return body if to_binary else _to_base64(body)
    return from_base64(body) if to_binary else body.decode("utf-8", "replace")


def from_base64(body: bytes | str) -> bytes:
    """Give the bytes of a base64 text.

    Raises:
        RefusedError: it is none.
    """
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(API_CONFIGURATION_ERROR, "a body is not base64") from None


def to_bytes(body: bytes | str) -> bytes:
    """Give the bytes of a body; half a character, which JSON may escape, becomes a `?`."""
    return body.encode("utf-8", "replace") if isinstance(body, str) else body


def _to_base64(body: bytes) -> str:
    return base64.b64encode(body).decode()
