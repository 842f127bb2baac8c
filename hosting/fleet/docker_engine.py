"""A fleet of containers of a Docker Engine, through its SDK, which blocks: each call has a thread.

Containers run as those of docker-compose.yml do: read-only, without capabilities, no port
published, in the stack's network. Their files are laid into volumes by the engine's own archive
calls, for hosting may itself be a container, whose folders the engine does not see.
Not: SDK calls one by one (engine), or which container is started when (control, jobs).
"""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from hosting.fleet.engine import Engine, Mount, Start
from hosting.fleet.fleet import FleetError, Job, Outcome, ServingContainer
from hosting.fleet.model_data import ModelData

P = ParamSpec("P")
T = TypeVar("T")

PORT = 8080
"""Where a container listens (AWS-hosting); each has an address of its own."""

MODEL = "/opt/ml/model"
MODELS = "/opt/ml/models"
ML = "/opt/ml"

SERVING_GRACE_S = 30
"""From SIGTERM to SIGKILL where a container serves (AWS-hosting)."""

JOB_GRACE_S = 120
"""The same where it trains (AWS-2023, training)."""

CLOSE_GRACE_S = 5
"""The same for all that runs when hosting ends, which itself has only seconds."""

LOOK_INTERVAL_S = 0.2


@dataclass(frozen=True, slots=True)
class ServingDocker:
    """A container that serves; see `Running`."""

    engine: Engine
    name: str
    url: str
    folder: Path
    model_data: ModelData

    async def put_model(self, name: str, model_data_url: str) -> str:
        """Lay a model into the container; see `Running`."""
        if not name or "/" in name or name.startswith("."):
            raise FleetError(f"{name!r} cannot be a folder's name: choose another model name.")
        with _scratch(self.folder) as scratch:
            await self.model_data.lay(model_data_url, Path(scratch, name, "model"))
            await in_thread(self.engine.put, self.name, MODELS, Path(scratch))
        return f"{MODELS}/{name}/model"

    async def remove_model(self, name: str) -> None:
        """Remove a model from the container; see `Running`."""
        await in_thread(self.engine.remove_folder, self.name, f"{MODELS}/{name}")

    async def exited(self) -> Outcome | None:
        """Tell how it ended; see `Running`."""
        return await in_thread(self.engine.outcome, self.name)

    async def stop(self) -> None:
        """Stop and remove it; see `Running`."""
        await in_thread(self.engine.remove, self.name, SERVING_GRACE_S)


class DockerFleet:
    """Runs containers; see `Fleet`."""

    def __init__(self, engine: Engine, folder: Path, model_data: ModelData) -> None:
        """Take a folder for files on their way into volumes."""
        self._engine = engine
        self._folder = folder
        self._model_data = model_data
        self._closed = False

    async def launch(self, container: ServingContainer) -> ServingDocker:
        """Start a container, or take one over; see `Fleet`."""
        self._check_open()
        digest = _digest(container)
        address = await in_thread(self._engine.running, container.name, digest)
        if address is None:
            await in_thread(self._engine.remove, container.name, CLOSE_GRACE_S)
            try:
                address = await self._start(container, digest)
            except BaseException:
                await in_thread(self._engine.remove, container.name, 0)
                raise
        url = f"http://{address}:{PORT}"
        return ServingDocker(self._engine, container.name, url, self._folder, self._model_data)

    async def run(self, job: Job) -> Outcome:
        """Run a job to its end; see `Fleet`."""
        self._check_open()
        await in_thread(self._engine.remove, job.name, CLOSE_GRACE_S)
        grace_s = 0
        try:
            volume = await in_thread(
                self._engine.filled_volume, job.name, job.image, ML, job.folder
            )
            grace_s = JOB_GRACE_S
            await in_thread(
                self._engine.start,
                Start(
                    name=job.name,
                    image=job.image,
                    arguments=tuple(job.arguments),
                    environment=job.environment,
                    mounts=(Mount(volume, ML, read_only=False),),
                ),
            )
            try:
                outcome = await self._ended(job.name)
            except asyncio.CancelledError:
                # what it saves when it is told to stop is part of what it leaves
                await in_thread(self._engine.stop, job.name, JOB_GRACE_S)
                await in_thread(self._engine.get, job.name, ML, job.folder)
                raise
            await in_thread(self._engine.get, job.name, ML, job.folder)
            return outcome
        finally:
            await in_thread(self._engine.remove, job.name, grace_s)

    async def stop_others(self, names: Sequence[str]) -> None:
        """Stop the leftovers of a former hosting; see `Fleet`."""
        await self._remove_all_but(names)

    async def close(self) -> None:
        """Stop all; see `Fleet`."""
        self._closed = True
        await self._remove_all_but([])

    def _check_open(self) -> None:
        if self._closed:
            raise FleetError("Hosting ends: start the stack again.")

    async def _start(self, container: ServingContainer, digest: str) -> str:
        folder = MODELS if container.multi_model else MODEL
        with _scratch(self._folder) as scratch:
            if container.model_data_url is not None:
                await self._model_data.lay(container.model_data_url, Path(scratch))
                self._check_open()
            volume = await in_thread(
                self._engine.filled_volume, container.name, container.image, folder, Path(scratch)
            )
        multi_model = {"SAGEMAKER_MULTI_MODEL": "true"} if container.multi_model else {}
        address = await in_thread(
            self._engine.start,
            Start(
                name=container.name,
                image=container.image,
                arguments=("serve",),
                environment={**container.environment, **multi_model},
                mounts=(Mount(volume, folder, read_only=not container.multi_model),),
                hostname=container.hostname,
                digest=digest,
            ),
        )
        # who closed the fleet meanwhile has not seen it
        self._check_open()
        return address

    async def _ended(self, name: str) -> Outcome:
        while (outcome := await in_thread(self._engine.outcome, name)) is None:  # noqa: ASYNC110 - the SDK gives no event
            await asyncio.sleep(LOOK_INTERVAL_S)
        return outcome

    async def _remove_all_but(self, names: Sequence[str]) -> None:
        found = await in_thread(self._engine.names)
        await asyncio.gather(
            *(
                in_thread(self._engine.remove, name, CLOSE_GRACE_S)
                for name in found
                if name not in names
            )
        )


async def in_thread(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Make a call that blocks. Cancelled, it still waits: what is half made is known at its end."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # cancelled again it waits on
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


def _scratch(folder: Path) -> "tempfile.TemporaryDirectory[str]":
    folder.mkdir(parents=True, exist_ok=True)
    # a download that was cancelled may still be writing
    return tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True)


def _digest(container: ServingContainer) -> str:
    """Tell containers apart that have one name and are not the same."""
    facts = [
        container.image,
        dict(container.environment),
        container.model_data_url,
        container.multi_model,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
