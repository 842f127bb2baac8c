import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger

from riskstack.emulator import poller as poller_module
from riskstack.emulator.checkpoint import Checkpoint, Checkpoints
from riskstack.emulator.event_source_mapping import Settings
from riskstack.emulator.function import Function
from riskstack.emulator.poller import Poller, Source

TABLE = "riskstack-applications"
Handler = Callable[[Any, Any], Any]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come about in time"
        time.sleep(0.01)


def put(*names: str) -> None:
    client = boto3.client("dynamodb")
    for name in names:
        client.put_item(TableName=TABLE, Item={"application_id": {"S": name}})


class Recorder:
    """A handler that notes the ids it got, after asking what to do with them."""

    def __init__(self, verdict: Handler = lambda _ids, _seen: None) -> None:
        self.batches: list[list[str]] = []
        self._verdict = verdict

    def __call__(self, event: Mapping[str, Any], _context: object) -> object:
        records = event["Records"]
        ids = [record["dynamodb"]["Keys"]["application_id"]["S"] for record in records]
        self.batches.append(ids)
        return self._verdict(records, self.batches)

    @property
    def ids(self) -> list[str]:
        return [name for batch in self.batches for name in batch]


def make_source(handler: Handler, folder: Path, **settings: Any) -> Source:  # noqa: ANN401 - any setting
    streams = boto3.client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=TABLE)["Streams"]
    mapping = Settings(
        stream_arn=stream["StreamArn"],
        starting_position="TRIM_HORIZON",
        report_batch_item_failures=True,
        **settings,
    )
    return Source(
        function=Function("f", "arn:aws:lambda:r:1:function:f", handler, 5, 128),
        settings=mapping,
        streams=streams,
        sqs=boto3.client("sqs"),
        checkpoints=Checkpoints(folder, "f", mapping.stream_arn),
        logger=Logger(service="test"),
    )


@contextmanager
def polling(source: Source) -> Iterator[Poller]:
    poller = Poller(source)
    poller.start()
    try:
        yield poller
    finally:
        poller.stop()
    assert not poller.alive


@pytest.mark.usefixtures("aws")
def test_records_arrive_in_order_and_once_when_nothing_fails(tmp_path: Path) -> None:
    names = [f"a{number}" for number in range(25)]
    put(*names[:20])
    recorder = Recorder()
    with polling(make_source(recorder, tmp_path, batch_size=7)):
        wait_until(lambda: len(recorder.ids) == 20)
        put(*names[20:])
        wait_until(lambda: len(recorder.ids) == 25)
    assert recorder.ids == names
    assert max(len(batch) for batch in recorder.batches) == 7


@pytest.mark.usefixtures("aws")
def test_a_restart_goes_on_behind_the_checkpoint(tmp_path: Path) -> None:
    put("a", "b")
    first = Recorder()
    with polling(make_source(first, tmp_path)):
        wait_until(lambda: first.ids == ["a", "b"])
    put("c")
    second = Recorder()
    with polling(make_source(second, tmp_path)):
        wait_until(lambda: bool(second.ids))
    assert second.ids == ["c"]


@pytest.mark.usefixtures("aws")
def test_without_its_checkpoint_everything_is_delivered_again(tmp_path: Path) -> None:
    put("a", "b")
    for folder in ("one", "two"):
        recorder = Recorder()
        with polling(make_source(recorder, tmp_path / folder)):
            wait_until(lambda seen=recorder: seen.ids == ["a", "b"])  # type: ignore[misc] # bound


@pytest.mark.usefixtures("aws")
def test_a_failed_record_is_tried_again_before_what_follows_it(tmp_path: Path) -> None:
    put("a", "b", "c")

    def fail_b_twice(records: list[Any], batches: list[list[str]]) -> object:
        for record in records:
            name = record["dynamodb"]["Keys"]["application_id"]["S"]
            if name == "b" and sum("b" in batch for batch in batches) < 3:
                number = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": number}]}
        return None

    recorder = Recorder(fail_b_twice)
    with polling(make_source(recorder, tmp_path)):
        wait_until(lambda: len(recorder.batches) == 3)
    assert recorder.batches == [["a", "b", "c"], ["b", "c"], ["b", "c"]]


@pytest.mark.usefixtures("aws")
def test_a_poison_record_ends_in_the_queue_and_blocks_nobody(tmp_path: Path) -> None:
    put("a", "poison", "b")

    def choke(records: list[Any], _batches: list[list[str]]) -> None:
        if any(r["dynamodb"]["Keys"]["application_id"]["S"] == "poison" for r in records):
            raise ValueError("cannot be read")

    recorder = Recorder(choke)
    source = make_source(
        recorder,
        tmp_path,
        maximum_retry_attempts=1,
        bisect_batch_on_function_error=True,
        on_failure_arn="arn:aws:sqs:eu-central-1:123456789012:riskstack-failures",
    )
    with polling(source):
        wait_until(lambda: recorder.batches[-1:] == [["b"]])
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    notice = json.loads(message["Body"])
    assert notice["requestContext"]["approximateInvokeCount"] == 2
    assert notice["DDBStreamBatchInfo"]["batchSize"] == 1
    assert notice["DDBStreamBatchInfo"]["streamArn"] == source.settings.stream_arn
    assert recorder.ids.count("poison") == 4  # the batch, its half, and alone twice
    assert "a" in recorder.ids


@pytest.mark.usefixtures("aws")
def test_without_a_queue_a_poison_record_is_dropped(tmp_path: Path) -> None:
    put("poison", "b")

    def choke(records: list[Any], _batches: list[list[str]]) -> None:
        if records[0]["dynamodb"]["Keys"]["application_id"]["S"] == "poison":
            raise ValueError("cannot be read")

    recorder = Recorder(choke)
    with polling(make_source(recorder, tmp_path, maximum_retry_attempts=0, batch_size=1)):
        wait_until(lambda: recorder.ids == ["poison", "b"])


@pytest.mark.usefixtures("aws")
def test_a_stop_leaves_a_failing_batch_for_the_next_start(tmp_path: Path) -> None:
    put("a")

    def refuse(_records: list[Any], _batches: list[list[str]]) -> None:
        raise ValueError("not now")

    stubborn = Recorder(refuse)
    with polling(make_source(stubborn, tmp_path)):
        wait_until(lambda: len(stubborn.batches) > 1)
    patient = Recorder()
    with polling(make_source(patient, tmp_path)):
        wait_until(lambda: patient.ids == ["a"])


class Flaky:
    """A streams client that fails before it answers, as a restarting emulator does."""

    def __init__(self, streams: Any, failures: int) -> None:  # noqa: ANN401 - a boto3 client
        self._streams = streams
        self._left = failures
        self.exceptions = streams.exceptions

    def fail(self, failures: int) -> None:
        self._left = failures

    def _call(self, name: str, **arguments: Any) -> Any:  # noqa: ANN401 - as the client's
        if self._left:
            self._left -= 1
            raise self._streams.exceptions.InternalServerError({"Error": {}}, name)
        return getattr(self._streams, name)(**arguments)

    def describe_stream(self, **arguments: Any) -> Any:  # noqa: ANN401 - as the client's
        return self._call("describe_stream", **arguments)

    def get_shard_iterator(self, **arguments: Any) -> Any:  # noqa: ANN401 - as the client's
        return self._call("get_shard_iterator", **arguments)

    def get_records(self, **arguments: Any) -> Any:  # noqa: ANN401 - as the client's
        return self._call("get_records", **arguments)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_stream_that_is_away_is_waited_for(
    tmp_path: Path, failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "RECONNECT_PAUSE", 0.01)
    put("a")
    recorder = Recorder()
    source = make_source(recorder, tmp_path)
    flaky: Any = Flaky(source.streams, failures)
    with polling(replace(source, streams=flaky)):
        wait_until(lambda: recorder.ids == ["a"])


@pytest.mark.usefixtures("aws")
def test_what_the_emulator_lost_is_provided_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "RECONNECT_PAUSE", 0.01)
    recorder = Recorder()
    source = make_source(recorder, tmp_path)
    flaky: Any = Flaky(source.streams, 0)
    provided: list[bool] = []
    away = replace(source, streams=flaky, provide=lambda: provided.append(True))
    with polling(away):
        put("a")
        wait_until(lambda: recorder.ids == ["a"])
        flaky.fail(3)
        put("b")
        wait_until(lambda: recorder.ids == ["a", "b"])
    assert provided


class Sharded:
    """A streams client of two shards, parent and child, on two pages; the parent ends."""

    class exceptions:  # noqa: N801 - as the client's
        class TrimmedDataAccessException(Exception):  # noqa: N818 - as the client's
            pass

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.trimmed = threading.Event()

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> Any:  # noqa: ANN401, N803 - as the client's
        assert StreamArn
        if not ExclusiveStartShardId:
            shards = [{"ShardId": "child", "ParentShardId": "parent"}]
            return {"StreamDescription": {"Shards": shards, "LastEvaluatedShardId": "child"}}
        return {"StreamDescription": {"Shards": [{"ShardId": "parent"}]}}

    def get_shard_iterator(self, ShardId: str, ShardIteratorType: str, **_: Any) -> Any:  # noqa: ANN401, N803 - as the client's
        self.calls.append(f"{ShardId} {ShardIteratorType}")
        if ShardIteratorType == "AFTER_SEQUENCE_NUMBER":
            raise self.exceptions.TrimmedDataAccessException
        return {"ShardIterator": ShardId}

    def get_records(self, ShardIterator: str) -> Any:  # noqa: ANN401, N803 - as the client's
        change = {
            "SequenceNumber": "1",
            "ApproximateCreationDateTime": 0,
            "Keys": {"application_id": {"S": ShardIterator}},
        }
        if ShardIterator == "parent":
            return {"Records": [{"dynamodb": change}]}
        if ShardIterator == "child":
            return {"Records": [{"dynamodb": change}], "NextShardIterator": "idle"}
        return {"Records": [], "NextShardIterator": "idle"}


@pytest.mark.usefixtures("aws")
def test_a_child_shard_waits_for_its_parent_and_trimmed_data_starts_at_the_horizon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "DISCOVERY_RATE", 0.01)
    recorder = Recorder()
    source = make_source(recorder, tmp_path)
    sharded: Any = Sharded()
    source.checkpoints.write("parent", Checkpoint("0"))
    with polling(replace(source, streams=sharded)):
        wait_until(lambda: recorder.ids == ["parent", "child"])
    assert sharded.calls == [
        "parent AFTER_SEQUENCE_NUMBER",
        "parent TRIM_HORIZON",
        "child TRIM_HORIZON",
    ]
    assert source.checkpoints.read("parent").finished
    assert not source.checkpoints.read("child").finished
