"""The parts of an Invoke call: its type, its payload, its client context. Pure functions.

Facts: Lambda API reference and botocore's service model, operation Invoke.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Never

from riskstack.emulator.lambda_api.errors import (
    LARGEST_EVENT,
    LARGEST_REQUEST,
    event_too_large,
    invalid_client_context,
    invalid_content,
    request_too_large,
    validation,
)

REQUEST_RESPONSE, EVENT, DRY_RUN = "RequestResponse", "Event", "DryRun"
TAIL = "Tail"
LARGEST_CLIENT_CONTEXT = 3583
"""Bytes, as base64."""

_KINDS = (EVENT, REQUEST_RESPONSE, DRY_RUN)
_LOG_TYPES = ("None", TAIL)


def check_kinds(kind: str, log_type: str) -> None:
    """Refuse an invocation type or a log type that there is not.

    Raises:
        ApiError: with Lambda's text.
    """
    errors = [
        f"Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum "
        f"value set: [{', '.join(known)}]"
        for member, value, known in (
            ("invocationType", kind, _KINDS),
            ("logType", log_type, _LOG_TYPES),
        )
        if value not in known
    ]
    if errors:
        raise validation(errors)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


# one for all: json.loads would make one for each call
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def check_payload(payload: bytes, kind: str) -> bytes:
    """Give the payload that the function gets: an empty object in place of none.

    Raises:
        ApiError: it is too large or not JSON.
    """
    if len(payload) > LARGEST_REQUEST:
        raise request_too_large()
    if kind == EVENT and len(payload) > LARGEST_EVENT:
        raise event_too_large(len(payload))
    if not payload:
        return b"{}"
    try:
        _decoder.decode(payload.decode())
    except UnicodeDecodeError as error:
        byte = payload[error.start]
        raise invalid_content(f"Invalid UTF-8 byte 0x{byte:x} at {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise invalid_content(str(error)) from None
    return payload


def client_context(header: str | None) -> Mapping[str, Any] | None:
    """Read X-Amz-Client-Context: base64 of a JSON object with `client`, `custom` and `env`.

    Raises:
        ApiError: it is too long, or no such object.
    """
    if header is None:
        return None
    if len(header) > LARGEST_CLIENT_CONTEXT:
        raise invalid_client_context(
            f"Client context must be at most {LARGEST_CLIENT_CONTEXT} bytes, not {len(header)}."
        )
    try:
        given = _decoder.decode(base64.b64decode(header, validate=True).decode())
    except (binascii.Error, ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("client", {}), dict | None):
        raise invalid_client_context("Client context must be a valid Base64-encoded JSON object.")
    return given
