"""A stand for the console's tests: its tables in moto's server, cases in them, the console served.

The tables are those that `deploy/data.yaml` declares, under names of their own for each test.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import uvicorn
import yaml
from aws_lambda_powertools import Logger
from moto.server import ThreadedMotoServer

from console.app import create_app
from console.desk import Desk
from console.store import Store
from riskstack.contract.application import Answers, Application, Channel, Home, Job, Marital, Status
from riskstack.contract.record import Tables, creation

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DATA = Path(__file__).parents[1] / "deploy" / "data.yaml"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

REASONS = (
    {"source": "rule", "code": "DEBT_RATIO", "text": "Debt is high for the income"},
    {"source": "model", "code": "seniority", "text": "1 years in the present job"},
)


class _Template(yaml.SafeLoader):
    """CloudFormation's YAML, its functions read as nothing."""


_Template.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


@dataclass(frozen=True, slots=True)
class Stand:
    """A console's two tables, and the console's own parts over them."""

    client: "DynamoDBClient"
    tables: Tables
    store: Store

    def desk(self, store: Store | None = None, logger: Logger | None = None) -> Desk:
        """Give a desk at which it is always `NOW`."""
        return Desk(store or self.store, lambda: NOW, logger or Logger(service="console"))

    def put(
        self,
        application_id: str = "app-1",
        status: Status = Status.IN_REVIEW,
        waited: timedelta = timedelta(hours=3, minutes=20),
        answers: Mapping[str, Any] | None = None,
        **attributes: object,
    ) -> None:
        """Write an application; `attributes` go beside, or in place of, those of a usual one."""
        application = Application(
            application_id=application_id,
            channel=Channel.MAIL,
            status=status,
            version=1,
            source_ref=f"ref-{application_id}",
            raw_sha256="0" * 64,
            received_at=(NOW - waited).isoformat(),
            answers=Answers(**(_ANSWERS | dict(answers or {}))),
            open_questions=("income",) if status is Status.INCOMPLETE else (),
            field_confidence={"income": 0.61},
        )
        writes: Any = creation(application, self.tables, _OUTCOME | attributes)
        self.client.transact_write_items(TransactItems=writes)

    def item(self, application_id: str = "app-1") -> dict[str, Any]:
        """Read an application's item as it is now."""
        key = {"application_id": application_id}
        return dict(self.client.get_item(TableName=self.tables.applications, Key=key)["Item"])


_ANSWERS: dict[str, Any] = {
    "full_name": "Ada Example",
    "age": 41,
    "marital": Marital.MARRIED,
    "home": Home.RENT,
    "job": Job.FREELANCE,
    "seniority": 1,
    "income": 1250.0,
    "expenses": 75.0,
    "assets": 3000.0,
    "debt": 900.0,
    "bad_record": False,
    "amount": 1100.0,
    "price": 1658.0,
    "term": 48,
}

_OUTCOME = {
    "score": Decimal("0.62"),
    "band": "high",
    "priority": "urgent",
    "reasons": REASONS,
    "model_version": "credit-7",
    "rules_version": "3",
}


@contextmanager
def emulator() -> Iterator["DynamoDBClient"]:
    """Run moto's server, and give a resource-level client of its DynamoDB."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield boto3.resource(
            "dynamodb",
            endpoint_url=f"http://{host}:{port}",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator accepts any key
        ).meta.client
    finally:
        server.stop()


def create_stand(client: "DynamoDBClient") -> Stand:
    """Create the declared tables under fresh names."""
    resources = yaml.load(DATA.read_text(), _Template)["Resources"]  # noqa: S506 - a SafeLoader
    suffix = uuid4().hex
    names = []
    for resource in ("ApplicationsTable", "AuditTable"):
        declared = resources[resource]["Properties"]
        names.append(f"{declared['TableName']}-{suffix}")
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        settings = {key: declared[key] for key in wanted if key in declared}
        client.create_table(TableName=names[-1], **settings)
    tables = Tables(*names)
    return Stand(client, tables, Store(client, tables))


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve the console on a free port, and give its address."""
    config = uvicorn.Config(create_app(desk), port=0, log_config=None)
    server = uvicorn.Server(config)
    with config.bind_socket() as listener:
        # from here on a request waits until the server takes it
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
