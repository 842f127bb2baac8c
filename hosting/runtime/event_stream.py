"""AWS's event stream: messages of headers and a payload, each with two checksums.

The frame is the one that botocore's eventstream module reads: the lengths of message and headers,
their CRC-32, the headers, the payload, and the CRC-32 of all that. Not: where the payload is from.
"""

import json
import struct
from binascii import crc32

CONTENT_TYPE = "application/vnd.amazon.eventstream"

STRING = 7
"""The type of a header's value that is a text (botocore, eventstream)."""

_LENGTHS = struct.Struct("!II")
_CRC = struct.Struct("!I")
_AROUND = 16
"""Bytes of a message that are neither headers nor payload."""


def payload_part(data: bytes) -> bytes:
    """Give the event that carries a piece of an answer (PayloadPart, botocore)."""
    return _PAYLOAD_PART.message(data)


def exception(kind: str, members: dict[str, str]) -> bytes:
    """Give the message that ends a stream with an error of the service model."""
    headers = _Headers(
        {
            ":exception-type": kind,
            ":content-type": "application/json",
            ":message-type": "exception",
        }
    )
    return headers.message(json.dumps(members).encode())


class _Headers:
    """A message's headers, packed once."""

    def __init__(self, values: dict[str, str]) -> None:
        self._packed = b"".join(_pack(name, value) for name, value in values.items())

    def message(self, payload: bytes) -> bytes:
        lengths = _LENGTHS.pack(len(self._packed) + len(payload) + _AROUND, len(self._packed))
        message = b"".join((lengths, _CRC.pack(crc32(lengths)), self._packed, payload))
        return message + _CRC.pack(crc32(message))


def _pack(name: str, value: str) -> bytes:
    return struct.pack(
        f"!B{len(name)}sBH{len(value)}s",
        len(name),
        name.encode(),
        STRING,
        len(value),
        value.encode(),
    )


_PAYLOAD_PART = _Headers(
    {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
)
