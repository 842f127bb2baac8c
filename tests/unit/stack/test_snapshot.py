from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from riskstack.emulator.cloudformation import create
from riskstack.emulator.template import Resolver, Template
from stack.settings import Settings
from stack.snapshot import restore, save

TABLE = "riskstack-applications"
ITEM: Any = {
    "application_id": {"S": "app-1"},
    "count": {"N": "1.10"},
    "raw": {"B": b"\x00\xff"},
    "parts": {"L": [{"B": b"x"}, {"M": {"deep": {"BOOL": True}}}]},
}


@pytest.fixture
def settings(aws: str) -> Settings:
    port = str(urlsplit(aws).port)
    return Settings({**Settings.read().values, "EMULATOR_PORT": port})


def test_items_survive_an_emulator_that_forgets(
    settings: Settings,
    aws: str,
    tmp_path: Path,
    data_template: Template,
    data_resolver: Resolver,
) -> None:
    file = tmp_path / "data.json"
    client = boto3.client("dynamodb")
    client.put_item(TableName=TABLE, Item=ITEM)
    foreign: Any = [{"AttributeName": "id", "AttributeType": "S"}]
    client.create_table(
        TableName="somebody-else-s",
        AttributeDefinitions=foreign,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    save(settings, file)
    requests.post(f"{aws}/moto-api/reset", timeout=10)
    create(data_template, data_resolver)
    restore(settings, file)
    assert client.scan(TableName=TABLE)["Items"] == [ITEM]


def test_what_is_there_is_not_overwritten(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    client = boto3.client("dynamodb")
    client.put_item(TableName=TABLE, Item=ITEM)
    save(settings, file)
    client.put_item(TableName=TABLE, Item={**ITEM, "count": {"N": "2"}})
    restore(settings, file)
    (item,) = client.scan(TableName=TABLE)["Items"]
    assert item["count"] == {"N": "2"}


def test_without_a_file_nothing_is_restored(settings: Settings, tmp_path: Path) -> None:
    restore(settings, tmp_path / "none.json")
    assert boto3.client("dynamodb").scan(TableName=TABLE)["Items"] == []
