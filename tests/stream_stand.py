"""A stand for the event source mapping: named cases, and a function that behaves as they say.

A case holds over the rules alone, over moto's server and over LocalStack: what differs is only who
keeps the stream and who tells the time. A record is written as its item's letter and a digit: a1 is
the first change of the item a.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger

from riskstack.emulator.event_source_mapping import (
    Checkpoint,
    Checkpoints,
    Counters,
    Poller,
    Settings,
    Source,
)
from riskstack.emulator.event_source_mapping.lane import Invoke
from riskstack.emulator.event_source_mapping.notice import Place, notice
from riskstack.emulator.event_source_mapping.outcome import Discard
from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.event_source_mapping.payload import payload
from riskstack.emulator.event_source_mapping.shard import Shard
from riskstack.emulator.function import Result, ThrottledError

FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:f"
STREAM_ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/2026-01-01T00:00:00.000"
PATIENCE_S = 60.0
THROWN = Result(b'{"errorType": "ValueError"}', "Unhandled")
OK = Result(b"null")


class Throttle:
    """What a function answers that cannot be invoked."""


Answer = Result | Throttle


def failing(*identifiers: object) -> Result:
    """Report failed items."""
    failures = [{"itemIdentifier": identifier} for identifier in identifiers]
    return Result(json.dumps({"batchItemFailures": failures}).encode())


@dataclass(frozen=True)
class Call:
    """One invocation: its records, and the whole event."""

    ids: tuple[str, ...]
    event: Mapping[str, Any]

    def number(self, name: str) -> str:
        """Give the sequence number of one of its records."""
        number: str = self.event["Records"][self.ids.index(name)]["dynamodb"]["SequenceNumber"]
        return number


Behaviour = Callable[[Call, int], Answer]
"""What the function does, told the call and how often its first record came before."""


@dataclass
class Recorder:
    """A function that notes what it gets and behaves as a case says, and a destination."""

    behave: Behaviour
    calls: list[Call] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: bytes, request_id: str) -> Result:
        assert request_id
        body = json.loads(event)
        call = Call(tuple(map(name_of, body["Records"])), body)
        with self._turn:
            before = sum(call.ids[:1] == other.ids[:1] for other in self.calls)
            self.calls.append(call)
        answer = self.behave(call, before)
        if isinstance(answer, Throttle):
            raise ThrottledError
        return answer

    def tell(self, discard: Discard, place: Place, now: datetime) -> None:
        self.notices.append(notice(discard, place, discard.request_id or "none", now))

    @property
    def batches(self) -> list[str]:
        """Each invocation as the names of its records."""
        return [" ".join(call.ids) for call in list(self.calls)]

    @property
    def ids(self) -> list[str]:
        """Every record of every invocation."""
        return [name for call in list(self.calls) for name in call.ids]


def name_of(record: Mapping[str, Any]) -> str:
    """Give the name of an event's record."""
    image = record["dynamodb"].get("NewImage", {})
    return f"{record['dynamodb']['Keys']['application_id']['S']}{image['change']['S']}"


@dataclass(frozen=True)
class Case:
    """What is put, how the function behaves, and what must come of it."""

    name: str
    records: str
    batches: Sequence[str] | None
    """Every invocation, in order; `None` where lanes make the order free."""
    behave: Behaviour = lambda _call, _before: OK
    settings: Mapping[str, Any] = field(default_factory=dict)
    notices: Sequence[tuple[str, int, int, str | None]] = ()
    """Each notice: its condition, records, invocations, and kind of error."""
    later: float = 0.0
    """Seconds that the mapping's clock is ahead of the stream's."""
    besides: Callable[[Recorder], bool] = lambda _recorder: True
    """What must come about besides."""

    def __str__(self) -> str:
        return self.name

    def is_over(self, recorder: Recorder) -> bool:
        """Say whether everything has come about that must."""
        came = len(recorder.calls) >= len(self.batches or ())
        return came and len(recorder.notices) >= len(self.notices) and self.besides(recorder)

    def check(self, recorder: Recorder) -> None:
        """Compare what came with what must."""
        if self.batches is not None:
            assert recorder.batches == list(self.batches)
        assert [summary(one) for one in recorder.notices] == list(self.notices)
        assert self.besides(recorder)


def summary(message: Mapping[str, Any]) -> tuple[str, int, int, str | None]:
    """Give the condition, records, invocations, and kind of error of a notice."""
    request = message["requestContext"]
    error = message.get("responseContext", {}).get("functionError")
    size = message["DDBStreamBatchInfo"]["batchSize"]
    return request["condition"], size, request["approximateInvokeCount"], error


def throws_on(*names: str) -> Behaviour:
    return lambda call, _before: THROWN if set(names) & set(call.ids) else OK


def _reports_b_once(call: Call, before: int) -> Answer:
    if "b1" in call.ids and before == 0 and call.ids[0] == "a1":
        return failing(call.number("c1"), call.number("b1"))
    return OK


def _reports_b(call: Call, _before: int) -> Answer:
    return failing(call.number("b1")) if "b1" in call.ids else OK


def _is_throttled_thrice(_call: Call, before: int) -> Answer:
    return Throttle() if before < 3 else OK


def _counts(call: Call, _before: int) -> Answer:
    state = dict(call.event["state"])
    state["count"] = state.get("count", 0) + len(call.ids)
    return Result(json.dumps({"state": state}).encode())


def _fails_first(_call: Call, before: int) -> Answer:
    return THROWN if before == 0 else OK


def _fails_thrice(_call: Call, before: int) -> Answer:
    return THROWN if before < 3 else OK


def _in_order(recorder: Recorder) -> bool:
    """Say whether all came, each item's changes first seen in their order."""
    first_seen = list(dict.fromkeys(recorder.ids))
    by_item: dict[str, list[str]] = {}
    for name in first_seen:
        by_item.setdefault(name[0], []).append(name)
    assert all(names == sorted(names) for names in by_item.values()), recorder.batches
    return len(first_seen) == 24


def _windows_add_up(recorder: Recorder) -> bool:
    finals = [call.event for call in recorder.calls if call.event["isFinalInvokeForWindow"]]
    assert all(not final["Records"] for final in finals)
    return sum(int(final["state"]["count"]) for final in finals) == 5


EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"
MODIFIED = Pattern.read(
    '{"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"change": {"S": ["2"]}}}}'
)

CASES = [
    Case(
        "records come in order, in batches",
        "a1 b1 a2 c1 d1",
        ["a1 b1", "a2 c1", "d1"],
        settings={"batch_size": 2},
    ),
    Case(
        "the lowest reported failure is where the retry begins",
        "a1 b1 c1",
        ["a1 b1 c1", "b1 c1"],
        _reports_b_once,
        {"report_batch_item_failures": True},
    ),
    Case(
        "a split uses up no attempt",
        "a1 p1 b1 c1",
        ["a1 p1 b1 c1", "a1 p1", "a1", "p1", "p1", "b1 c1"],
        throws_on("p1"),
        {"bisect_batch_on_function_error": True, "maximum_retry_attempts": 1},
        [(EXHAUSTED, 1, 2, "Unhandled")],
    ),
    Case(
        "a batch without attempts left is given up whole",
        "a1 p1 b1",
        ["a1 p1", "a1 p1", "a1 p1", "b1"],
        throws_on("p1"),
        {"batch_size": 2, "maximum_retry_attempts": 2},
        [(EXHAUSTED, 2, 3, "Unhandled")],
    ),
    Case(
        "a reported failure that is given up has no error",
        "a1 b1 c1",
        ["a1 b1 c1", "b1 c1"],
        _reports_b,
        {"report_batch_item_failures": True, "maximum_retry_attempts": 1},
        [(EXHAUSTED, 2, 2, None)],
    ),
    Case(
        "reported failures count only where they are turned on",
        "a1 b1",
        ["a1 b1"],
        _reports_b,
        {"maximum_retry_attempts": 0},
    ),
    Case(
        "a function that cannot be invoked uses up no attempt",
        "a1 b1",
        ["a1 b1"] * 4,
        _is_throttled_thrice,
        {"maximum_retry_attempts": 0},
    ),
    Case(
        "records that pass no filter are done",
        "a1 a2 b1 b2 c1",
        ["a2 b2"],
        settings={"filters": (MODIFIED,)},
    ),
    Case(
        "records that are too old are given up uninvoked",
        "a1 b1",
        [],
        throws_on("a1"),
        {"maximum_record_age": 600},
        [(TOO_OLD, 2, 1, None)],
        later=3600.0,
    ),
    Case(
        "without a maximum age an old record is tried as any other",
        "a1",
        ["a1"] * 4,
        _fails_thrice,
        later=2 * 86400.0,
    ),
    Case(
        "a full batch does not wait for its window",
        "a1 b1 c1 d1",
        ["a1 b1", "c1 d1"],
        settings={"batch_size": 2, "maximum_batching_window": 300},
    ),
    Case(
        "a batch is invoked when its window is over",
        "a1 b1 c1",
        ["a1 b1 c1"],
        settings={"batch_size": 100, "maximum_batching_window": 0.5},
    ),
    Case(
        "lanes keep the order of each item",
        " ".join(f"{item}{n}" for n in range(1, 5) for item in "abcdef"),
        None,
        _fails_first,
        {"batch_size": 2, "parallelization_factor": 4, "maximum_retry_attempts": 5},
        besides=_in_order,
    ),
    Case(
        "a tumbling window adds up and ends",
        "a1 b1 c1 d1 a2",
        None,
        _counts,
        {"batch_size": 2, "tumbling_window": 900},
        later=3600.0,
        besides=_windows_add_up,
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def change(name: str, number: int, arrived: float) -> dict[str, Any]:
    """Write a record as GetRecords gives it, its sequence number padded as DynamoDB Local's."""
    return {
        "eventID": str(number),
        "eventName": "INSERT" if name[1:] == "1" else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "eventSourceARN": STREAM_ARN,
        "dynamodb": {
            "ApproximateCreationDateTime": arrived,
            "Keys": {"application_id": {"S": name[0]}},
            "NewImage": {"application_id": {"S": name[0]}, "change": {"S": name[1:]}},
            "SequenceNumber": f"{number:021}",
            "SizeBytes": 20,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def run_by_rules(case: Case) -> Recorder:
    """Run a case over the machine of the rules: the whole stream is one page, time is told."""
    recorder = Recorder(case.behave)
    settings = _settings(case, STREAM_ARN)
    shard = Shard(settings, Checkpoint(), recorder.counters)
    now = 1_000_000.0
    page = [change(name, 7 + 3 * place, now) for place, name in enumerate(case.records.split())]
    now += case.later
    shard.read(page, now)
    for _ in range(1000):
        shard.read([], now)
        actions = shard.due(now)
        for action in actions:
            if isinstance(action, Invoke):
                result = _invoke(recorder, action)
                shard.settle(action.lane, result, "request", now)
            else:
                recorder.tell(
                    action.discard,
                    Place(FUNCTION_ARN, STREAM_ARN, "s"),
                    datetime.fromtimestamp(now, UTC),
                )
                shard.notified(action.lane)
        if not actions and shard.wakes_at is None and not shard.checkpoint.window:
            break
        now = max(now, shard.wakes_at or now)
    assert shard.checkpoint.sequence_number == page[-1]["dynamodb"]["SequenceNumber"]
    return recorder


def _invoke(recorder: Recorder, action: Invoke) -> Result | None:
    members = b""
    if action.window:
        members = action.window.members("s", STREAM_ARN, final=not action.batch.records)
    try:
        return recorder(payload(action.batch.records, members), "request")
    except ThrottledError:
        return None


def _settings(case: Case, stream_arn: str) -> Settings:
    return Settings(
        **{
            "stream_arn": stream_arn,
            "starting_position": "TRIM_HORIZON",
            "on_failure_arn": "arn:aws:sqs:eu-central-1:123456789012:q",
            **case.settings,
        }
    )


def wait_until(condition: Callable[[], bool], what: str = "the condition") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about in time"
        time.sleep(0.01)


@dataclass(frozen=True)
class Table:
    """A table with a stream, of an emulator that the SDK's variables point to."""

    name: str
    stream_arn: str

    @classmethod
    def create(cls, name: str) -> "Table":
        """Create a table of items."""
        client = boto3.client("dynamodb")
        made = client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "application_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "application_id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        client.get_waiter("table_exists").wait(TableName=name)
        return cls(name, made["TableDescription"]["LatestStreamArn"])

    def put(self, records: str) -> None:
        """Write changes, one after the other."""
        client = boto3.client("dynamodb")
        for name in records.split():
            item = {"application_id": {"S": name[0]}, "change": {"S": name[1:]}}
            client.put_item(TableName=self.name, Item=item)

    def wait_for(self, count: int) -> None:
        """Wait until so many records can be read in one page."""
        streams = boto3.client("dynamodbstreams")

        def visible() -> bool:
            described = streams.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]
            read = 0
            for shard in described["Shards"]:
                iterator = streams.get_shard_iterator(
                    StreamArn=self.stream_arn,
                    ShardId=shard["ShardId"],
                    ShardIteratorType="TRIM_HORIZON",
                )["ShardIterator"]
                read += len(streams.get_records(ShardIterator=iterator)["Records"])
            return read >= count

        wait_until(visible, f"{count} records in the stream")


def make_source(
    recorder: Recorder,
    settings: Settings,
    state: Path,
    later: float = 0.0,
    **changes: Any,  # noqa: ANN401 - any part of a source
) -> Source:
    """Join a mapping that invokes a recorder; `later` sets its clock ahead."""
    logger = Logger(service="test")
    return Source(
        **{
            "function_arn": FUNCTION_ARN,
            "invoke": recorder,
            "settings": settings,
            "streams": boto3.client("dynamodbstreams"),
            "checkpoints": Checkpoints(state, "f", settings.stream_arn, logger),
            "logger": logger,
            "destination": recorder,
            "counters": recorder.counters,
            "clock": lambda: time.time() + later,
            **changes,
        }
    )


@contextmanager
def polling(source: Source) -> Iterator[Poller]:
    """Have a mapping work until the end of the block."""
    poller = Poller(source)
    poller.start()
    try:
        yield poller
    finally:
        poller.stop()
    assert not poller.alive


def run_by_poller(case: Case, table: Table, state: Path) -> Recorder:
    """Run a case over a real stream, everything put before the mapping begins."""
    recorder = Recorder(case.behave)
    table.put(case.records)
    table.wait_for(len(case.records.split()))
    source = make_source(recorder, _settings(case, table.stream_arn), state, case.later)
    with polling(source):
        wait_until(lambda: case.is_over(recorder), case.name)
        # what must not come would come now
        wait_until(lambda: _is_done(source, case.records), "the last checkpoint")
    return recorder


def _is_done(source: Source, records: str) -> bool:
    described = source.streams.describe_stream(StreamArn=source.settings.stream_arn)
    values = source.counters.values()
    if values["PolledEventCount"] < len(records.split()):
        return False
    for shard in described["StreamDescription"]["Shards"]:
        checkpoint = source.checkpoints.read(shard["ShardId"])
        if checkpoint.attempts or checkpoint.done or checkpoint.window:
            return False
    return True
