"""How long an application takes to its outcome, and how many a second, against a floor.

The floor is the same work on DynamoDB made bare with boto3 on the same emulator in the same run:
one conditional put, reading the stream until the item is visible, one transaction of an update
and an audit event. Floor and flow take turns, so that a busy moment of the machine meets both.
Run it on a running stack: `make bench`.
"""

import itertools
import os
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from rich.console import Console
from rich.progress import track
from rich.table import Table

from riskstack.contract.application import Application, Channel, Status
from riskstack.contract.decision import Decision, Reason, Source, Transition, decision_changes
from riskstack.contract.record import Tables, to_item, transition_writes
from riskstack.emulator.template import Template
from seed.client import Address, Client
from seed.render import mobile
from seed.samples import samples
from stack.settings import ROOT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WARM_UP = 10
ROUNDS = 150
LOAD = 300
SENDERS = 8
PATIENCE = 120.0
"""Seconds that a load may take."""
TABLES = Tables("riskstack-applications", "riskstack-audit")
FLOOR = Tables("riskstack-bench-applications", "riskstack-bench-audit")
_CONFIG = Config(max_pool_connections=2 * SENDERS)


class Floor:
    """The same calls on tables of their own, without anything around them."""

    def __init__(self) -> None:
        self._client: DynamoDBClient = boto3.resource("dynamodb", config=_CONFIG).meta.client
        self._streams = boto3.client("dynamodbstreams", config=_CONFIG)
        self._create()
        stream = self._client.describe_table(TableName=FLOOR.applications)["Table"][
            "LatestStreamArn"
        ]
        shard = self._streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][-1]
        self._iterator = self._streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def once(self) -> None:
        """Put one application, see it in the stream, and write its outcome."""
        application = _application()
        self.put(application)
        while application.application_id not in self.visible():
            pass
        self.decide(application)

    def put(self, application: Application) -> None:
        """Write a new application."""
        self._client.put_item(
            TableName=FLOOR.applications,
            Item=to_item(application),
            ConditionExpression="attribute_not_exists(application_id)",
        )

    def visible(self) -> set[str]:
        """Read the stream once and give the ids of the new applications in it."""
        page = self._streams.get_records(ShardIterator=self._iterator)
        self._iterator = page["NextShardIterator"]
        return {
            record["dynamodb"]["Keys"]["application_id"]["S"]
            for record in page["Records"]
            if record["eventName"] == "INSERT"
        }

    def decide(self, application: Application) -> None:
        """Write an outcome with its audit event."""
        decision = Decision(
            status=Status.IN_REVIEW,
            reasons=(Reason(Source.RULE, "bench", "A reason of about the usual length."),) * 3,
            rules_version="bench",
            score=0.25,
        )
        step = Transition(
            application_id=application.application_id,
            version=1,
            before=Status.RECEIVED,
            after=Status.IN_REVIEW,
            action="routed",
            actor="bench",
            at=application.received_at,
            changes=decision_changes(decision),
        )
        self._client.transact_write_items(TransactItems=transition_writes(step, FLOOR))  # type: ignore[arg-type] # plain values

    def drain(self, applications: Sequence[Application]) -> None:
        """Put applications, several at once, and write the outcome of each when it is visible."""
        with ThreadPoolExecutor(SENDERS) as senders, ThreadPoolExecutor(SENDERS) as deciders:
            known = {application.application_id: application for application in applications}
            put = [senders.submit(self.put, application) for application in applications]
            decided = []
            deadline = time.monotonic() + PATIENCE
            while known and time.monotonic() < deadline:
                for application_id in self.visible() & known.keys():
                    decided.append(deciders.submit(self.decide, known.pop(application_id)))  # noqa: PERF401 - as they come
            for call in (*put, *decided):
                call.result()

    def remove(self) -> None:
        """Delete the tables."""
        for name in (FLOOR.applications, FLOOR.audit):
            self._client.delete_table(TableName=name)

    def _create(self) -> None:
        template = Template.read(ROOT / "deploy" / "data.yaml")
        for logical_id, name in (
            ("ApplicationsTable", FLOOR.applications),
            ("AuditTable", FLOOR.audit),
        ):
            if name in self._client.list_tables()["TableNames"]:
                self._client.delete_table(TableName=name)
            properties: dict[str, Any] = dict(template.resource(logical_id).properties)
            properties.pop("TimeToLiveSpecification", None)
            if "StreamSpecification" in properties:
                properties["StreamSpecification"] |= {"StreamEnabled": True}
            self._client.create_table(**properties | {"TableName": name})
            self._client.get_waiter("table_exists").wait(TableName=name)


class Flow:
    """The whole way through the stack."""

    def __init__(self) -> None:
        self._address = Address.from_environment(os.environ)
        self._client: DynamoDBClient = boto3.resource("dynamodb", config=_CONFIG).meta.client
        self._api = Client(self._address)
        self._answers = itertools.cycle(list(samples()))

    def once(self) -> None:
        """Send one application and wait for its outcome in the table."""
        self._wait(self._submit(self._api))

    def drain(self, count: int) -> None:
        """Send applications, several at once, and wait until each has its outcome."""
        with ThreadPoolExecutor(SENDERS) as senders:
            own = threading.local()

            def submit(_: int) -> str:
                if not hasattr(own, "client"):
                    own.client = Client(self._address)
                return self._submit(own.client)

            sent = list(senders.map(submit, range(count)))
        for application_id in sent:
            self._wait(application_id)

    def _submit(self, client: Client) -> str:
        request = mobile.render(next(self._answers), str(uuid.uuid4()))
        application_id: str = client.submit(request)["application_id"]
        return application_id

    def _wait(self, application_id: str) -> None:
        while True:
            item = self._client.get_item(
                TableName=TABLES.applications,
                Key={"application_id": application_id},
                ProjectionExpression="#s",
                ExpressionAttributeNames={"#s": "status"},
                ConsistentRead=True,
            )["Item"]
            if str(item["status"]) != Status.RECEIVED:
                return
            time.sleep(0.001)


def main() -> None:
    """Measure and print."""
    console = Console()
    floor, flow = Floor(), Flow()
    latencies: dict[str, list[float]] = {"floor": [], "flow": []}
    for number in track(range(WARM_UP + ROUNDS), "one at a time", console=console):
        for name, once in (("floor", floor.once), ("flow", flow.once)):
            seconds = _timed(once)
            if number >= WARM_UP:
                latencies[name].append(seconds)
    rates: dict[str, list[float]] = {"floor": [], "flow": []}
    for _ in track(range(3), f"{SENDERS} at once", console=console):
        made = [_application() for _ in range(LOAD)]
        rates["floor"].append(LOAD / _timed(lambda: floor.drain(made)))  # noqa: B023 - called here
        rates["flow"].append(LOAD / _timed(lambda: flow.drain(LOAD)))
    floor.remove()
    console.print(_table(latencies, rates))


def _table(latencies: dict[str, list[float]], rates: dict[str, list[float]]) -> Table:
    table = Table(
        title=f"{ROUNDS} applications one at a time, {LOAD} applications {SENDERS} at once"
    )
    table.add_column("")
    for heading in ("floor", "flow", "ratio"):
        table.add_column(heading, justify="right")
    for label, unit, numbers in _rows(latencies, rates):
        below, above = numbers
        table.add_row(label, f"{below:.1f}{unit}", f"{above:.1f}{unit}", f"{above / below:.2f}")
    return table


def _rows(
    latencies: dict[str, list[float]], rates: dict[str, list[float]]
) -> Iterator[tuple[str, str, tuple[float, float]]]:
    for label, place in (("p50", 49), ("p99", 98)):
        cuts = {
            name: statistics.quantiles(values, n=100)[place] for name, values in latencies.items()
        }
        yield f"submit to outcome, {label}", " ms", (cuts["floor"] * 1000, cuts["flow"] * 1000)
    middle = {name: statistics.median(values) for name, values in rates.items()}
    yield "applications", "/s", (middle["floor"], middle["flow"])


def _application() -> Application:
    return Application(
        application_id=f"bench-{uuid.uuid4()}",
        channel=Channel.MOBILE,
        status=Status.RECEIVED,
        version=1,
        source_ref=str(uuid.uuid4()),
        raw_sha256="0" * 64,
        received_at="2026-01-01T00:00:00.000+00:00",
        answers=next(samples()),
    )


def _timed(work: Callable[[], None]) -> float:
    """Give the seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
