import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
import waitress

from riskstack.emulator.cloudformation import create
from riskstack.emulator.template import Resolver, Template
from stack import aws_in_memory
from stack.embedded import Embedded
from stack.settings import Settings

TABLE = "riskstack-applications"


class Processes:
    """Processes that run already, of which none is a real one."""

    def running(self) -> bool:
        return True

    def state(self, _name: str) -> str:
        return "RUNNING"

    def stop(self, *_names: str) -> None:
        pass

    def end(self) -> None:
        pass


class World:
    """An embedded stack of its emulator alone, with its folder, and what it says."""

    def __init__(self, address: str, folder: Path, provide: Callable[[], object]) -> None:
        self.address = address
        self.folder = folder
        self.said: list[str] = []
        self._provide = provide

    def stack(self) -> Embedded:
        port = str(urlsplit(self.address).port)
        stack: Any = Embedded(Settings({**Settings.read().values, "EMULATOR_PORT": port}))
        stack._processes = Processes()
        stack._data = self.folder / "data.json"
        stack._restored = self.folder / "restored"
        stack._wait = lambda _services: None
        stack.run_job = lambda _job: self._provide()
        return stack  # type: ignore[no-any-return] # but for its processes

    def up(self) -> None:
        self.stack().up(self.said.append)

    def down(self) -> None:
        self.stack().down(self.said.append)

    def kept(self) -> list[str]:
        tables = json.loads((self.folder / "data.json").read_text())
        return sorted(item["application_id"]["S"] for item in tables[TABLE])


@pytest.fixture
def world(aws: str, tmp_path: Path, data_template: Template, data_resolver: Resolver) -> World:
    return World(aws, tmp_path, lambda: create(data_template, data_resolver))


@pytest.fixture
def reborn(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Give what a kill does: another process of moto's server answers, and it holds nothing."""
    servers: list[Any] = []

    def kill() -> None:
        requests.post(f"{world.address}/moto-api/reset", timeout=10)
        server = waitress.create_server(aws_in_memory.application(), host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        world.address = f"http://127.0.0.1:{server.effective_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", world.address)

    yield kill
    for server in servers:
        server.close()


def put(application: str, **attributes: str) -> None:
    texts = {"application_id": application, **attributes}
    item: Any = {name: {"S": text} for name, text in texts.items()}
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=item)


def present() -> list[str]:
    items: Any = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    return sorted(item["application_id"]["S"] for item in items)


@pytest.fixture
def kept(world: World, reborn: Callable[[], None]) -> World:
    """A stack that came up again with what an earlier `make down` kept: app-1."""
    world.up()
    put("app-1", status="accepted")
    world.down()
    reborn()
    world.up()
    assert present() == ["app-1"]
    return world


def test_what_is_done_in_one_life_is_kept_whole(kept: World) -> None:
    put("app-2")
    kept.up()
    boto3.client("dynamodb").delete_item(TableName=TABLE, Key={"application_id": {"S": "app-1"}})
    kept.up()
    kept.down()
    assert kept.kept() == ["app-2"]


def test_a_stack_whose_emulator_died_keeps_what_was_kept(
    kept: World, reborn: Callable[[], None]
) -> None:
    kept.said.clear()
    reborn()
    kept.down()
    assert kept.kept() == ["app-1"]
    (line,) = kept.said
    assert line.startswith("the emulator was started anew and has lost its tables")


def test_what_came_in_since_the_emulator_died_is_kept_too(
    kept: World, reborn: Callable[[], None]
) -> None:
    reborn()
    kept._provide()
    put("app-3")
    kept.down()
    assert kept.kept() == ["app-1", "app-3"]


def test_up_brings_back_what_the_emulator_lost_beside_what_came_in(
    kept: World, reborn: Callable[[], None]
) -> None:
    reborn()
    kept._provide()
    put("app-3")
    kept.up()
    assert present() == ["app-1", "app-3"]
    kept.down()
    assert kept.kept() == ["app-1", "app-3"]


def test_what_came_in_again_stays_and_what_it_was_is_kept_aside(
    kept: World, reborn: Callable[[], None]
) -> None:
    reborn()
    kept._provide()
    put("app-1", status="received")
    kept.said.clear()
    kept.up()
    assert kept.said[1].startswith("applications that came in again and stay as they came: 1;")
    (aside,) = kept.folder.glob("data-before-*.json")
    (item,) = json.loads(aside.read_text())[TABLE]
    assert item["status"] == {"S": "accepted"}
    kept.down()
    (item,) = json.loads((kept.folder / "data.json").read_text())[TABLE]
    assert item["status"] == {"S": "received"}


def test_an_emulator_that_was_given_nothing_overwrites_nothing(kept: World) -> None:
    before = kept.kept()
    (kept.folder / "restored").unlink()
    put("app-4")
    kept.down()
    assert kept.kept() == before


def test_an_emulator_that_does_not_run_overwrites_nothing(
    kept: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Processes, "state", lambda *_: "FATAL")
    kept.said.clear()
    kept.down()
    assert kept.kept() == ["app-1"]
    assert kept.said == ["localstack does not run: kept is what the last `make down` kept"]
