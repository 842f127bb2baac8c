"""The store against moto's DynamoDB; only what moto cannot do is played to it by a stub."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from etl.core import ConflictError, correction
from etl.intake import Intake
from etl.store import DynamoStore, StoreUnavailableError, connect
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Application, Channel, Status
from riskstack.contract.record import Tables, from_item
from tests.refusing_port import refusing_port

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client(aws: str) -> "DynamoDBClient":
    assert aws
    return connect()


@pytest.fixture
def store(client: "DynamoDBClient", tables: Tables) -> DynamoStore:
    return DynamoStore(client, tables)


@pytest.fixture
def trail(client: "DynamoDBClient", tables: Tables) -> Callable[[], list[dict[str, Any]]]:
    """Give the events of the audit table, by version."""

    def events() -> list[dict[str, Any]]:
        return sorted(client.scan(TableName=tables.audit)["Items"], key=lambda one: one["version"])

    return events


def test_an_application_is_created_once_with_its_audit_event(
    store: DynamoStore, application: Application, trail: Callable[[], list[dict[str, Any]]]
) -> None:
    assert store.create(application, {"expires_at": 1_800_000_000, "updated_at": "now"})
    assert not store.create(replace(application, source_ref="other"), {})
    item = store.read(application.application_id)
    assert item is not None
    assert from_item(item) == application
    assert (item["expires_at"], item["updated_at"]) == (Decimal(1_800_000_000), "now")
    assert [(one["version"], one["action"]) for one in trail()] == [(1, "submitted")]


def test_an_application_that_is_not_there_is_none(store: DynamoStore) -> None:
    assert store.read("app-none") is None


def test_a_step_is_written_on_the_version_that_was_read(
    store: DynamoStore, application: Application, trail: Callable[[], list[dict[str, Any]]]
) -> None:
    incomplete = replace(application, status=Status.INCOMPLETE, open_questions=("age",))
    store.create(incomplete, {})
    item = store.read(application.application_id)
    assert item is not None
    step = correction(item, replace(application, raw_sha256="1" * 64))
    assert step is not None
    assert store.change(step)
    assert not store.change(step)
    changed = store.read(application.application_id)
    assert changed is not None
    assert from_item(changed) == replace(application, version=2, raw_sha256="1" * 64)
    assert [(one["version"], one["action"]) for one in trail()] == [
        (1, "submitted"),
        (2, "corrected"),
    ]


def test_an_application_that_expired_is_not_created_under_its_audit_trail(
    store: DynamoStore, application: Application, client: "DynamoDBClient", tables: Tables
) -> None:
    store.create(application, {})
    client.delete_item(
        TableName=tables.applications, Key={"application_id": application.application_id}
    )
    with pytest.raises(ConflictError, match="kept until its time was up") as conflict:
        store.create(application, {})
    assert conflict.value.status == "expired"


class Interrupted(DynamoStore):
    """A store in which somebody else writes after the first read."""

    interruption: Iterator[Callable[[], object]] = iter(())

    def read(self, application_id: str) -> Any:  # noqa: ANN401 - an item
        item = super().read(application_id)
        for interrupt in self.interruption:
            interrupt()
        return item


def test_a_correction_that_lost_a_race_is_retried(client: "DynamoDBClient", tables: Tables) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    store = Interrupted(client, tables)
    intake = Intake(store, min_confidence=0.8, retention=timedelta(days=1))

    def sent(digest: str, age: str) -> Submission:
        return Submission(
            channel=Channel.MAIL,
            reference="doc-1",
            raw_sha256=digest,
            answers={"age": RawAnswer(age)},
        )

    first = intake.take(sent("digest-1", "30"), "r", now)
    store.interruption = iter([lambda: intake.take(sent("digest-2", "31"), "r", now)])
    assert intake.take(sent("digest-3", "32"), "r", now).action == "corrected"
    item = store.read(first.application_id)
    assert item is not None
    assert from_item(item).answers.age == 32
    assert item["version"] == 3


@pytest.fixture
def stub(client: "DynamoDBClient") -> Iterator[Stubber]:
    """Play DynamoDB's answers to the store's client."""
    with Stubber(client) as stubber:
        yield stubber


def cancel(stub: Stubber, *codes: str) -> None:
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        http_status_code=400,
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]} if codes else {},
    )


def test_a_transaction_that_another_one_was_in_the_way_of_is_lost(
    store: DynamoStore, application: Application, stub: Stubber
) -> None:
    cancel(stub, "TransactionConflict", "None")
    assert not store.create(application, {})


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_to_be_sent_again(
    store: DynamoStore, application: Application, stub: Stubber, code: str
) -> None:
    cancel(stub, code, "None")
    with pytest.raises(StoreUnavailableError, match="is busy"):
        store.create(application, {})


@pytest.mark.parametrize("codes", [(), ("None", "None")])
def test_a_transaction_cancelled_for_no_reason_is_not_taken_for_written(
    store: DynamoStore, application: Application, stub: Stubber, codes: tuple[str, ...]
) -> None:
    cancel(stub, *codes)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        store.create(application, {})


def test_a_transaction_cancelled_for_another_reason_is_an_error(
    store: DynamoStore, application: Application, stub: Stubber
) -> None:
    cancel(stub, "ValidationError", "None")
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        store.create(application, {})


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalServerError", 500)]
)
def test_errors_that_pass_by_themselves_are_told_from_others(
    store: DynamoStore, stub: Stubber, code: str, status: int
) -> None:
    stub.add_client_error("get_item", code, http_status_code=status)
    with pytest.raises(StoreUnavailableError):
        store.read("app-x")


def test_a_table_that_is_missing_is_an_error(empty_aws: str, tables: Tables) -> None:
    assert empty_aws
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        DynamoStore(connect(), tables).read("app-x")


def test_a_store_that_cannot_be_reached_is_unavailable(
    empty_aws: str, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert empty_aws
    with refusing_port() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        with pytest.raises(StoreUnavailableError, match="cannot be reached"):
            DynamoStore(connect(), tables).read("app-x")


def test_all_attempts_together_stay_within_the_functions_timeout(client: "DynamoDBClient") -> None:
    config: Any = client.meta.config
    attempts = config.retries["total_max_attempts"]
    # a correction is three calls: create, read, change
    assert 3 * attempts * max(config.connect_timeout, config.read_timeout) < 10
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}


def test_the_client_reads_the_sdks_own_variables(aws: str) -> None:
    assert connect().meta.endpoint_url == aws
