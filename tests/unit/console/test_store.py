from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from console.store import (
    Count,
    Cursor,
    InvalidCursorError,
    LostRaceError,
    Store,
    is_passing,
)
from riskstack.contract.application import Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRANSITION = Transition(
    application_id="app-1",
    version=1,
    before=Status.IN_REVIEW,
    after=Status.IN_REVIEW,
    action="claimed",
    actor="auditor:Grace",
    at="2026-03-02T08:40:00+00:00",
    changes={"claimed_by": "auditor:Grace"},
)


@pytest.fixture
def client() -> "DynamoDBClient":
    return boto3.resource(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the stub signs nothing
    ).meta.client


@given(st.text(min_size=1).filter(lambda text: "~" not in text), st.text(min_size=1))
def test_a_cursor_survives_its_token(received_at: str, application_id: str) -> None:
    cursor = Cursor(received_at, application_id)
    assert Cursor.from_token(cursor.token()) == cursor


@pytest.mark.parametrize("token", ["", "x", "~app-1", "2026-03-02T08:40:00Z~"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursorError, match="where its page begins"):
        Cursor.from_token(token)


def write_cancelled(client: "DynamoDBClient", *codes: str) -> None:
    """Write a step that DynamoDB cancels with these `CancellationReasons`, one for each item."""
    reasons = [{"Code": code} for code in codes]
    with Stubber(client) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )
        Store(client, Tables("applications", "audit")).write(TRANSITION)


@pytest.mark.parametrize(
    "codes", [("ConditionalCheckFailed", "None"), ("None", "TransactionConflict")]
)
def test_a_transaction_cancelled_by_another_write_is_a_lost_race(
    client: "DynamoDBClient", codes: tuple[str, str]
) -> None:
    with pytest.raises(LostRaceError):
        write_cancelled(client, *codes)


def test_a_transaction_cancelled_for_another_reason_is_none(client: "DynamoDBClient") -> None:
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        write_cancelled(client, "ThrottlingError", "None")


def read_page(client: "DynamoDBClient", code: str, after: Cursor | None) -> None:
    """Read a page for which DynamoDB gives an error."""
    with Stubber(client) as stub:
        stub.add_client_error("query", code, http_status_code=400)
        store = Store(client, Tables("applications", "audit"))
        store.page(Status.IN_REVIEW, after, oldest_first=True)


def test_a_cursor_that_dynamodb_refuses_is_invalid(client: "DynamoDBClient") -> None:
    with pytest.raises(InvalidCursorError, match="where its page begins"):
        read_page(client, "ValidationException", Cursor("2026", "app-1"))


@pytest.mark.parametrize(
    ("code", "after"),
    [("ValidationException", None), ("ResourceNotFoundException", Cursor("2026", "app-1"))],
)
def test_other_errors_are_not_the_cursors(
    client: "DynamoDBClient", code: str, after: Cursor | None
) -> None:
    with pytest.raises(ClientError, match=code):
        read_page(client, code, after)


def test_a_count_ends_at_a_hundred(client: "DynamoDBClient") -> None:
    with Stubber(client) as stub:
        asked = dict.fromkeys(
            (
                "TableName",
                "IndexName",
                "KeyConditionExpression",
                "ExpressionAttributeNames",
                "ExpressionAttributeValues",
            ),
            ANY,
        )
        stub.add_response(
            "query",
            {"Count": 100, "LastEvaluatedKey": {"application_id": {"S": "app-1"}}},
            asked | {"Select": "COUNT", "Limit": 100},
        )
        count = Store(client, Tables("applications", "audit")).count(Status.IN_REVIEW)
    assert count == Count(100, more=True)


@pytest.mark.parametrize(
    ("code", "status", "reason", "passing"),
    [
        ("ThrottlingException", 400, "None", True),
        ("ProvisionedThroughputExceededException", 400, "None", True),
        ("TransactionCanceledException", 400, "ThrottlingError", True),
        ("TransactionCanceledException", 400, "ValidationError", False),
        ("InternalServerError", 500, "None", True),
        ("ResourceNotFoundException", 400, "None", False),
        ("AccessDeniedException", 400, "None", False),
    ],
)
def test_only_some_errors_pass_in_a_moment(
    code: str, status: int, reason: str, *, passing: bool
) -> None:
    answer: Any = {
        "Error": {"Code": code},
        "ResponseMetadata": {"HTTPStatusCode": status},
        "CancellationReasons": [{"Code": reason}],
    }
    assert is_passing(ClientError(answer, "Query")) is passing
