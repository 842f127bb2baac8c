"""Keeps the tables of moto's server, which lives in memory, in a file while the stack is down."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from riskstack.emulator.template import Template
from stack.settings import ROOT, Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BYTES = "\0bytes"
"""The key that marks a binary value; no attribute of DynamoDB's JSON is named so."""


def save(settings: Settings, file: Path) -> None:
    """Write every item of the declared tables to a file, replaced as a whole."""
    client = _client(settings)
    tables: dict[str, list[Any]] = {}
    for name in _declared():
        pages = client.get_paginator("scan").paginate(TableName=name)
        tables[name] = [item for page in pages for item in page["Items"]]
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(tables, default=_encoded))
    fresh.replace(file)


def restore(settings: Settings, file: Path) -> None:
    """Put the items of a file back into tables that are empty; the stream tells of them anew."""
    if not file.exists():
        return
    client = _client(settings)
    for name, items in json.loads(file.read_text(), object_hook=_decoded).items():
        if client.scan(TableName=name, Limit=1)["Items"]:
            continue
        for item in items:
            client.put_item(TableName=name, Item=item)


def _declared() -> list[str]:
    data = Template.read(ROOT / "deploy" / "data.yaml")
    return [table.properties["TableName"] for table in data.resources("AWS::DynamoDB::Table")]


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
