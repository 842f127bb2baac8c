"""A stand for tests of the runtime API: live endpoints, and the containers behind them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from starlette.applications import Starlette

from hosting.container import Container, ContainerClient
from hosting.fleet.fleet import FleetError, Outcome
from hosting.health import Health, State
from hosting.live import Instance, LiveEndpoint, LiveEndpoints, LiveVariant
from hosting.runtime.api import RuntimeApi, runtime_routes
from hosting.runtime.call import Account
from hosting.runtime.objects import ObjectError, Objects
from hosting.runtime.runtime import Runtime
from hosting.store import Store
from hosting.watch import WatchedContainer
from tests.hosting_stand import DEADLINE_S, ReadableLog, served

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCOUNT = "123456789012"
REGION = "eu-central-1"


def no_s3() -> "S3Client":
    """Stand in for S3 where a test has no need of it."""
    raise AssertionError("nothing here needs S3")


@dataclass
class MemoryRunning:
    """What runs a multi-model container, as the runtime sees it; `missing` models are not had."""

    laid_in: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    url: str = "http://127.0.0.1:9"

    async def put_model(self, name: str, model_data_url: str) -> str:
        if model_data_url in self.missing:
            raise FleetError(f"{model_data_url} does not exist")
        self.laid_in[name] = model_data_url
        return f"/opt/ml/models/{name}/model"

    async def remove_model(self, name: str) -> None:
        del self.laid_in[name]

    async def exited(self) -> Outcome | None:
        return None

    async def stop(self) -> None:
        raise AssertionError("the runtime stops nothing")


def watched(container: Container, log: ReadableLog, model: str = "credit") -> WatchedContainer:
    """Give a container that is healthy."""
    found = WatchedContainer(model, container, log.logger)
    found.health = Health(State.HEALTHY, 0, "")
    return found


def variant(
    name: str,
    *containers: WatchedContainer,
    weight: float = 1,
    model: str = "credit",
) -> LiveVariant:
    """Give a variant with an instance for each container, which is called primary."""
    instances = [
        Instance(f"{name}-{number}", {"primary": each}) for number, each in enumerate(containers)
    ]
    return LiveVariant(name, model, weight, instances)


def in_service(*endpoints: LiveEndpoint) -> LiveEndpoints:
    return LiveEndpoints({endpoint.name: endpoint for endpoint in endpoints})


class RuntimeStand:
    """The runtime served over HTTP with the containers of these URLs, each by its model's name."""

    def __init__(self, folder: Path, urls: Mapping[str, str]) -> None:
        self.log = ReadableLog()
        self.live = LiveEndpoints()
        self.timeout_s = float(DEADLINE_S)
        self.draw: Callable[[], float] = lambda: 0.0
        self.now: Callable[[], float] = time.time
        self.store = folder / "store"
        self._urls = urls
        self._clients: dict[str, ContainerClient] = {}
        self.containers: dict[str, WatchedContainer] = {}

    def _draw(self) -> float:
        return self.draw()

    def _now(self) -> float:
        return self.now()

    def states(self) -> list[tuple[object, object]]:
        """Give what the log tells of the containers' health so far."""
        return [(line["model"], line["state"]) for line in self.log.lines("container")]

    def connect(self) -> None:
        """Make the containers' clients, with the time that an invocation may take."""
        for model, url in self._urls.items():
            self._clients[model] = ContainerClient(url, self.timeout_s)
            self.containers[model] = WatchedContainer(model, self._clients[model], self.log.logger)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve; give the address."""
        runtime = Runtime(
            Account(ACCOUNT, REGION),
            self.live,
            Store(self.store),
            lambda: boto3.client("s3"),
            self.log.logger,
            self._draw,
            self._now,
        )

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(watching(list(self.containers.values())))
                await stack.enter_async_context(runtime.running())
                yield
            for client in self._clients.values():
                client.close()

        rest = Starlette(routes=runtime_routes(runtime), lifespan=lifespan)
        with served(RuntimeApi(runtime, self.log.logger, rest)) as url:
            yield url


@asynccontextmanager
async def watching(containers: Sequence[WatchedContainer]) -> AsyncIterator[None]:
    """Ping containers."""
    tasks = [asyncio.create_task(each.watch()) for each in containers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class MemoryObjects(Objects):
    """Objects in memory; with a `fault` nothing is read or written."""

    def __init__(self) -> None:
        super().__init__(no_s3)
        self.content: dict[str, tuple[bytes, str | None]] = {}
        self.fault: ObjectError | None = None
        self.written = asyncio.Event()

    async def get(self, location: str, limit: int) -> bytes:
        self._check()
        if location not in self.content:
            raise ObjectError(f"{location} does not exist")
        body, _ = self.content[location]
        assert len(body) <= limit
        return body

    async def put(self, location: str, body: bytes, content_type: str | None = None) -> None:
        self._check()
        self.content[location] = (body, content_type)
        self.written.set()

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault
