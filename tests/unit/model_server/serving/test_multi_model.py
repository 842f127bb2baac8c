import asyncio
import gc
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from model_server.model.predictor import ModelError
from model_server.serving.invocation import Invocation
from model_server.serving.metrics import Metrics
from model_server.serving.multi_model import AlreadyRegisteredError, Listed, Models
from model_server.serving.room import ModelNotFoundError, NoRoomError, Room
from model_server.serving.servable import Answer
from model_server.serving.wire import Header

DEADLINE = 60.0


class Fake:
    version = "1"

    def __init__(self, log: list[str]) -> None:
        self._log = log

    async def answer(self, _invocation: Invocation, _headers: Sequence[Header]) -> Answer:
        raise NotImplementedError

    def test(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._log.append("closed")


class Store:
    """Folders to load, and a load that can be held up or fail."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.log: list[str] = []
        self.made: list[weakref.ref[Fake]] = []
        self.gate: asyncio.Event | None = None
        self.error: BaseException | None = None
        self.used = 0

    def url(self, name: str) -> str:
        folder = self.base / "models" / name / "model"
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    async def load(self, folder: Path) -> Fake:
        self.log.append(f"load {folder.parent.name}")
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        self.used += 400
        model = Fake(self.log)
        self.made.append(weakref.ref(model))
        return model

    def models(self, *, number: int | None = None, limit: int | None = None) -> Models:
        return Models(self.load, Metrics(), Room(self.base, number, limit, lambda: self.used))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.001)


def test_a_model_is_loaded_used_and_unloaded(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        url = store.url("a")
        await models.load("x", url)
        assert models.get("x") == Listed("x", url)
        with models.in_use("x") as model:
            assert model is store.made[0]()
        del model
        await models.unload("x")
        with pytest.raises(ModelNotFoundError, match=r"^Model not found: x$"), models.in_use("x"):
            pass

    asyncio.run(run())

    assert store.log == ["load a", "closed"]


def test_its_memory_is_free_when_the_unloading_is_answered(store: Store) -> None:
    async def run() -> bool:
        models = store.models()
        await models.load("x", store.url("a"))
        gc.disable()  # so that nobody else frees it
        try:
            await models.unload("x")
            return store.made[0]() is None
        finally:
            gc.enable()

    assert asyncio.run(run())


def test_a_name_is_loaded_once_also_while_it_loads(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        store.gate = asyncio.Event()
        first = asyncio.create_task(models.load("x", store.url("a")))
        await until(lambda: store.log == ["load a"])
        with pytest.raises(AlreadyRegisteredError, match=r"^Model x is already registered\.$"):
            await models.load("x", store.url("a"))
        with pytest.raises(ModelNotFoundError):
            models.get("x")
        assert models.page("", 10) == ([], None)
        store.gate.set()
        await first
        with pytest.raises(AlreadyRegisteredError):
            await models.load("x", store.url("a"))

    asyncio.run(run())


def test_of_concurrent_loads_of_a_name_one_wins(store: Store) -> None:
    async def run() -> list[object]:
        models = store.models()
        url = store.url("a")
        return await asyncio.gather(
            *(models.load("x", url) for _ in range(5)), return_exceptions=True
        )

    results = asyncio.run(run())

    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, AlreadyRegisteredError) for result in results) == 4
    assert store.log == ["load a"]


def test_unloading_waits_for_those_who_use_it(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        await models.load("x", store.url("a"))
        with models.in_use("x"), models.in_use("x"):
            unloading = asyncio.create_task(models.unload("x"))
            await until(lambda: models.page("", 1) == ([], None))
            with pytest.raises(ModelNotFoundError), models.in_use("x"):
                pass
            assert "closed" not in store.log
        await unloading

    asyncio.run(run())

    assert store.log == ["load a", "closed"]


def test_unloading_waits_for_the_loading(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        store.gate = asyncio.Event()
        loading = asyncio.create_task(models.load("x", store.url("a")))
        await until(lambda: store.log == ["load a"])
        unloading = asyncio.create_task(models.unload("x"))
        await asyncio.sleep(0)
        store.gate.set()
        await asyncio.gather(loading, unloading)

    asyncio.run(run())

    assert store.log == ["load a", "closed"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ModelError("damaged"), ModelError), (MemoryError(), NoRoomError)],
)
def test_a_model_that_could_not_be_loaded_is_not_there(
    store: Store, error: Exception, expected: type[Exception]
) -> None:
    async def run() -> None:
        models = store.models()
        store.error = error
        with pytest.raises(expected):
            await models.load("x", store.url("a"))
        with pytest.raises(ModelNotFoundError):
            await models.unload("x")
        store.error = None
        await models.load("x", store.url("a"))

    asyncio.run(run())


def test_no_more_than_the_number_are_loaded_until_one_goes(store: Store) -> None:
    async def run() -> None:
        models = store.models(number=1)
        await models.load("x", store.url("a"))
        with pytest.raises(NoRoomError, match="1 models are loaded"):
            await models.load("y", store.url("b"))
        await models.unload("x")
        await models.load("y", store.url("b"))

    asyncio.run(run())


def test_a_model_that_turns_out_too_large_is_let_go(store: Store) -> None:
    async def run() -> None:
        models = store.models(limit=500)
        await models.load("x", store.url("a"))
        with pytest.raises(NoRoomError, match="out of memory: 800 bytes of 500"):
            await models.load("y", store.url("b"))
        assert [model.name for model in models.page("", 10)[0]] == ["x"]

    asyncio.run(run())

    assert store.log == ["load a", "load b", "closed"]


def test_a_full_memory_takes_no_further_model(store: Store) -> None:
    async def run() -> None:
        models = store.models(limit=500)
        store.used = 501
        with pytest.raises(NoRoomError):
            await models.load("x", store.url("a"))

    asyncio.run(run())

    assert store.log == []


def test_pages_follow_the_names_also_when_models_go(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        for name in ("d", "b", "a", "c"):
            await models.load(name, store.url(name))
        first, token = models.page("", 2)
        assert ([model.name for model in first], token) == (["a", "b"], "b")
        await models.unload("b")
        second, end = models.page("b", 2)
        assert ([model.name for model in second], end) == (["c", "d"], None)

    asyncio.run(run())


def test_closing_closes_all(store: Store) -> None:
    async def run() -> None:
        models = store.models()
        await models.load("x", store.url("a"))
        await models.load("y", store.url("b"))
        models.close()

    asyncio.run(run())

    assert store.log.count("closed") == 2
