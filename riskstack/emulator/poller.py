"""The loops of an event source mapping: read shards, invoke the function, keep checkpoints.

What an outcome means stands in event_source_mapping; here are the stream, the clock, the threads.
"""

import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from riskstack.emulator import event_source_mapping as rules
from riskstack.emulator.checkpoint import Checkpoint, Checkpoints
from riskstack.emulator.function import Function, Result, invoke

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_sqs import SQSClient

Answer = TypeVar("Answer")

BASE_RATE = 0.25
"""Seconds between polls of an idle shard: AWS polls four times a second."""
BUSY_RATE = 0.002
"""Seconds between polls of a shard that had records a moment ago."""
BUSY_FOR = 1.0
"""How long that moment is, in seconds."""
DISCOVERY_RATE = 5.0
"""Seconds between looks for new shards."""
RECONNECT_PAUSE = 0.5
"""Seconds to wait where the stream or the queue does not answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the loops of one mapping share."""

    function: Function
    settings: rules.Settings
    streams: "DynamoDBStreamsClient"
    sqs: "SQSClient"
    checkpoints: Checkpoints
    logger: Logger
    provide: Callable[[], object] = lambda: None
    """Creates again what an emulator lost that went away and came back."""
    stopping: threading.Event = field(default_factory=threading.Event)


class Poller:
    """Reads every shard of a stream, each in its thread, a parent before its children."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._readers: dict[str, threading.Thread] = {}
        self._supervisor = threading.Thread(target=self._run, name="poller")

    @property
    def alive(self) -> bool:
        """Whether the stream is being read."""
        return self._supervisor.is_alive()

    def start(self) -> None:
        """Begin to read."""
        self._supervisor.start()

    def stop(self) -> None:
        """End after the invocations under way."""
        self._source.stopping.set()
        self._supervisor.join()

    def _run(self) -> None:
        source = self._source
        while not source.stopping.is_set():
            try:
                self._start_readers()
            except (BotoCoreError, ClientError) as error:
                source.logger.warning("the stream does not answer", extra={"cause": str(error)})
                source.stopping.wait(RECONNECT_PAUSE)
                continue
            source.stopping.wait(DISCOVERY_RATE)
        for reader in self._readers.values():
            reader.join()

    def _start_readers(self) -> None:
        shards = {shard["ShardId"]: shard for shard in self._shards()}
        for shard_id, shard in shards.items():
            checkpoints = self._source.checkpoints
            parent = shard.get("ParentShardId", "")
            if parent in shards and not checkpoints.read(parent).finished:
                continue
            running = shard_id in self._readers and self._readers[shard_id].is_alive()
            if running or checkpoints.read(shard_id).finished:
                continue
            reader = threading.Thread(
                target=ShardReader(self._source, shard_id).run, name=f"shard {shard_id}"
            )
            self._readers[shard_id] = reader
            reader.start()

    def _shards(self) -> list[Mapping[str, Any]]:
        shards: list[Mapping[str, Any]] = []
        page: dict[str, Any] = {"StreamArn": self._source.settings.stream_arn}
        while True:
            description = self._source.streams.describe_stream(**page)["StreamDescription"]
            shards.extend(description["Shards"])
            if "LastEvaluatedShardId" not in description:
                return shards
            page["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]


class ShardReader:
    """Reads one shard in order and holds no record back but behind one that failed."""

    def __init__(self, source: Source, shard_id: str) -> None:
        self._source = source
        self._shard_id = shard_id
        self._last_record = 0.0

    def run(self) -> None:
        """Read until the shard ends or the mapping stops."""
        iterator: str | None = self._patiently(self._iterator)
        while iterator and not self._source.stopping.is_set():
            iterator = self._read(iterator)
        if not self._source.stopping.is_set():
            checkpoint = self._source.checkpoints.read(self._shard_id)
            self._source.checkpoints.write(
                self._shard_id, Checkpoint(checkpoint.sequence_number, finished=True)
            )

    def _read(self, iterator: str) -> str | None:
        """Process one page and give the iterator of the next."""
        source = self._source
        try:
            page = source.streams.get_records(ShardIterator=iterator)
        except (BotoCoreError, ClientError) as error:
            # expired, trimmed, or the stream is away: the checkpoint knows where to go on
            source.logger.warning("the stream does not answer", extra={"cause": str(error)})
            source.stopping.wait(RECONNECT_PAUSE)
            self._patiently(source.provide)
            return self._patiently(self._iterator)
        if page["Records"]:
            records = [
                rules.to_event_record(record, source.settings.stream_arn)
                for record in page["Records"]
            ]
            self._process(rules.cut(records, source.settings.batch_size))
            self._last_record = time.monotonic()
        else:
            busy = time.monotonic() - self._last_record < BUSY_FOR
            source.stopping.wait(BUSY_RATE if busy else BASE_RATE)
        return page.get("NextShardIterator")

    def _process(self, batches: list[rules.Batch]) -> None:
        """Take batches to their end, in order: done, or given up to the failure queue."""
        waiting = deque(batches)
        while waiting and not self._source.stopping.is_set():
            batch = waiting.popleft()
            if self._source.stopping.wait(rules.pause(batch.failures)):
                return
            request_id = str(uuid.uuid4())
            step = rules.settle(batch, self._invoke(batch, request_id), self._source.settings)
            done = step.done
            if step.discard and self._give_up(step.discard, request_id):
                done += step.discard.batch.records
            if done:
                self._source.checkpoints.write(
                    self._shard_id, Checkpoint(rules.sequence_number(done[-1]))
                )
            waiting.extendleft(reversed(step.retry))

    def _invoke(self, batch: rules.Batch, request_id: str) -> Result:
        source = self._source
        result = invoke(source.function, {"Records": list(batch.records)}, request_id)
        if result.error:
            source.logger.error(
                "the function failed",
                extra={
                    "function": source.function.name,
                    "function_request_id": request_id,
                    # not the message: it may quote what is personal
                    "error_type": json.loads(result.payload).get("errorType"),
                },
            )
        return result

    def _give_up(self, discard: rules.Discard, request_id: str) -> bool:
        """Tell the failure queue, if there is one; give whether it was told before a stop."""
        source = self._source
        source.logger.error(
            "records are discarded",
            extra={
                "first": rules.sequence_number(discard.batch.records[0]),
                "count": len(discard.batch.records),
            },
        )
        if source.settings.on_failure_arn is None:
            return True
        notice = rules.discard_notice(
            discard,
            settings=source.settings,
            function_arn=source.function.arn,
            shard_id=self._shard_id,
            request_id=request_id,
            now=datetime.now(UTC),
        )
        queue = source.settings.on_failure_arn.rpartition(":")[2]

        def send() -> bool:
            url = source.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            source.sqs.send_message(QueueUrl=url, MessageBody=notice)
            return True

        return self._patiently(send) is True

    def _iterator(self) -> str:
        """Give an iterator that goes on behind the checkpoint, or from the starting position."""
        source = self._source
        stream: dict[str, Any] = {
            "StreamArn": source.settings.stream_arn,
            "ShardId": self._shard_id,
        }
        checkpoint = source.checkpoints.read(self._shard_id)
        if checkpoint.sequence_number is not None:
            try:
                return source.streams.get_shard_iterator(
                    **stream,
                    ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                    SequenceNumber=checkpoint.sequence_number,
                )["ShardIterator"]
            except source.streams.exceptions.TrimmedDataAccessException:
                source.logger.warning(
                    "records behind the checkpoint are trimmed", extra={"shard": self._shard_id}
                )
                stream["ShardIteratorType"] = "TRIM_HORIZON"
        stream.setdefault("ShardIteratorType", source.settings.starting_position)
        return source.streams.get_shard_iterator(**stream)["ShardIterator"]

    def _patiently(self, call: Callable[[], Answer]) -> Answer | None:
        """Try a call until it succeeds; give `None` where the mapping stops first."""
        while not self._source.stopping.is_set():
            try:
                return call()
            except (BotoCoreError, ClientError) as error:
                self._source.logger.warning(
                    "an AWS call failed and is tried again", extra={"cause": str(error)}
                )
                self._source.stopping.wait(RECONNECT_PAUSE)
        return None
