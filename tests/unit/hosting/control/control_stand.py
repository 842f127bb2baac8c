"""A stand for the control API without HTTP on its own side: a fleet in memory, real /ping."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from hosting.control.api_errors import InvalidRequestError
from hosting.control.arn import Owner
from hosting.control.control import Control
from hosting.control.instances import Instances
from hosting.control.registry import Registry
from hosting.control.tags import Tags
from hosting.fleet.fleet import FleetError, Job, Outcome, ServingContainer
from hosting.live import LiveEndpoints
from hosting.store import Store
from tests.hosting_stand import DEADLINE_S, Answer, HttpContainer, ReadableLog

VARIANT = {
    "VariantName": "main",
    "ModelName": "m",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}


class MemoryRunning:
    """A container of the stand.

    `end` is how it ended, `fault` why nobody knows, `sick` makes it fail /ping.
    """

    def __init__(self, container: ServingContainer, served: HttpContainer) -> None:
        self.container = container
        self.url = served.url
        self.end: Outcome | None = None
        self.fault: FleetError | None = None
        self.stopped = False
        self.sick = False
        served.ping = lambda _: Answer(500 if self.sick else 200)

    async def put_model(self, name: str, model_data_url: str) -> str:
        return f"{name} of {model_data_url}"

    async def remove_model(self, name: str) -> None:
        raise AssertionError(f"{name} is not there")

    async def exited(self) -> Outcome | None:
        if self.fault is not None:
            raise self.fault
        return self.end

    async def stop(self) -> None:
        self.stopped = True


class MemoryFleet:
    """Runs containers that answer, but for the images in `faults`, `ends` and `sick`."""

    def __init__(self, served: ExitStack) -> None:
        self.running: dict[str, MemoryRunning] = {}
        self.faults: dict[str, Exception] = {}
        self.ends: dict[str, Outcome] = {}
        self.sick: set[str] = set()
        self.kept: Sequence[str] | None = None
        self._served = served

    def of(self, variant: str) -> list[MemoryRunning]:
        """Give the containers of a variant that run."""
        return [
            each
            for name, each in self.running.items()
            if f"-{variant}-" in name and not each.stopped
        ]

    async def launch(self, container: ServingContainer) -> MemoryRunning:
        if fault := self.faults.get(container.image):
            raise fault
        served = self._served.enter_context(HttpContainer().running())
        running = MemoryRunning(container, served)
        running.end = self.ends.get(container.image)
        running.sick = container.image in self.sick
        self.running[container.name] = running
        return running

    async def run(self, job: Job) -> Outcome:
        raise FleetError(f"{job.name} is not run here")

    async def stop_others(self, names: Sequence[str]) -> None:
        self.kept = names

    async def close(self) -> None:
        for each in self.running.values():
            each.stopped = True


class Stand:
    """The control API over a folder; a second one on the same folder is a restart."""

    def __init__(self, folder: Path, served: ExitStack, **given: str) -> None:
        self.store = Store(folder)
        self.fleet = MemoryFleet(served)
        self.live = LiveEndpoints()
        self.log = ReadableLog()
        self.registry = Registry(
            store=self.store,
            owner=Owner("123456789012", "eu-central-1"),
            tags=Tags(self.store),
            clock=lambda: 1000.0,
            given=given.keys(),
            instance_limit=9,
        )
        instances = Instances(self.fleet, given, DEADLINE_S, self.log.logger)
        self.control = Control(self.registry, instances, self.live, self.log.logger, 60.0)
        self._operations = self.control.operations()

    async def call(self, operation: str, **members: Any) -> Any:  # noqa: ANN401 - a document
        """Call an operation as the protocol does, once a request is checked."""
        return await self._operations[operation].call(members)

    async def create(self, name: str = "e", image: str = "i", **variant: Any) -> None:  # noqa: ANN401 - members
        """Create a model, a configuration and an endpoint of one name."""
        await self.configure(name, image, **variant)
        await self.call("CreateEndpoint", EndpointName=name, EndpointConfigName=name)

    async def configure(self, name: str, image: str = "i", **variant: Any) -> None:  # noqa: ANN401 - members
        """Create a model and a configuration of one name."""
        await self.call("CreateModel", ModelName=name, PrimaryContainer={"Image": image})
        variants = [{**VARIANT, "ModelName": name, **variant}]
        await self.call(
            "CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants
        )

    async def described(self, name: str = "e") -> Any:  # noqa: ANN401 - a document
        return await self.call("DescribeEndpoint", EndpointName=name)

    async def status(self, status: str, name: str = "e") -> Any:  # noqa: ANN401 - a document
        """Wait until an endpoint has a status, and describe it."""
        async with asyncio.timeout(DEADLINE_S):
            while (described := await self.described(name))["EndpointStatus"] != status:  # noqa: ASYNC110 - the stand gives no event
                await asyncio.sleep(0.005)
        return described

    async def gone(self, name: str = "e") -> None:
        """Wait until an endpoint is deleted."""
        async with asyncio.timeout(DEADLINE_S):
            with suppress(InvalidRequestError):
                while await self.described(name):  # noqa: ASYNC110 - the stand gives no event
                    await asyncio.sleep(0.005)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - the stand gives no event
                await asyncio.sleep(0.005)


@asynccontextmanager
async def control(
    folder: Path, declared: Mapping[str, Any] | None = None, /, **given: str
) -> AsyncIterator[Stand]:
    """Run the control API."""
    with ExitStack() as served:
        stand = Stand(folder, served, **given)
        async with stand.control.running(declared or {}):
            yield stand
