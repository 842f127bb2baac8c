from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from riskstack.emulator.cloudformation import create
from riskstack.emulator.template import Resolver, Template
from stack import snapshot
from stack.settings import Settings
from stack.snapshot import restore, save

TABLE = "riskstack-applications"
TRAIL = "riskstack-audit"
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
    assert restore(settings, file) == 1
    (item,) = client.scan(TableName=TABLE)["Items"]
    assert item["count"] == {"N": "2"}


@pytest.mark.usefixtures("aws")
def test_an_application_that_is_there_keeps_its_own_trail(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "data.json"
    client: Any = boto3.client("dynamodb")

    def audit(version: int, application: str = "app-1") -> Any:  # noqa: ANN401 - an item
        return {"application_id": {"S": application}, "version": {"N": str(version)}}

    kept = [audit(1), audit(2), audit(3), audit(1, "app-2")]
    for application in ("app-1", "app-2"):
        client.put_item(TableName=TABLE, Item={**ITEM, "application_id": {"S": application}})
    for event in kept:
        client.put_item(TableName=TRAIL, Item=event)
    save(settings, file)
    for event in kept[1:]:
        client.delete_item(TableName=TRAIL, Key=event)
    client.delete_item(TableName=TABLE, Key={"application_id": {"S": "app-2"}})
    assert restore(settings, file) == 0
    assert len(client.scan(TableName=TABLE)["Items"]) == 2
    assert sorted(map(str, client.scan(TableName=TRAIL)["Items"])) == sorted(
        map(str, [audit(1), audit(1, "app-2")])
    )


@pytest.mark.usefixtures("aws")
def test_what_was_restored_in_part_is_restored_whole(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    client: Any = boto3.client("dynamodb")
    event = {"application_id": {"S": "app-1"}, "version": {"N": "1"}}
    client.put_item(TableName=TABLE, Item=ITEM)
    client.put_item(TableName=TRAIL, Item=event)
    save(settings, file)
    client.delete_item(TableName=TABLE, Key={"application_id": ITEM["application_id"]})
    assert restore(settings, file) == 0
    assert client.scan(TableName=TABLE)["Items"] == [ITEM]
    assert client.scan(TableName=TRAIL)["Items"] == [event]


@pytest.mark.usefixtures("aws")
def test_a_trail_without_its_application_is_restored(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    client: Any = boto3.client("dynamodb")
    event = {"application_id": {"S": "app-1"}, "version": {"N": "1"}}
    client.put_item(TableName=TRAIL, Item=event)
    save(settings, file)
    client.delete_item(TableName=TRAIL, Key=event)
    assert restore(settings, file) == 0
    assert client.scan(TableName=TRAIL)["Items"] == [event]


@pytest.mark.usefixtures("aws")
def test_an_application_that_comes_in_meanwhile_stands_and_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data.json"
    client: Any = boto3.client("dynamodb")
    events = [{"application_id": {"S": "app-1"}, "version": {"N": str(n)}} for n in (1, 2)]
    client.put_item(TableName=TABLE, Item=ITEM)
    for event in events:
        client.put_item(TableName=TRAIL, Item=event)
    save(settings, file)
    client.delete_item(TableName=TRAIL, Key=events[1])
    client.put_item(TableName=TABLE, Item={**ITEM, "count": {"N": "2"}})
    monkeypatch.setattr(snapshot, "_items", lambda *_: [])
    assert restore(settings, file) == 1
    assert client.scan(TableName=TABLE)["Items"] == [{**ITEM, "count": {"N": "2"}}]
    assert client.scan(TableName=TRAIL)["Items"] == [events[0]]


def test_without_a_file_nothing_is_restored(settings: Settings, tmp_path: Path) -> None:
    assert restore(settings, tmp_path / "none.json") == 0
    assert boto3.client("dynamodb").scan(TableName=TABLE)["Items"] == []
