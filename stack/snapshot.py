"""Keeps the tables of moto's server, which lives in memory, in a file while the stack is down."""

import base64
import json
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import requests

from riskstack.emulator.template import Template
from stack.settings import ROOT, Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item: TypeAlias = dict[str, Any]

_IS_ABSENT = "attribute_not_exists(application_id)"
_BYTES = "\0bytes"
"""The key that marks a binary value; no attribute of DynamoDB's JSON is named so."""


def life(settings: Settings) -> str:
    """Give what tells one process of moto's server from the next, which begins with nothing."""
    answer = requests.get(f"{settings.url('emulator')}/health", timeout=10)
    answer.raise_for_status()
    return answer.text


def save(settings: Settings, file: Path) -> None:
    """Write every item of the declared tables to a file, replaced as a whole."""
    client = _client(settings)
    tables = {name: _items(client, name) for name in _declared()}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(tables, default=_encoded))
    fresh.replace(file)


def restore(settings: Settings, file: Path) -> int:
    """Put back the applications of a file that are not there, each with its trail in one write.

    One that is there, because it came in again, stands as it is, trail included; gives how many of
    these are not as the file has them. The stream tells of them anew.
    """
    if not file.exists():
        return 0
    client = _client(settings)
    applications, trail = _declared()
    there = {_id(item): item for item in _items(client, applications)}
    kept = json.loads(file.read_text(), object_hook=_decoded)
    trails: dict[str, list[Item]] = {}
    for event in kept[trail]:
        trails.setdefault(_id(event), []).append(event)
    again = 0
    for item in kept[applications]:
        events = trails.pop(_id(item), [])
        if there.get(_id(item)) != item:
            again += not _put_whole(client, applications, item, trail, events)
    # an application whose time was up leaves its trail
    for event in chain.from_iterable(trails.values()):
        _put_where_absent(client, trail, event)
    return again


def _declared() -> list[str]:
    """Name the tables of the applications and of their trail; both are keyed by application."""
    data = Template.read(ROOT / "deploy" / "data.yaml")
    return [table.properties["TableName"] for table in data.resources("AWS::DynamoDB::Table")]


def _items(client: "DynamoDBClient", table: str) -> list[Item]:
    pages = client.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def _id(item: Item) -> str:
    application_id: str = item["application_id"]["S"]
    return application_id


def _put_whole(
    client: "DynamoDBClient", applications: str, item: Item, trail: str, events: list[Item]
) -> bool:
    """Put an application with its trail; `False` where it is there, as it may be by now."""
    puts: list[Item] = [{"TableName": trail, "Item": event} for event in events]
    puts.append({"TableName": applications, "Item": item, "ConditionExpression": _IS_ABSENT})
    writes: list[Any] = [{"Put": put} for put in puts]
    try:
        client.transact_write_items(TransactItems=writes)
    except client.exceptions.TransactionCanceledException:
        return False
    return True


def _put_where_absent(client: "DynamoDBClient", table: str, item: Item) -> None:
    with suppress(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table, Item=item, ConditionExpression=_IS_ABSENT)


def _encoded(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} is no value of DynamoDB")
    return {_BYTES: base64.b64encode(value).decode()}


def _decoded(value: dict[str, Any]) -> Any:  # noqa: ANN401 - any value of DynamoDB
    return base64.b64decode(value[_BYTES]) if value.keys() == {_BYTES} else value


def _client(settings: Settings) -> "DynamoDBClient":
    return boto3.client(
        "dynamodb",
        endpoint_url=settings.url("emulator"),
        region_name=settings.values["AWS_DEFAULT_REGION"],
        aws_access_key_id=settings.values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings.values["AWS_SECRET_ACCESS_KEY"],
    )
