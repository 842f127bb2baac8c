"""The embedded stack: the services as processes, moto's server in LocalStack's place."""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial

import requests

from stack import snapshot
from stack.ports import require_free
from stack.processes import Processes, command, until
from stack.services import Composition, Service
from stack.settings import ROOT, Settings, StackError

EMULATOR = "localstack"


class Embedded:
    """The stack as processes of this machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._composition = Composition(settings)
        self._folder = self._composition.folder
        self._processes = Processes(self._folder)
        self._data = self._folder / "data.json"
        self._restored = self._folder / "restored"

    def running(self) -> bool:
        """Tell whether the stack runs."""
        return self._processes.running()

    def up(self, say: Callable[[str], None]) -> None:
        """Start what does not run, each service behind what it needs, until all are healthy.

        Raises:
            StackError: a port is taken, or a service does not start.
        """
        services = self._composition.in_order()
        jobs = self._composition.jobs()
        if not self.running():
            require_free(self._composition.published())
            self._restored.unlink(missing_ok=True)
            self._processes.begin([service for service in services if service.name not in jobs])
        started: list[Service] = []
        for service in services:
            self._wait([s for s in started if service.needs.get(s.name) == "service_healthy"])
            if service.name in jobs:
                self.run_job(service)
                snapshot.restore(self._settings, self._data)
                # from here on a file may be replaced by what the emulator holds
                self._restored.touch()
                continue
            if self._processes.state(service.name) not in {"RUNNING", "STARTING"}:
                say(f"starting {service.name}")
                self._processes.start(service.name)
            started.append(service)
        self._wait(started)

    def run_job(self, job: Service) -> None:
        """Run a job to its end.

        Raises:
            StackError: it failed.
        """
        done = subprocess.run(  # noqa: S603 - a command of docker-compose.yml
            command(job),
            cwd=ROOT,
            env=os.environ | dict(job.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"{job.name} failed:\n{done.stdout.strip()[-2000:]}")

    def train(self) -> None:
        """Run the training job."""
        self.run_job(self._composition.job("train"))

    def down(self) -> None:
        """Stop everything; what the emulator holds is kept in a file."""
        if not self.running():
            return
        jobs = self._composition.jobs()
        names = [service.name for service in self._composition.in_order()]
        self._processes.stop(*(name for name in names if name not in {EMULATOR, *jobs}))
        try:
            if self._restored.exists() and self._processes.state(EMULATOR) == "RUNNING":
                snapshot.save(self._settings, self._data)
        finally:
            self._processes.end()
            self._restored.unlink(missing_ok=True)

    def clean(self) -> None:
        """Stop everything and remove the data."""
        self.down()
        shutil.rmtree(self._folder, ignore_errors=True)

    def follow_logs(self) -> None:
        """Print the logs as they grow, until interrupted."""
        files = [str(file) for file in sorted((self._folder / "logs").glob("*.log"))]
        if not files:
            raise StackError("there are no logs yet: make up")
        subprocess.run(["tail", "-n", "50", "-F", *files], check=False)  # noqa: S603, S607 - our own files

    def stop(self, name: str) -> None:
        """Stop one service with SIGTERM and wait for its end."""
        self._processes.stop(name)

    def start(self, name: str) -> None:
        """Start one service again and wait until it is healthy."""
        self._processes.start(name)
        self._wait([service for service in self._composition.in_order() if service.name == name])

    def kill(self, name: str) -> None:
        """Kill one service at once; supervisor starts it again."""
        self._processes.kill(name)

    def _wait(self, services: list[Service]) -> None:
        for service in services:
            until(partial(self._healthy, service), partial(self._complaint, service))

    def _healthy(self, service: Service) -> bool:
        if service.health is None:
            return True
        try:
            return requests.get(service.health, timeout=2).ok
        except requests.RequestException:
            if self._processes.state(service.name) == "FATAL":
                raise StackError(self._complaint(service)) from None
            return False

    def _complaint(self, service: Service) -> str:
        log = self._processes.log(service.name)
        end = log.read_text(errors="replace").strip()[-1500:] if log.exists() else ""
        return f"{service.name} does not start; the end of {log}:\n{end}"
