"""Keeps the tables of moto's server, which lives in memory, in a file while the stack is down."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from stack.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def save(settings: Settings, file: Path) -> None:
    """Write every item of every table to a file."""
    client = _client(settings)
    tables: dict[str, list[Any]] = {}
    for name in client.list_tables()["TableNames"]:
        pages = client.get_paginator("scan").paginate(TableName=name)
        tables[name] = [item for page in pages for item in page["Items"]]
    file.write_text(json.dumps(tables))


def restore(settings: Settings, file: Path) -> None:
    """Put the items of a file back into tables that are empty; the stream tells of them anew."""
    if not file.exists():
        return
    client = _client(settings)
    for name, items in json.loads(file.read_text()).items():
        if client.scan(TableName=name, Limit=1)["Items"]:
            continue
        for item in items:
            client.put_item(TableName=name, Item=item)


def _client(settings: Settings) -> "DynamoDBClient":
    return boto3.client(
        "dynamodb",
        endpoint_url=settings.url("emulator"),
        region_name=settings.values["AWS_DEFAULT_REGION"],
        aws_access_key_id=settings.values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings.values["AWS_SECRET_ACCESS_KEY"],
    )
