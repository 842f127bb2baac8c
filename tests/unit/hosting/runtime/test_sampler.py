"""Which invocations are captured, and that a stream is captured whole."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hosting.live import Capture, LiveEndpoint
from hosting.runtime.call import Account, Call
from hosting.runtime.capture_writer import CaptureWriter
from hosting.runtime.sampler import KeptPieces, Sampler
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import MemoryObjects, variant, watched


def test_a_percentage_is_captured() -> None:
    log = ReadableLog()
    objects = MemoryObjects()
    writer = CaptureWriter(objects, log.logger)
    points = iter(range(100))
    sampler = Sampler(writer, lambda: next(points) / 100, lambda: 0.0)
    found = variant("a", watched(MemoryContainer(), log))
    call = Call(
        Account("0", "eu"), LiveEndpoint("risk", (found,)), found, found.instances[0], (), {}, b"1"
    )
    capture = Capture("s3://bucket/prefix", 30, input=True, output=True)
    for _ in range(100):
        if drawn := sampler.drawn(capture):
            sampler.take(call, drawn, "text/csv", b"0.5")
    asyncio.run(writer.flush())
    [(location, (body, _))] = objects.content.items()
    assert location.startswith("s3://bucket/prefix/risk/a/1970/01/01/00/")
    assert body.count(b"\n") == 30


def test_pieces_are_kept_while_they_pass() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"0", b".5"):
            yield piece

    async def scenario() -> tuple[list[bytes], bytes]:
        kept = KeptPieces(pieces())
        return [piece async for piece in kept.pieces()], kept.body()

    assert asyncio.run(scenario()) == ([b"0", b".5"], b"0.5")


def test_no_more_is_kept_than_a_payload_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosting.runtime.sampler.PAYLOAD_LIMIT", 3)

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"12", b"34", b"56"):
            yield piece

    async def scenario() -> tuple[bytes, bytes]:
        kept = KeptPieces(pieces())
        return b"".join([piece async for piece in kept.pieces()]), kept.body()

    assert asyncio.run(scenario()) == (b"123456", b"123")
