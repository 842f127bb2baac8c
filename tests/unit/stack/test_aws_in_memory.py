from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from stack import aws_in_memory

TABLE = "riskstack-audit"


def event(version: int) -> dict[str, Any]:
    return {"application_id": {"S": "app-1"}, "version": {"N": str(version)}}


def put(version: int) -> dict[str, Any]:
    condition = "attribute_not_exists(application_id)"
    return {"Put": {"TableName": TABLE, "Item": event(version), "ConditionExpression": condition}}


def versions() -> list[str]:
    items = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    return sorted(item["version"]["N"] for item in items)


def test_health_tells_the_life_of_the_process_and_nothing_of_the_data(aws: str) -> None:
    def health() -> requests.Response:
        return requests.get(f"{aws}/health", timeout=10)

    before = health()
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=event(1))
    assert (health().status_code, health().text) == (200, before.text)
    assert len(before.text) == 32


def test_every_process_has_a_life_of_its_own() -> None:
    def life() -> list[bytes]:
        served: Any = aws_in_memory.application()
        return list(served({"PATH_INFO": "/health"}, lambda *_: None))

    assert life() != life()


@pytest.mark.usefixtures("aws")
def test_a_transaction_whose_second_condition_fails_writes_nothing() -> None:
    client: Any = boto3.client("dynamodb")
    client.transact_write_items(TransactItems=[put(1)])
    with pytest.raises(ClientError) as cancelled:
        client.transact_write_items(TransactItems=[put(2), put(1)])
    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert versions() == ["1"]


@pytest.mark.usefixtures("aws")
def test_of_many_at_once_one_wins() -> None:
    client: Any = boto3.client("dynamodb")

    def attempt(_: int) -> bool:
        try:
            client.transact_write_items(TransactItems=[put(1)])
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1


@pytest.mark.usefixtures("aws")
def test_a_shard_iterator_stays_good_over_a_cancelled_transaction() -> None:
    dynamodb: Any = boto3.client("dynamodb")
    streams = boto3.client("dynamodbstreams")
    table = "riskstack-applications"
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    write = {"TableName": table, "Item": {"application_id": {"S": "app-1"}}}
    refused = {"Put": {**write, "ConditionExpression": "attribute_exists(application_id)"}}
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[refused])
    dynamodb.put_item(**write)
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 1


@pytest.mark.usefixtures("aws")
def test_an_idle_reader_costs_no_memory_and_misses_nothing() -> None:
    dynamodb: Any = boto3.client("dynamodb")
    streams: Any = boto3.client("dynamodbstreams")
    table = "riskstack-applications"
    arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    for _ in range(3):
        page = streams.get_records(ShardIterator=iterator)
        assert (page["Records"], page["NextShardIterator"]) == ([], iterator)
    for name in ("a", "b"):
        dynamodb.put_item(TableName=table, Item={"application_id": {"S": name}})
        page = streams.get_records(ShardIterator=iterator)
        (record,) = page["Records"]
        assert record["dynamodb"]["Keys"]["application_id"]["S"] == name
        assert page["NextShardIterator"] != iterator
        iterator = page["NextShardIterator"]
