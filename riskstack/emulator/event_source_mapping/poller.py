"""A mapping at work: finds the shards of its stream and has each read, parents before children."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from riskstack.emulator.event_source_mapping.checkpoint import Checkpoint
from riskstack.emulator.event_source_mapping.metrics import Counters
from riskstack.emulator.event_source_mapping.settings import LATEST, TRIM_HORIZON
from riskstack.emulator.event_source_mapping.shard_reader import ShardReader
from riskstack.emulator.event_source_mapping.source import RECONNECT_PAUSE, Source

DISCOVERY_RATE = 5.0
"""Seconds between looks for new shards; a shard that ends has its children looked for at once."""
PRECISION = 60.0
"""Seconds that the time of a record may be wrong by, as emulators cut it."""


class Poller:
    """Reads every shard of a stream, each in its threads."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._readers: dict[str, tuple[ShardReader, threading.Thread]] = {}
        self._look = threading.Event()
        self._supervisor = threading.Thread(target=self._run, name="poller")

    @property
    def alive(self) -> bool:
        """Whether the stream is being read."""
        return self._supervisor.is_alive()

    @property
    def counters(self) -> Counters:
        """What the mapping has counted."""
        return self._source.counters

    def start(self) -> None:
        """Begin to read."""
        self._supervisor.start()

    def stop(self) -> None:
        """End after the invocations under way; do nothing where it never began, or has ended."""
        self.begin_to_stop()
        if self._supervisor.is_alive():
            self._supervisor.join()

    def begin_to_stop(self) -> None:
        """Start nothing any more; do not wait."""
        self._source.stopping.set()
        self._look.set()

    def _run(self) -> None:
        source = self._source
        while not source.stopping.is_set():
            self._look.clear()
            if source.stopping.is_set():
                # it was the stop that called to look
                break
            try:
                self._start_readers(source.shards())
            except (BotoCoreError, ClientError) as error:
                source.logger.warning("the stream does not answer", extra={"cause": str(error)})
                source.stopping.wait(RECONNECT_PAUSE)
                continue
            self._look.wait(DISCOVERY_RATE)
        for reader, thread in self._readers.values():
            reader.wake()
            thread.join()

    def _start_readers(self, described: Iterable[Mapping[str, Any]]) -> None:
        shards = {shard["ShardId"]: shard for shard in described}
        checkpoints = self._source.checkpoints
        position, not_before = self._begin(shards)
        for shard_id, shard in shards.items():
            parent = shard.get("ParentShardId", "")
            if position != LATEST and parent in shards and not checkpoints.read(parent).finished:
                continue
            running = shard_id in self._readers and self._readers[shard_id][1].is_alive()
            if running or checkpoints.read(shard_id).finished:
                continue
            reader = ShardReader(self._source, shard_id, position=position, not_before=not_before)
            thread = threading.Thread(target=self._read, args=(reader,), name=f"shard {shard_id}")
            self._readers[shard_id] = reader, thread
            thread.start()

    def _read(self, reader: ShardReader) -> None:
        reader.run()
        self._look.set()

    def _begin(self, shards: Mapping[str, Mapping[str, Any]]) -> tuple[str, float]:
        """Give where a shard without a checkpoint is begun, and the age of what is passed by.

        LATEST is where the stream ends when the mapping begins. What comes later is never passed
        by: not in a new shard, and not because of a restart before the first record.
        """
        source = self._source
        if source.settings.starting_position != LATEST:
            return TRIM_HORIZON, 0.0
        begun = source.checkpoints.begun()
        if begun is not None:
            return TRIM_HORIZON, begun - PRECISION
        for shard_id, shard in shards.items():
            if "EndingSequenceNumber" in shard.get("SequenceNumberRange", {}):
                source.checkpoints.write(shard_id, Checkpoint(finished=True))
        begun = source.clock()
        source.checkpoints.begin(begun)
        return LATEST, begun - PRECISION


class Pollers:
    """The mappings of one function, started and stopped together."""

    def __init__(self, pollers: Iterable[Poller]) -> None:
        self._pollers = tuple(pollers)

    @property
    def alive(self) -> bool:
        """Whether every stream is being read."""
        return all(poller.alive for poller in self._pollers)

    @property
    def counters(self) -> tuple[Counters, ...]:
        """What each mapping has counted."""
        return tuple(poller.counters for poller in self._pollers)

    def start(self) -> None:
        """Begin to read."""
        for poller in self._pollers:
            poller.start()

    def stop(self) -> None:
        """End after the invocations under way."""
        for poller in self._pollers:
            poller.begin_to_stop()
        for poller in self._pollers:
            poller.stop()
