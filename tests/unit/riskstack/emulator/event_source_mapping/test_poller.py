import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from riskstack.emulator.event_source_mapping import (
    Checkpoint,
    Poller,
    Pollers,
    Settings,
    destination,
    poller,
    shard_reader,
    source,
)
from riskstack.emulator.event_source_mapping.notice import Place
from riskstack.emulator.event_source_mapping.outcome import Discard
from riskstack.emulator.function import Result, ThrottledError
from tests.stream_stand import (
    OK,
    THROWN,
    Case,
    Recorder,
    Table,
    change,
    each_case,
    make_source,
    polling,
    run_by_poller,
    wait_until,
)


@pytest.fixture
def table(empty_aws: str) -> Table:
    assert empty_aws
    return Table.create(f"t-{uuid4()}")


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "RECONNECT_PAUSE", 0.01)
    monkeypatch.setattr(poller, "RECONNECT_PAUSE", 0.01)
    monkeypatch.setattr(shard_reader, "RECONNECT_PAUSE", 0.01)


def settings(stream_arn: str, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    given = {"stream_arn": stream_arn, "starting_position": "TRIM_HORIZON", **changes}
    return Settings(**given)


@each_case
def test_the_case_holds_over_moto(case: Case, table: Table, tmp_path: Path) -> None:
    case.check(run_by_poller(case, table, tmp_path))


def test_what_comes_while_the_mapping_works_is_delivered(table: Table, tmp_path: Path) -> None:
    recorder = Recorder(lambda _call, _before: OK)
    with polling(make_source(recorder, settings(table.stream_arn), tmp_path)):
        table.put("a1")
        wait_until(lambda: recorder.ids == ["a1"])
        table.put("b1 a2")
        wait_until(lambda: recorder.ids == ["a1", "b1", "a2"])


def test_a_restart_goes_on_behind_the_checkpoint(table: Table, tmp_path: Path) -> None:
    table.put("a1 b1")
    first = Recorder(lambda _call, _before: OK)
    with polling(make_source(first, settings(table.stream_arn), tmp_path)):
        wait_until(lambda: first.ids == ["a1", "b1"])
    table.put("c1")
    second = Recorder(lambda _call, _before: OK)
    with polling(make_source(second, settings(table.stream_arn), tmp_path)):
        wait_until(lambda: bool(second.ids))
    assert second.ids == ["c1"]


def test_a_stop_leaves_a_failing_batch_for_the_next_start(table: Table, tmp_path: Path) -> None:
    table.put("a1")
    stubborn = Recorder(lambda _call, _before: THROWN)
    with polling(make_source(stubborn, settings(table.stream_arn), tmp_path)):
        wait_until(lambda: len(stubborn.calls) > 1)
    patient = Recorder(lambda _call, _before: OK)
    with polling(make_source(patient, settings(table.stream_arn), tmp_path)):
        wait_until(lambda: patient.ids == ["a1"])


def test_latest_begins_where_the_stream_ends_and_loses_nothing_later(
    table: Table, tmp_path: Path
) -> None:
    table.put("a1")
    latest = settings(table.stream_arn, starting_position="LATEST")
    with polling(make_source(Recorder(lambda _call, _before: OK), latest, tmp_path)) as working:
        wait_until(lambda: working.alive and bool(list(tmp_path.rglob("beginning"))))
        wait_until(lambda: bool(working._readers))
    # between two runs, and before any record was seen; the clock is past what is passed by
    table.put("b1")
    again = Recorder(lambda _call, _before: OK)
    with polling(make_source(again, latest, tmp_path)):
        wait_until(lambda: "b1" in again.ids)
    assert again.ids in (["b1"], ["a1", "b1"])


def test_without_a_destination_records_are_dropped(table: Table, tmp_path: Path) -> None:
    table.put("p1 b1")
    recorder = Recorder(lambda call, _before: THROWN if "p1" in call.ids else OK)
    limited = settings(table.stream_arn, maximum_retry_attempts=0, batch_size=1)
    with polling(make_source(recorder, limited, tmp_path, destination=None)) as working:
        wait_until(lambda: recorder.batches == ["p1", "b1"])
    assert working.counters.values()["DroppedEventCount"] == 1
    assert working.counters.values()["OnFailureDestinationDeliveredEventCount"] == 0


def test_a_destination_that_is_away_is_waited_for(table: Table, tmp_path: Path) -> None:
    table.put("p1 b1")
    recorder = Recorder(lambda call, _before: THROWN if "p1" in call.ids else OK)
    arn = "arn:aws:sqs:eu-central-1:123456789012:late"
    limited = settings(table.stream_arn, maximum_retry_attempts=0, batch_size=1, on_failure_arn=arn)
    told = destination(arn, boto3.client)  # type: ignore[arg-type] # any of boto3's clients
    sqs = boto3.client("sqs")
    with polling(make_source(recorder, limited, tmp_path, destination=told)):
        wait_until(lambda: recorder.batches == ["p1"])
        url = sqs.create_queue(QueueName="late")["QueueUrl"]
        wait_until(lambda: recorder.batches == ["p1", "b1"])
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["DDBStreamBatchInfo"]["streamArn"] == table.stream_arn


@pytest.mark.parametrize("error", [ThrottledError, RuntimeError])
def test_an_invocation_that_breaks_holds_nothing_back_for_ever(
    table: Table, tmp_path: Path, error: type[Exception]
) -> None:
    recorder = Recorder(lambda _call, _before: OK)
    left = iter([error, error])

    def invoke(payload: bytes, request_id: str) -> Result:
        for kind in left:
            raise kind
        return recorder(payload, request_id)

    table.put("a1")
    strict = settings(table.stream_arn, maximum_retry_attempts=0)
    with polling(make_source(recorder, strict, tmp_path, invoke=invoke)):
        wait_until(lambda: recorder.ids == ["a1"])


def test_a_checkpoint_that_cannot_be_kept_stops_nothing(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(lambda _call, _before: OK)
    broken = make_source(recorder, settings(table.stream_arn, batch_size=1), tmp_path)

    def write(_shard_id: str, _checkpoint: Checkpoint) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(broken.checkpoints, "write", write)
    table.put("a1 b1")
    with polling(broken):
        wait_until(lambda: recorder.ids == ["a1", "b1"])


def test_a_lane_that_breaks_goes_on_from_the_checkpoint(table: Table, tmp_path: Path) -> None:
    recorder = Recorder(lambda _call, _before: THROWN)
    left = iter([ValueError, TypeError])

    def tell(discard: Discard, place: Place, now: datetime) -> None:
        for kind in left:
            raise kind
        recorder.tell(discard, place, now)

    table.put("a1 b1")
    strict = settings(table.stream_arn, maximum_retry_attempts=0, batch_size=1)
    told = SimpleNamespace(tell=tell)
    with polling(make_source(recorder, strict, tmp_path, destination=told)):
        wait_until(lambda: len(recorder.notices) == 2)
    assert recorder.batches == ["a1", "b1"]


def test_mappings_start_and_stop_together(table: Table, tmp_path: Path) -> None:
    other = Table.create("another")
    table.put("a1")
    other.put("b1")
    recorders = [Recorder(lambda _call, _before: OK) for _ in range(2)]
    together = Pollers(
        Poller(make_source(recorder, settings(one.stream_arn), tmp_path))
        for recorder, one in zip(recorders, (table, other), strict=True)
    )
    together.start()
    try:
        assert together.alive
        wait_until(lambda: [recorder.ids for recorder in recorders] == [["a1"], ["b1"]])
    finally:
        together.stop()
    assert not together.alive
    assert [one.values()["PolledEventCount"] for one in together.counters] == [1, 1]


class Flaky:
    """A streams client that fails before it answers, as a restarting emulator does."""

    def __init__(self, code: str = "InternalServerError") -> None:
        self._streams = boto3.client("dynamodbstreams")
        self._code = code
        self.exceptions = self._streams.exceptions
        self.left = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:  # noqa: ANN401 - as the client's
            if self.left:
                self.left -= 1
                raise ClientError({"Error": {"Code": self._code}}, name)
            return getattr(self._streams, name)(**arguments)

        return call


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_stream_that_is_away_is_waited_for(table: Table, tmp_path: Path, failures: int) -> None:
    flaky = Flaky()
    flaky.left = failures
    table.put("a1")
    recorder = Recorder(lambda _call, _before: OK)
    with polling(make_source(recorder, settings(table.stream_arn), tmp_path, streams=flaky)):
        wait_until(lambda: recorder.ids == ["a1"])


@pytest.mark.parametrize(
    ("code", "is_lost"),
    [
        ("ExpiredIteratorException", False),
        ("TrimmedDataAccessException", False),
        ("InternalServerError", True),
    ],
)
def test_a_lost_iterator_is_replaced_and_a_lost_emulator_provided_for(
    table: Table, tmp_path: Path, code: str, is_lost: bool
) -> None:
    flaky, provided = Flaky(code), threading.Event()
    recorder = Recorder(lambda _call, _before: OK)
    working = make_source(
        recorder, settings(table.stream_arn), tmp_path, streams=flaky, provide=provided.set
    )
    table.put("a1")
    with polling(working):
        wait_until(lambda: recorder.ids == ["a1"])
        flaky.left = 1
        wait_until(lambda: flaky.left == 0)
        table.put("b1")
        wait_until(lambda: recorder.ids == ["a1", "b1"])
    assert provided.is_set() == is_lost


class Sharded:
    """A streams client of a parent that has ended and its two children, on two pages."""

    class exceptions:  # noqa: N801 - as the client's
        class TrimmedDataAccessException(Exception):  # noqa: N818 - as the client's
            pass

    def __init__(self) -> None:
        self.calls: list[str] = []

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> Any:  # noqa: ANN401, N803 - as the client's
        assert StreamArn
        if not ExclusiveStartShardId:
            shards = [{"ShardId": name, "ParentShardId": "parent"} for name in ("left", "right")]
            return {"StreamDescription": {"Shards": shards, "LastEvaluatedShardId": "right"}}
        ended = {"StartingSequenceNumber": "1", "EndingSequenceNumber": "1"}
        return {
            "StreamDescription": {"Shards": [{"ShardId": "parent", "SequenceNumberRange": ended}]}
        }

    def get_shard_iterator(self, ShardId: str, ShardIteratorType: str, **_: Any) -> Any:  # noqa: ANN401, N803 - as the client's
        self.calls.append(f"{ShardId} {ShardIteratorType}")
        if ShardIteratorType == "AFTER_SEQUENCE_NUMBER":
            raise self.exceptions.TrimmedDataAccessException
        return {"ShardIterator": ShardId}

    def get_records(self, ShardIterator: str, Limit: int) -> Any:  # noqa: ANN401, N803 - as the client's
        assert 1 <= Limit <= 1000
        if ShardIterator == "idle":
            return {"Records": [], "NextShardIterator": "idle"}
        page = {"Records": [change(f"{ShardIterator[0]}1", 5, 4e9)]}
        return page if ShardIterator == "parent" else {**page, "NextShardIterator": "idle"}


@pytest.mark.usefixtures("empty_aws")
def test_children_wait_for_their_parent_and_trimmed_data_starts_at_the_horizon(
    tmp_path: Path,
) -> None:
    sharded = Sharded()
    recorder = Recorder(lambda _call, before: THROWN if before == 0 else OK)
    working = make_source(recorder, settings("arn"), tmp_path, streams=sharded)
    working.checkpoints.write("parent", Checkpoint("0"))
    with polling(working):
        wait_until(lambda: set(recorder.ids) == {"p1", "l1", "r1"})
        wait_until(lambda: recorder.ids.count("l1") == recorder.ids.count("r1") == 2)
    assert recorder.batches[:2] == ["p1", "p1"]
    assert sharded.calls[:2] == ["parent AFTER_SEQUENCE_NUMBER", "parent TRIM_HORIZON"]
    assert sorted(sharded.calls[2:]) == ["left TRIM_HORIZON", "right TRIM_HORIZON"]
    assert working.checkpoints.read("parent").finished
    assert not working.checkpoints.read("left").finished


@pytest.mark.usefixtures("empty_aws")
def test_latest_passes_closed_shards_by_and_reads_open_ones_from_their_end(
    tmp_path: Path,
) -> None:
    sharded = Sharded()
    recorder = Recorder(lambda _call, _before: OK)
    latest = settings("arn", starting_position="LATEST")
    working = make_source(recorder, latest, tmp_path, streams=sharded)
    with polling(working):
        wait_until(lambda: set(recorder.ids) == {"l1", "r1"})
    assert sorted(sharded.calls) == ["left LATEST", "right LATEST"]
    assert working.checkpoints.read("parent").finished


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert not [one for one in threading.enumerate() if one.name.startswith(("shard", "lane"))]
