"""A multi-model container's models: loaded once, kept while used, unloaded for others."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from hosting.container import INVOCATIONS, PAYLOAD_LIMIT, ContainerAnswer
from hosting.runtime import model_shelf
from hosting.runtime.errors import (
    InternalDependencyError,
    ModelError,
    ModelNotReadyError,
    ValidationError,
)
from hosting.runtime.metrics import Metrics
from hosting.runtime.model_error import Origin
from hosting.runtime.model_shelf import ModelShelf
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import MemoryRunning, watched

ORIGIN = Origin("0", "eu", "risk", "primary")


class ModelsContainer(MemoryContainer):
    """A container that keeps so many models; loading waits for its gate."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.models: list[str] = []
        self.room = room
        self.status = 200
        self.gate = asyncio.Event()
        self.gate.set()

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        self.invocations.append((headers, body))
        self.asked.append((path, timeout_s, limit))
        await self.gate.wait()
        if self.status != 200:
            return ContainerAnswer(self.status, None, None, b"broken")
        if len(self.models) >= self.room:
            return ContainerAnswer(507, None, None, b"no room")
        self.models.append(json.loads(body)["model_name"])
        return ContainerAnswer(200, None, None, b"")

    async def request(self, method: str, path: str) -> ContainerAnswer:
        assert method == "DELETE"
        self.models.remove(path.removeprefix("/models/"))
        return ContainerAnswer(200, None, None, b"")


class Stand:
    """A shelf over a container."""

    def __init__(self, room: int = 2, missing: tuple[str, ...] = ()) -> None:
        self.container = ModelsContainer(room)
        self.running = MemoryRunning(missing=missing)
        self.shelf = ModelShelf(
            watched(self.container, ReadableLog()),
            self.running,
            "s3://models/",
            Metrics().of("risk", "a"),
        )

    async def use(self, target: str) -> str:
        async with self.shelf.use(target, ORIGIN) as model:
            return model.path

    def laid_in(self) -> list[str]:
        return sorted(url.removeprefix("s3://models/") for url in self.running.laid_in.values())


def test_many_who_ask_at_once_load_a_model_once() -> None:
    async def scenario() -> tuple[Stand, list[str]]:
        stand = Stand()
        return stand, await asyncio.gather(*(stand.use("a") for _ in range(5)))

    stand, paths = asyncio.run(scenario())
    [name] = stand.container.models
    assert set(paths) == {f"/models/{name}/invoke"}
    assert len(stand.container.invocations) == 1
    assert json.loads(stand.container.invocations[0][1]) == {
        "model_name": name,
        "url": f"/opt/ml/models/{name}/model",
    }
    assert stand.shelf.loaded == 1


def test_a_model_in_use_is_not_unloaded() -> None:
    async def scenario() -> Stand:
        stand = Stand()
        async with stand.shelf.use("a", ORIGIN):
            await stand.use("b")
            await stand.use("c")
        return stand

    stand = asyncio.run(scenario())
    assert stand.laid_in() == ["a", "c"]
    assert sorted(stand.container.models) == sorted(stand.running.laid_in)


def test_where_all_are_in_use_there_is_no_room() -> None:
    async def scenario() -> Stand:
        stand = Stand(room=1)
        async with stand.shelf.use("a", ORIGIN):
            with pytest.raises(ModelError) as raised:
                await stand.use("b")
        assert raised.value.original_status == 507
        assert "no room" in raised.value.message
        return stand

    stand = asyncio.run(scenario())
    assert stand.laid_in() == ["a"]
    assert not stand.shelf.has("b")


def test_a_model_that_does_not_load_may_be_asked_for_again() -> None:
    async def scenario() -> Stand:
        stand = Stand()
        stand.container.status = 500
        with pytest.raises(ModelError):
            await stand.use("a")
        stand.container.status = 200
        await stand.use("a")
        return stand

    assert asyncio.run(scenario()).laid_in() == ["a"]


def test_a_model_that_is_already_loaded_is_loaded() -> None:
    async def scenario() -> Stand:
        stand = Stand()
        stand.container.status = 409
        await stand.use("a")
        return stand

    assert asyncio.run(scenario()).shelf.loaded == 1


def test_a_model_that_is_not_there_is_the_client_s_fault() -> None:
    async def scenario() -> None:
        await Stand(missing=("s3://models/a",)).use("a")

    with pytest.raises(
        ValidationError, match="Model a cannot be had: s3://models/a does not exist"
    ):
        asyncio.run(scenario())


def test_a_disk_that_is_full_is_nobody_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def put_model(*_: str) -> str:
        raise OSError(28, "No space left on device")

    async def scenario() -> None:
        stand = Stand()
        monkeypatch.setattr(stand.running, "put_model", put_model)
        await stand.use("a")

    with pytest.raises(InternalDependencyError, match="No space left on device"):
        asyncio.run(scenario())


def test_a_model_that_loads_slowly_goes_on_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_shelf, "WAIT_S", 0.01)

    async def scenario() -> Stand:
        stand = Stand()
        stand.container.gate.clear()
        with pytest.raises(ModelNotReadyError, match="is still downloading or loading"):
            await stand.use("a")
        stand.container.gate.set()
        monkeypatch.setattr(model_shelf, "WAIT_S", 30)
        await stand.use("a")
        return stand

    assert len(asyncio.run(scenario()).container.invocations) == 1


def test_only_the_model_that_was_used_is_forgotten() -> None:
    async def scenario() -> Stand:
        stand = Stand()
        async with stand.shelf.use("a", ORIGIN) as lost:
            stand.shelf.forget(lost)
            # another has found out as well, and loaded it anew
            await stand.use("a")
            stand.shelf.forget(lost)
        return stand

    stand = asyncio.run(scenario())
    assert stand.shelf.has("a")
    assert stand.shelf.loaded == 1
