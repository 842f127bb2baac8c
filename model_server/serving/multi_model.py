"""The models of a multi-model container, by the opaque names that SageMaker gives them.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html; the texts are those that
AWS's suites look for (aws/sagemaker-xgboost-container test_multiple_model_endpoint.py). No HTTP.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model_server.serving import memory
from model_server.serving.metrics import Metrics
from model_server.serving.room import ModelNotFoundError, NoRoomError, Room
from model_server.serving.servable import Servable


class AlreadyRegisteredError(ValueError):
    """A model of this name is loaded or loading: unload it first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A loaded model as SageMaker asks for it."""

    name: str
    url: str


@dataclass(slots=True)
class Entry:
    """What is known by a name; without `model` while it loads."""

    url: str
    model: Servable | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is loaded, or could not be."""
    users: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)


class Models:
    """What is loaded. Used on the event loop alone."""

    def __init__(
        self, load: Callable[[Path], Awaitable[Servable]], metrics: Metrics, room: Room
    ) -> None:
        """Take what loads a folder, and raises ModelError and MemoryError."""
        self._load = load
        self._metrics = metrics
        self._room = room
        self._entries: dict[str, Entry] = {}
        self._loading = asyncio.Lock()

    async def load(self, name: str, url: str) -> None:
        """Load the folder `url` under a name.

        Raises AlreadyRegisteredError, also while it still loads, ModelNotFoundError, NoRoomError
        and ModelError.
        """
        if name in self._entries:
            raise AlreadyRegisteredError(f"Model {name} is already registered.")
        folder = self._room.folder(url)
        self._room.check_number(len(self._entries))
        entry = self._entries[name] = Entry(url)
        try:
            async with self._loading:  # one at a time: memory is measured before and after
                entry.model = await self._loaded(folder)
        except MemoryError as error:
            raise NoRoomError("out of memory") from error
        finally:
            if entry.model is None:
                del self._entries[name]
            entry.settled.set()

    async def unload(self, name: str) -> None:
        """Let go of a model, once nobody uses it, and give its memory back.

        Waits for a load that is under way. Raises ModelNotFoundError.
        """
        entry = self._entries.get(name)
        if entry is not None:
            await entry.settled.wait()
        if entry is None or self._entries.get(name) is not entry:
            raise ModelNotFoundError(f"Model not found: {name}")
        del self._entries[name]
        while entry.users:
            entry.idle.clear()
            await entry.idle.wait()
        await self._release(entry)

    @contextlib.contextmanager
    def in_use(self, name: str) -> Iterator[Servable]:
        """Give a model, and keep it until the end. Raises ModelNotFoundError."""
        entry = self._entries.get(name)
        if entry is None or entry.model is None:
            raise ModelNotFoundError(f"Model not found: {name}")
        entry.users += 1
        try:
            yield entry.model
        finally:
            entry.users -= 1
            if not entry.users:
                entry.idle.set()

    def get(self, name: str) -> Listed:
        """Describe a loaded model. Raises ModelNotFoundError."""
        with self.in_use(name):
            return Listed(name, self._entries[name].url)

    def page(self, after: str, size: int) -> tuple[Sequence[Listed], str | None]:
        """Give up to `size` models by name, from the one after `after`, and where to go on."""
        names = sorted(name for name, entry in self._entries.items() if entry.model is not None)
        rest = [name for name in names if name > after]
        listed = [Listed(name, self._entries[name].url) for name in rest[:size]]
        return listed, listed[-1].name if len(rest) > size else None

    def close(self) -> None:
        """Let go of all."""
        for entry in self._entries.values():
            if entry.model is not None:
                entry.model.close()

    async def _loaded(self, folder: Path) -> Servable:
        await asyncio.to_thread(self._room.check_memory, folder)
        model = await self._load(folder)
        try:
            self._room.check_memory()
        except NoRoomError:
            await self._release(Entry("", model))
            raise
        return model

    async def _release(self, entry: Entry) -> None:
        if entry.model is not None:
            entry.model.close()
        entry.model = None
        self._metrics.unloaded()
        await asyncio.to_thread(memory.give_back)
