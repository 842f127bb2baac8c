"""Applications in DynamoDB: one conditional transaction for each write, consistent reads."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailedError

from etl.core import ConflictError
from riskstack.contract.application import Application
from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables, Write, creation, transition_writes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_CONFIG = Config(
    # all attempts of an invocation's three calls stay within the function's 10 seconds
    connect_timeout=1,
    read_timeout=1.5,
    # more than an environment has invocations at once
    max_pool_connections=50,
    retries={"mode": "standard", "total_max_attempts": 2},
)
_FAILED = "ConditionalCheckFailed"
_LOST = {_FAILED, "TransactionConflict"}
"""Reasons for which DynamoDB cancels a transaction because of another write."""
_BUSY = {
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionInProgressException",
}


class StoreUnavailableError(Exception):
    """DynamoDB does not answer, or not now, after the SDK's retries: send the same again later."""


def connect() -> "DynamoDBClient":
    """Make the client that takes and gives plain Python values; it may be shared by threads."""
    # a session of its own: making a client of the default one is not safe in threads
    return boto3.Session().resource("dynamodb", config=_CONFIG).meta.client


class DynamoStore:
    """The applications table and the audit table."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self._client = client
        self._tables = tables

    def create(self, application: Application, attributes: Mapping[str, object]) -> bool:
        """Write a new application with its first audit event; `False` where it exists.

        Raises:
            ConflictError: it is gone, but its audit trail is there.
            StoreUnavailableError: DynamoDB does not answer.
        """
        lost = self._write(creation(application, self._tables, attributes))
        if lost == ["None", _FAILED]:
            raise ConflictError(
                application.application_id,
                "expired",
                "the reference belongs to an application that was kept until its time was up:"
                " send a new application under a new reference",
            )
        return not lost

    def read(self, application_id: str) -> Mapping[str, Any] | None:
        """Read the item of an application as it is now.

        Raises:
            StoreUnavailableError: DynamoDB does not answer.
        """
        with _availability():
            answer = self._client.get_item(
                TableName=self._tables.applications,
                Key={"application_id": application_id},
                ConsistentRead=True,
            )
        return answer.get("Item")

    def change(self, transition: Transition) -> bool:
        """Write one step with its audit event; `False` where another step came first.

        Raises:
            StoreUnavailableError: DynamoDB does not answer.
        """
        return not self._write(transition_writes(transition, self._tables))

    def _write(self, writes: Sequence[Write]) -> list[str]:
        """Write all or nothing; give the reasons, one for each write, where another write won."""
        try:
            with _availability():
                self._client.transact_write_items(
                    TransactItems=cast("Sequence[TransactWriteItemTypeDef]", writes)
                )
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = [
                reason.get("Code", "None")
                for reason in error.response.get("CancellationReasons", ())
            ]
            found = set(reasons) - {"None"}
            # without a reason nothing is known, least of all that it was written
            if found and found <= _LOST:
                return reasons
            raise
        return []


@contextmanager
def _availability() -> Iterator[None]:
    """Tell errors that pass by themselves from all others."""
    try:
        yield
    except (ConnectionFailedError, HTTPClientError) as error:
        raise StoreUnavailableError(
            "the applications table cannot be reached: send it again"
        ) from error
    except ClientError as error:
        codes = {error.response.get("Error", {}).get("Code", "")}
        codes |= {
            reason.get("Code", "") for reason in error.response.get("CancellationReasons", ())
        }
        failed = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if codes & _BUSY or failed >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise StoreUnavailableError("the applications table is busy: send it again") from error
        raise
