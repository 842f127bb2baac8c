"""The event source mapping beside bare reads of the same stream, on LocalStack and on moto.

Bare is a tight loop of GetRecords that does nothing else. Both take turns on the same emulator in
the same run, so that a busy moment of the machine meets both. `make bench-stream` writes
docs/benchmarks/stream.md; SCALE=0.1 measures a tenth, to see that it runs.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from rich.console import Console

from bench import stream_report
from bench.emulators import Emulator, emulators
from riskstack.emulator.event_source_mapping import (
    Checkpoint,
    Checkpoints,
    Poller,
    Settings,
    Source,
)
from riskstack.emulator.function import Result

SCALE = float(os.environ.get("SCALE", "1"))
TURNS = 5
PUTS = max(5, round(40 * SCALE))
"""Single puts a turn, for the latency."""
DRAINED = max(100, round(2000 * SCALE))
"""Records that wait, for the throughput."""
SIZES = (round(1_000 * SCALE), round(100_000 * SCALE))
WRITERS = 4
PATIENCE_S = 300.0
FACTORS = (1, 10)
HANDLERS = (0.0, 0.02)
ANSWER = Result(b"null")


@dataclass
class Findings:
    """What one emulator came to."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    """Seconds from a put to the reader, by reader."""
    rates: dict[tuple[str, int, float], list[float]] = field(default_factory=dict)
    """Records a second by reader, ParallelizationFactor and seconds of the handler."""
    costs: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    """Seconds a record by reader and items in the table."""


class Stream:
    """A table with a stream, and the two ways to read it."""

    def __init__(self, emulator: Emulator) -> None:
        config = Config(max_pool_connections=2 * WRITERS, retries={"total_max_attempts": 5})
        where: dict[str, Any] = {**emulator.client_settings, "config": config}
        self._client = boto3.client("dynamodb", **where)
        self._streams = boto3.client("dynamodbstreams", **where)
        self._name = f"bench-{uuid4()}"
        made = self._client.create_table(
            TableName=self._name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self._client.get_waiter("table_exists").wait(TableName=self._name)
        self.arn = made["TableDescription"]["LatestStreamArn"]
        described = self._streams.describe_stream(StreamArn=self.arn)["StreamDescription"]
        self.shard_id = described["Shards"][-1]["ShardId"]

    def put(self) -> None:
        """Write one item that was not there."""
        self._client.put_item(TableName=self._name, Item=_item())

    def fill(self, count: int) -> None:
        """Write items, several writers at once."""

        def batch(size: int) -> None:
            left: Any = {self._name: [{"PutRequest": {"Item": _item()}} for _ in range(size)]}
            while left:
                left = self._client.batch_write_item(RequestItems=left).get("UnprocessedItems")

        sizes = [25] * (count // 25) + [count % 25] * bool(count % 25)
        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(batch, sizes))

    def end(self) -> str:
        """Give the sequence number of the last record, one that is put for that."""
        iterator = self.iterator(ShardIteratorType="LATEST")
        self.put()
        for records in self.pages(iterator):
            if records:
                return str(records[-1]["dynamodb"]["SequenceNumber"])
        raise AssertionError("the stream has no end")

    def iterator(self, **position: Any) -> str:  # noqa: ANN401 - as the SDK takes it
        """Give an iterator."""
        return self._streams.get_shard_iterator(
            StreamArn=self.arn, ShardId=self.shard_id, **position
        )["ShardIterator"]

    def pages(self, iterator: str) -> Iterator[Sequence[Any]]:
        """Read bare: without a pause, and nothing else."""
        while True:
            page = self._streams.get_records(ShardIterator=iterator)
            yield page["Records"]
            iterator = page["NextShardIterator"]

    @contextmanager
    def mapped(
        self,
        invoke: Callable[[bytes, str], Result],
        behind: str,
        **settings: Any,  # noqa: ANN401 - any setting
    ) -> Iterator[None]:
        """Have a mapping read from behind a record until the end of the block."""
        logger = Logger(service="bench", level="ERROR")
        given = {"stream_arn": self.arn, "starting_position": "TRIM_HORIZON", **settings}
        with tempfile.TemporaryDirectory() as state:
            checkpoints = Checkpoints(Path(state), "f", self.arn, logger)
            checkpoints.write(
                self.shard_id, Checkpoint(behind, factor=given.get("parallelization_factor", 1))
            )
            poller = Poller(
                Source(
                    function_arn="arn:aws:lambda:eu-central-1:000000000000:function:f",
                    invoke=invoke,
                    settings=Settings(**given),
                    streams=self._streams,
                    checkpoints=checkpoints,
                    logger=logger,
                )
            )
            poller.start()
            try:
                yield
            finally:
                poller.stop()


class Handler:
    """A function that takes its time and counts what it got."""

    def __init__(self, seconds: float = 0.0, wanted: int = 1) -> None:
        self.done = threading.Event()
        self._seconds = seconds
        self._left = wanted
        self._turn = threading.Lock()

    def __call__(self, payload: bytes, _request_id: str) -> Result:
        """Take a batch."""
        if self._seconds:
            time.sleep(self._seconds)
        with self._turn:
            self._left -= payload.count(b'"eventID"')
            if self._left <= 0:
                self.done.set()
        return ANSWER

    def wait(self) -> None:
        """Wait until everything came."""
        if not self.done.wait(PATIENCE_S):
            raise TimeoutError("the mapping did not deliver in time")


def measure(emulator: Emulator, say: Callable[[str], None]) -> Findings:
    """Measure everything on one emulator."""
    found = Findings()
    say(f"{emulator.name}: one at a time")
    stream = Stream(emulator)
    for _ in range(TURNS):
        found.latencies.setdefault("bare", []).extend(_bare_latencies(stream))
        for factor in FACTORS:
            name = f"mapping, factor {factor}"
            found.latencies.setdefault(name, []).extend(_latencies(stream, factor))
    say(f"{emulator.name}: {DRAINED} records that wait")
    stream = Stream(emulator)
    behind = stream.end()
    stream.fill(DRAINED)
    for turn in range(3):
        found.rates.setdefault(("bare", 1, 0.0), []).append(_bare_rate(stream, behind, DRAINED))
        for factor, seconds in product(FACTORS, HANDLERS):
            # a handler that takes its time is measured once: it sleeps, and nothing disturbs that
            if turn == 0 or not seconds:
                rate = _rate(stream, behind, DRAINED, factor, seconds)
                found.rates.setdefault(("mapping", factor, seconds), []).append(rate)
    _measure_growth(emulator, found, say)
    return found


def _measure_growth(emulator: Emulator, found: Findings, say: Callable[[str], None]) -> None:
    tables = {}
    for size in SIZES:
        say(f"{emulator.name}: a table of {size:,} items")
        tables[size] = Stream(emulator)
        tables[size].fill(size)
    behind = {size: table.end() for size, table in tables.items()}
    count = SIZES[0]
    for size, table in tables.items():
        table.fill(count)
        found.costs[("bare", size)] = []
        found.costs[("mapping", size)] = []
    for _ in range(TURNS):
        for size, table in tables.items():
            bare = _bare_rate(table, behind[size], count)
            mapped = _rate(table, behind[size], count, 1, 0.0)
            found.costs[("bare", size)].append(1 / bare)
            found.costs[("mapping", size)].append(1 / mapped)


def _bare_latencies(stream: Stream) -> list[float]:
    seen = threading.Semaphore(0)
    stopping = threading.Event()
    iterator = stream.iterator(ShardIteratorType="LATEST")

    def read() -> None:
        for records in stream.pages(iterator):
            for _ in records:
                seen.release()
            if stopping.is_set():
                return

    reading = threading.Thread(target=read)
    reading.start()
    try:
        return [_timed(lambda: _put_and_see(stream, seen)) for _ in range(PUTS)]
    finally:
        stopping.set()
        reading.join()


def _latencies(stream: Stream, factor: int) -> list[float]:
    seen = threading.Semaphore(0)

    def invoke(_payload: bytes, _request_id: str) -> Result:
        seen.release()
        return ANSWER

    with stream.mapped(invoke, stream.end(), parallelization_factor=factor):
        # the first finds the mapping asleep, as it would the one on AWS
        stream.put()
        seen.acquire(timeout=PATIENCE_S)
        return [_timed(lambda: _put_and_see(stream, seen)) for _ in range(PUTS)]


def _put_and_see(stream: Stream, seen: threading.Semaphore) -> None:
    stream.put()
    if not seen.acquire(timeout=PATIENCE_S):
        raise TimeoutError("the item was not seen in time")


def _bare_rate(stream: Stream, behind: str, count: int) -> float:
    def read() -> None:
        left = count
        iterator = stream.iterator(ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=behind)
        for records in stream.pages(iterator):
            left -= len(records)
            if left <= 0:
                return

    return count / _timed(read)


def _rate(stream: Stream, behind: str, count: int, factor: int, seconds: float) -> float:
    """Drain waiting records; those of a handler that takes its time come one by one."""
    handler = Handler(seconds, count)
    size = 1 if seconds else 100
    began = time.perf_counter()
    with stream.mapped(handler, behind, parallelization_factor=factor, batch_size=size):
        handler.wait()
        took = time.perf_counter() - began
    return count / took


def _item() -> dict[str, Any]:
    return {"id": {"S": str(uuid4())}, "text": {"S": "of about the size of an application" * 20}}


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure, print and write."""
    console = Console()
    findings = {}
    with emulators() as running:
        for emulator in running:
            findings[emulator.name] = measure(emulator, console.print)
    stream_report.write(findings, SIZES, console, keep=SCALE == 1)


if __name__ == "__main__":
    main()
