"""The messages between the service and an execution environment: a JSON head and a body of bytes.

Both lengths come first, as two unsigned 32-bit numbers.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

Frame = tuple[dict[str, Any], bytes]

_LENGTHS = struct.Struct(">II")


def pack(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Give a message as it is sent."""
    encoded = json.dumps(head).encode()
    return b"".join((_LENGTHS.pack(len(encoded), len(body)), encoded, body))


def read(stream: BinaryIO) -> Frame | None:
    """Wait for the next message; give `None` where the other side has gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    return json.loads(stream.read(head)), stream.read(body)


class Unpacker:
    """Puts messages together from the pieces in which they arrive."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """Give the messages that a piece completes."""
        self._waiting += piece
        while len(self._waiting) >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(self._waiting)
            end = _LENGTHS.size + head + body
            if len(self._waiting) < end:
                return
            start = _LENGTHS.size + head
            frame = (
                json.loads(self._waiting[_LENGTHS.size : start]),
                bytes(self._waiting[start:end]),
            )
            del self._waiting[:end]
            yield frame
