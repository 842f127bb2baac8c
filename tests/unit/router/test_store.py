import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from riskstack.contract.application import Application, Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables, creation
from router.store import (
    AlreadyRoutedError,
    FailureQueue,
    Store,
    StoreUnavailableError,
    TrailAheadError,
)


def step(application: Application, version: int = 1) -> Transition:
    return Transition(
        application_id=application.application_id,
        version=version,
        before=Status.RECEIVED,
        after=Status.REJECTED,
        action="routed",
        actor="rules:v1",
        at="2026-03-01T09:00:01.000+00:00",
        changes={"rules_version": "v1"},
    )


@pytest.mark.usefixtures("aws")
def test_a_decision_is_written_once(application: Application, tables: Tables) -> None:
    client: Any = boto3.resource("dynamodb").meta.client
    client.transact_write_items(TransactItems=creation(application, tables, {}))
    store = Store(client, tables)
    store.write(step(application))
    with pytest.raises(AlreadyRoutedError):
        store.write(step(application))
    key = {"application_id": application.application_id}
    item = client.get_item(TableName=tables.applications, Key=key)["Item"]
    assert (item["status"], item["version"]) == ("rejected", 2)
    trail = client.scan(TableName=tables.audit)["Items"]
    assert sorted((event["version"], event["action"]) for event in trail) == [
        (1, "submitted"),
        (2, "routed"),
    ]


@pytest.mark.usefixtures("aws")
def test_a_trail_that_is_ahead_of_its_application_is_told_apart(
    application: Application, tables: Tables
) -> None:
    client: Any = boto3.resource("dynamodb").meta.client
    put, audit = creation(application, tables, {})
    client.transact_write_items(TransactItems=[put, audit])
    store = Store(client, tables)
    store.write(step(application))
    # the applications alone are put back to an earlier time
    client.put_item(TableName=tables.applications, Item=put["Put"]["Item"])
    with pytest.raises(TrailAheadError, match="is at version 1, but its audit trail has the next"):
        store.write(step(application))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems"),
        ClientError(
            {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
            },
            "TransactWriteItems",
        ),
        ClientError(
            {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": [
                    {"Code": "TransactionConflict"},
                    {"Code": "ConditionalCheckFailed"},
                ],
            },
            "TransactWriteItems",
        ),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
    ],
)
def test_what_may_pass_is_tried_again(
    application: Application, tables: Tables, error: Exception
) -> None:
    class Client:
        def transact_write_items(self, **_: object) -> None:
            raise error

    client: Any = Client()
    with pytest.raises(StoreUnavailableError):
        Store(client, tables).write(step(application))


@pytest.mark.usefixtures("aws")
def test_the_failure_queue_says_where_the_record_is() -> None:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    record = {
        "eventID": "e-1",
        "eventSourceARN": "arn",
        "dynamodb": {
            "SequenceNumber": "7",
            "Keys": {"application_id": {"S": "app-1"}},
            "NewImage": {"answers": {"M": {"full_name": {"S": "Ada Park"}}}},
        },
    }
    FailureQueue(sqs, url).send(record, "cannot be read")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {
        "cause": "cannot be read",
        "eventID": "e-1",
        "eventSourceARN": "arn",
        "sequenceNumber": "7",
        "keys": {"application_id": {"S": "app-1"}},
    }
    with pytest.raises(StoreUnavailableError):
        FailureQueue(sqs, f"{url}-gone").send(record, "cannot be read")
