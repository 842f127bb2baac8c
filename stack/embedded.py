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
        """Holds the life of the emulator that has what `data.json` keeps."""

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
                self._bring_back(say)
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

    def down(self, say: Callable[[str], None] = lambda _line: None) -> None:
        """Stop everything; what the emulator holds is kept in a file."""
        if not self.running():
            return
        self._stop_all_but_the_emulator()
        try:
            # without the mark nothing was served, and the file is what there is
            if self._restored.exists():
                self._keep(say)
        finally:
            self._processes.end()

    def clean(self) -> None:
        """Stop everything and remove the data."""
        if self.running():
            self._stop_all_but_the_emulator()
            self._processes.end()
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

    def _stop_all_but_the_emulator(self) -> None:
        jobs = self._composition.jobs()
        names = [service.name for service in self._composition.in_order()]
        self._processes.stop(*(name for name in names if name not in {EMULATOR, *jobs}))

    def _bring_back(self, say: Callable[[str], None]) -> None:
        """Give the emulator what the last `make down` kept, once in each of its lives."""
        life = snapshot.life(self._settings)
        before = self._restored.read_text() if self._restored.exists() else None
        if life == before:
            return
        if before is not None:
            say(
                "the emulator was started anew and has lost its tables: what the last `make down` "
                "kept comes back, and what came in since the new start stays"
            )
        if again := snapshot.restore(self._settings, self._data):
            former = self._data.with_name(f"data-before-{life}.json")
            shutil.copy(self._data, former)
            say(
                f"applications that came in again and stay as they came: {again}; "
                f"as they were kept, they are in {former}"
            )
        self._restored.write_text(life)

    def _keep(self, say: Callable[[str], None]) -> None:
        """Write what the emulator holds to the file; one that forgot is given the file's first."""
        if self._processes.state(EMULATOR) != "RUNNING":
            say(f"{EMULATOR} does not run: kept is what the last `make down` kept")
            return
        services = self._composition.in_order()
        self._wait([service for service in services if service.name == EMULATOR])
        if snapshot.life(self._settings) != self._restored.read_text():
            for job in (s for s in services if s.name in self._composition.jobs()):
                self.run_job(job)
            self._bring_back(say)
        snapshot.save(self._settings, self._data)

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
