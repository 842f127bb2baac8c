"""Which invocations are captured: a percentage of those that succeed, also of streamed ones.

Not: what a line says (capture), or when it is written (capture_writer).
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from uuid import uuid4

from hosting.container import PAYLOAD_LIMIT
from hosting.live import Capture
from hosting.runtime.call import Call
from hosting.runtime.capture import Captured, Payload
from hosting.runtime.capture_writer import CaptureWriter


class Sampler:
    """Hands invocations to the writer."""

    def __init__(
        self, writer: CaptureWriter, draw: Callable[[], float], now: Callable[[], float]
    ) -> None:
        """Take dice and clock: a number from [0, 1), and seconds since 1970."""
        self._writer = writer
        self._draw = draw
        self._now = now

    def drawn(self, capture: Capture | None) -> Capture | None:
        """Draw whether an invocation is captured, as often as the percentage says."""
        if capture is None or self._draw() * 100 >= capture.percentage:
            return None
        return capture

    def take(self, call: Call, capture: Capture, content_type: str | None, body: bytes) -> None:
        """Capture an invocation that was drawn, and its answer."""
        self._writer.add(
            Captured(
                capture,
                call.endpoint.name,
                call.variant.name,
                str(uuid4()),
                call.headers.get("X-Amzn-SageMaker-Inference-Id"),
                datetime.fromtimestamp(self._now(), UTC),
                Payload(call.headers.get("Content-Type"), call.body),
                Payload(content_type, body),
            )
        )


class KeptPieces:
    """The pieces of an answer, kept while they pass, as far as PAYLOAD_LIMIT allows."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._kept: list[bytes] = []
        self._room = PAYLOAD_LIMIT

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give each piece on."""
        async for piece in self._pieces:
            if self._room:
                self._kept.append(piece[: self._room])
                self._room -= len(self._kept[-1])
            yield piece

    def body(self) -> bytes:
        """Give what was kept."""
        return b"".join(self._kept)
