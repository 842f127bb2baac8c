"""Cases in DynamoDB: reads them, and writes a step of the review. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from botocore.exceptions import ClientError

from console.case import Case, Event, read_case, read_event
from riskstack.contract.application import Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import MalformedItemError, Tables, transition_writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PAGE_SIZE = 25
# a page waits for a count of each status, and nobody needs to know more than "100+"
COUNT_LIMIT = 100

# TransactWriteItems, CancellationReasons: another write has won, or is just being made
_LOST = {"ConditionalCheckFailed", "TransactionConflict"}

# DynamoDB's errors and reasons for a cancellation that say to come back later
_THROTTLED = {
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
}
_SERVER_ERROR = 500


class UnknownApplicationError(LookupError):
    """No application has this id: say so."""


class LostRaceError(RuntimeError):
    """Another step was written first: read the application again and decide anew."""


class InvalidCursorError(ValueError):
    """A link does not say where its page begins: start at the first page."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The application after which a page begins."""

    received_at: str
    application_id: str

    def token(self) -> str:
        """Write it for a link."""
        return f"{self.received_at}~{self.application_id}"

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Read it from a link.

        Raises:
            InvalidCursorError: it is none.
        """
        received_at, _, application_id = token.partition("~")
        if not (received_at and application_id):
            raise InvalidCursorError("This link does not say where its page begins.")
        return cls(received_at, application_id)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of cases in one status; `unreadable` are ids whose items are not cases."""

    cases: tuple[Case, ...]
    unreadable: tuple[str, ...]
    following: Cursor | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many applications have a status, or at least have."""

    number: int
    more: bool


class Store:
    """The two tables, over boto3's resource-level client."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self._client = client
        self._tables = tables

    def case(self, application_id: str) -> Case:
        """Read one case as it is now.

        Raises:
            UnknownApplicationError: there is none with this id.
            MalformedItemError: the item is no case.
        """
        answer = self._client.get_item(
            TableName=self._tables.applications,
            Key={"application_id": application_id},
            ConsistentRead=True,
        )
        if "Item" not in answer:
            raise UnknownApplicationError(application_id)
        return read_case(answer["Item"])

    def trail(self, application_id: str) -> tuple[Event, ...]:
        """Read an application's audit trail, the first step first.

        Raises:
            MalformedItemError: an item is no audit event.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._tables.audit,
            KeyConditionExpression="application_id = :id",
            ExpressionAttributeValues={":id": application_id},
            ConsistentRead=True,
        )
        return tuple(read_event(item) for page in pages for item in page["Items"])

    def page(self, status: Status, after: Cursor | None, *, oldest_first: bool) -> Page:
        """Read the page of cases in a status that follows `after`.

        Raises:
            InvalidCursorError: nothing can follow `after`.
        """
        query = self._in_status(status) | {"Limit": PAGE_SIZE, "ScanIndexForward": oldest_first}
        if after is not None:
            query["ExclusiveStartKey"] = {
                "application_id": after.application_id,
                "status": str(status),
                "received_at": after.received_at,
            }
        try:
            answer = self._client.query(**query)
        except ClientError as error:
            # all else in the query is the console's own
            if after is not None and error.response["Error"]["Code"] == "ValidationException":
                raise InvalidCursorError("This link does not say where its page begins.") from error
            raise
        cases, unreadable = [], []
        for item in answer["Items"]:
            try:
                cases.append(read_case(item))
            except MalformedItemError:
                unreadable.append(str(item["application_id"]))
        return Page(tuple(cases), tuple(unreadable), _cursor(answer.get("LastEvaluatedKey")))

    def count(self, status: Status) -> Count:
        """Count the applications in a status, up to about `COUNT_LIMIT`."""
        query = self._in_status(status) | {"Limit": COUNT_LIMIT, "Select": "COUNT"}
        answer = self._client.query(**query)
        return Count(answer["Count"], more=bool(answer.get("LastEvaluatedKey")))

    def write(self, transition: Transition, condition: str = "") -> None:
        """Write a step and its audit event, both or neither.

        Raises:
            LostRaceError: the application is no longer as the step found it.
        """
        writes = transition_writes(transition, self._tables, condition)
        try:
            self._client.transact_write_items(
                TransactItems=cast("Sequence[TransactWriteItemTypeDef]", writes)
            )
        except ClientError as error:
            if _lost(error):
                raise LostRaceError("Another step was being written at this moment.") from error
            raise

    def _in_status(self, status: Status) -> dict[str, Any]:
        return {
            "TableName": self._tables.applications,
            "IndexName": "by_status",
            "KeyConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": str(status)},
        }


def _cursor(key: Mapping[str, Any] | None) -> Cursor | None:
    return Cursor(key["received_at"], key["application_id"]) if key else None


def is_passing(error: ClientError) -> bool:
    """Tell whether the same request may succeed in a moment."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERROR or not _THROTTLED.isdisjoint({code, *_reasons(error)})


def _lost(error: ClientError) -> bool:
    return not _LOST.isdisjoint(_reasons(error))


def _reasons(error: ClientError) -> list[str]:
    return [reason.get("Code", "") for reason in error.response.get("CancellationReasons", [])]
