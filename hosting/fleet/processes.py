"""A fleet of plain processes, for a machine without a container engine (the embedded stack).

Only images that a setting gives a command for can run, as programs of this machine: not isolated,
on ports of 127.0.0.1, with a folder of their own in place of /opt/ml.
"""

import asyncio
import hashlib
import json
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hosting.fleet.fleet import FleetError, Job, Outcome, ServingContainer
from hosting.fleet.model_data import ModelData
from hosting.fleet.process import Process, end_all, read_process, start_process

SERVING_GRACE_S = 30.0
"""From SIGTERM to SIGKILL where a container serves (AWS-hosting)."""

JOB_GRACE_S = 120.0
"""The same where it trains (AWS-2023, training)."""

CLOSE_GRACE_S = 5.0
"""The same for all that runs when hosting ends, which itself has only seconds."""


@dataclass(frozen=True, slots=True)
class ServingProcess:
    """A process that serves; see `Running`."""

    process: Process
    port: int
    home: Path
    model_data: ModelData

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}"

    async def put_model(self, name: str, model_data_url: str) -> str:
        """Lay a model into its folder; see `Running`."""
        folder = _models(self.home, name) / "model"
        try:
            await self.model_data.lay(model_data_url, folder)
        except BaseException:
            await self.remove_model(name)
            raise
        return str(folder)

    async def remove_model(self, name: str) -> None:
        """Remove a model from its folder; see `Running`."""
        await asyncio.to_thread(shutil.rmtree, _models(self.home, name), ignore_errors=True)

    async def exited(self) -> Outcome | None:
        """Tell how it ended; see `Running`."""
        return self.process.outcome()

    async def stop(self) -> None:
        """Stop it; see `Running`."""
        await end_all([self.process], SERVING_GRACE_S)
        await asyncio.to_thread(shutil.rmtree, self.home, ignore_errors=True)


class ProcessFleet:
    """Runs containers as processes; see `Fleet`."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        inherited: Mapping[str, str],
        folder: Path,
        model_data: ModelData,
    ) -> None:
        """Take the command of each image, without `serve` or `train`, and a folder for them all.

        `inherited` is what every process gets of the machine's environment: PATH ...
        """
        self._inherited = inherited
        self._commands = commands
        self._folder = folder
        self._model_data = model_data
        self._processes: dict[str, Process] = {}
        self._closed = False

    async def launch(self, container: ServingContainer) -> ServingProcess:
        """Start a container, or take one over; see `Fleet`."""
        self._check_open()
        command = [*self._command(container.image), "serve"]
        home = self._folder / container.name
        digest = _digest(container, command)
        if running := self._taken_over(home, digest):
            return running
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        home.mkdir(parents=True)
        try:
            await self._lay_model(container, home)
            running = self._start(container, command, home, digest)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
            raise
        self._keep(container.name, running.process)
        return running

    async def _lay_model(self, container: ServingContainer, home: Path) -> None:
        if container.multi_model:
            (home / "models").mkdir()
        if container.model_data_url is not None:
            await self._model_data.lay(container.model_data_url, home / "model")
            # who closed the fleet meanwhile would not see it
            self._check_open()

    def _start(
        self, container: ServingContainer, command: Sequence[str], home: Path, digest: str
    ) -> ServingProcess:
        port = _free_port()
        process = start_process(
            command,
            home,
            {
                **self._inherited,
                **container.environment,
                **({"SAGEMAKER_MULTI_MODEL": "true"} if container.multi_model else {}),
                "SAGEMAKER_BIND_TO_PORT": str(port),
                "SAGEMAKER_BASE_DIR": str(home),
                # a container has addresses of its own; a process has the machine's
                "HOST": "127.0.0.1",
            },
            {"port": port, "digest": digest},
        )
        return ServingProcess(process, port, home, self._model_data)

    async def run(self, job: Job) -> Outcome:
        """Run a job to its end; see `Fleet`."""
        self._check_open()
        command = [*self._command(job.image), *job.arguments]
        home = self._folder / job.name
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        home.mkdir(parents=True)
        environment = {
            **self._inherited,
            **job.environment,
            "SAGEMAKER_BASE_DIR": str(job.folder),
        }
        process = start_process(command, home, environment, {})
        self._keep(job.name, process)
        try:
            return await process.ended()
        finally:
            await end_all([process], JOB_GRACE_S)
            shutil.rmtree(home, ignore_errors=True)

    async def stop_others(self, names: Sequence[str]) -> None:
        """Stop the leftovers of a former hosting; see `Fleet`."""
        others = [
            home
            for home in (self._folder.iterdir() if self._folder.exists() else ())
            if home.name not in names
        ]
        found = [read_process(home) for home in others]
        await end_all([each for each, _ in filter(None, found)], CLOSE_GRACE_S)
        for home in others:
            await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)

    async def close(self) -> None:
        """Stop all; see `Fleet`."""
        self._closed = True
        await end_all(list(self._processes.values()), CLOSE_GRACE_S)

    def _keep(self, name: str, process: Process) -> None:
        running = {key: each for key, each in self._processes.items() if each.outcome() is None}
        self._processes = {**running, name: process}

    def _check_open(self) -> None:
        if self._closed:
            raise FleetError("Hosting ends: start the stack again.")

    def _taken_over(self, home: Path, digest: str) -> ServingProcess | None:
        found = read_process(home)
        if found is None:
            return None
        process, facts = found
        if facts.get("digest") != digest:
            return None
        self._keep(home.name, process)
        return ServingProcess(process, int(facts["port"]), home, self._model_data)

    def _command(self, image: str) -> Sequence[str]:
        command = self._commands.get(image)
        if command is None:
            known = ", ".join(self._commands) or "no image"
            raise FleetError(
                f"Image {image} needs a container engine: MODE=compose make up. Without one,"
                f" {known} can run here (PROCESS_IMAGES)."
            )
        # a program of hosting's own environment comes before others of its name
        program = Path(sys.executable).parent / command[0]
        return [str(program) if program.exists() else command[0], *command[1:]]


def _models(home: Path, name: str) -> Path:
    if not name or "/" in name or name.startswith("."):
        raise FleetError(f"{name!r} cannot be the name of a folder: choose another model name.")
    return home / "models" / name


def _digest(container: ServingContainer, command: Sequence[str]) -> str:
    """Tell containers apart that have one name and are not the same."""
    facts = [
        list(command),
        dict(container.environment),
        container.model_data_url,
        container.multi_model,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
