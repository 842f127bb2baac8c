"""What is captured is written in batches, kept while S3 is away, and written at the end."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hosting.live import Capture
from hosting.runtime import capture_writer
from hosting.runtime.capture import Captured, Payload
from hosting.runtime.capture_writer import CaptureWriter
from hosting.runtime.objects import ObjectError, ObjectsUnavailableError
from tests.hosting_stand import ReadableLog
from tests.runtime_stand import MemoryObjects

CAPTURED = Captured(
    Capture("s3://bucket/prefix", 100, input=True, output=True),
    "risk",
    "a",
    "4bf1",
    None,
    datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
    Payload("text/csv", b"1"),
    Payload("text/csv", b"2"),
)


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def log() -> ReadableLog:
    return ReadableLog()


@pytest.fixture
def writer(objects: MemoryObjects, log: ReadableLog) -> CaptureWriter:
    return CaptureWriter(objects, log.logger)


def lines(objects: MemoryObjects) -> list[int]:
    return [body.count(b"\n") for body, _ in objects.content.values()]


def test_each_hour_of_each_variant_is_a_file(writer: CaptureWriter, objects: MemoryObjects) -> None:
    for captured in (
        CAPTURED,
        replace(CAPTURED, variant="b"),
        CAPTURED,
        replace(CAPTURED, at=CAPTURED.at + timedelta(hours=1)),
    ):
        writer.add(captured)
    asyncio.run(writer.flush())
    folders = [location.rpartition("/")[0] for location in objects.content]
    assert folders == [
        "s3://bucket/prefix/risk/a/2026/03/01/09",
        "s3://bucket/prefix/risk/a/2026/03/01/10",
        "s3://bucket/prefix/risk/b/2026/03/01/09",
    ]
    assert lines(objects) == [2, 1, 1]


def test_nothing_is_written_where_nothing_was_captured(
    writer: CaptureWriter, objects: MemoryObjects
) -> None:
    asyncio.run(writer.flush())
    assert not objects.content


def test_what_s3_does_not_take_is_written_later(
    writer: CaptureWriter, objects: MemoryObjects, log: ReadableLog
) -> None:
    objects.fault = ObjectsUnavailableError("S3 is away")
    writer.add(CAPTURED)
    asyncio.run(writer.flush())
    [warning] = log.lines("capture not written")
    assert warning["reason"] == "S3 is away"
    objects.fault = None
    asyncio.run(writer.flush())
    assert lines(objects) == [1]


def test_what_cannot_be_kept_is_counted(
    writer: CaptureWriter,
    objects: MemoryObjects,
    log: ReadableLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capture_writer, "KEPT_BYTES", 3)
    for _ in range(5):
        writer.add(CAPTURED)
    asyncio.run(writer.flush())
    assert lines(objects) == [2]
    assert log.lines("captured invocations lost") == [{"level": "WARNING", "count": 3}]


def test_what_is_left_is_written_at_the_end(writer: CaptureWriter, objects: MemoryObjects) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(writer.run())
        await asyncio.sleep(0)
        writer.add(CAPTURED)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert lines(objects) == [1]


def test_a_large_batch_does_not_wait_for_its_time(
    writer: CaptureWriter, objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_writer, "BATCH_BYTES", 2)

    async def scenario() -> None:
        task = asyncio.create_task(writer.run())
        writer.add(CAPTURED)
        async with asyncio.timeout(capture_writer.INTERVAL_S - 1):
            await objects.written.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert lines(objects) == [1]


def test_a_bucket_that_refuses_costs_no_other_its_captures(
    writer: CaptureWriter,
    objects: MemoryObjects,
    log: ReadableLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put = objects.put

    async def picky(location: str, body: bytes, content_type: str | None = None) -> None:
        if location.startswith("s3://bad/"):
            raise ObjectError("no such bucket")
        await put(location, body, content_type)

    monkeypatch.setattr(objects, "put", picky)
    writer.add(replace(CAPTURED, capture=replace(CAPTURED.capture, destination="s3://bad")))
    writer.add(CAPTURED)
    asyncio.run(writer.flush())
    assert lines(objects) == [1]
    assert log.lines("captured invocations lost") == [{"level": "WARNING", "count": 1}]
    asyncio.run(writer.flush())
    assert len(log.lines("capture not written")) == 1
