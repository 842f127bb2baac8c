"""What the router writes: decisions into DynamoDB, unroutable records into a queue."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables, transition_writes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


class AlreadyRoutedError(Exception):
    """The application has moved on since it was read: an earlier delivery routed it."""


class TrailAheadError(Exception):
    """The audit trail has the step already and the application does not: look at both tables.

    So it is where one of them was put back to an earlier time. No later delivery can be written.
    """


class StoreUnavailableError(Exception):
    """AWS did not take the write: try again later."""


class Store:
    """The applications and their audit trail."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        """Take a resource-level client, `boto3.resource("dynamodb").meta.client`."""
        self._client = client
        self._tables = tables

    def write(self, transition: Transition) -> None:
        """Take one step, on the version that was read.

        Raises:
            AlreadyRoutedError: the version is no longer the one that was read.
            TrailAheadError: it is, but the audit trail has the next one already.
            StoreUnavailableError: DynamoDB did not take the write.
        """
        try:
            self._client.transact_write_items(
                TransactItems=transition_writes(transition, self._tables)  # type: ignore[arg-type] # plain values
            )
        except ClientError as error:
            match _reasons(error):
                case ["ConditionalCheckFailed", *_]:
                    raise AlreadyRoutedError(transition.application_id) from None
                case ["None", "ConditionalCheckFailed"]:
                    raise TrailAheadError(
                        f"application {transition.application_id} is at version"
                        f" {transition.version}, but its audit trail has the next one already:"
                        " look at both tables"
                    ) from None
            raise StoreUnavailableError(str(error)) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(str(error)) from error


def _reasons(error: ClientError) -> list[str]:
    """Give why a transaction was cancelled: a code for the application, one for its trail."""
    reasons: Iterable[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return [reason.get("Code", "None") for reason in reasons]


class FailureQueue:
    """Where a record goes that can never be routed, for a person to look at."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, record: Mapping[str, Any], cause: str) -> None:
        """Say where the record is and why it cannot be routed; its answers stay in the table.

        Raises:
            StoreUnavailableError: SQS did not take the message.
        """
        change = record.get("dynamodb", {})
        notice = {
            "cause": cause,
            "eventID": record.get("eventID"),
            "eventSourceARN": record.get("eventSourceARN"),
            "sequenceNumber": change.get("SequenceNumber"),
            "keys": change.get("Keys"),
        }
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(notice))
        except (BotoCoreError, ClientError) as error:
            raise StoreUnavailableError(str(error)) from error
