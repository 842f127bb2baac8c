"""The embedded stack: the services as processes under supervisor, moto's server for LocalStack."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from supervisor.xmlrpc import SupervisorTransport

from stack import snapshot
from stack.ports import require_free
from stack.services import VOLUMES, Composition, Service
from stack.settings import BUILD, ROOT, Settings, StackError

FOLDER = BUILD / "embedded"
LOGS = FOLDER / "logs"
EMULATOR = "localstack"
PATIENCE = 90.0
"""Seconds that a service may take to become healthy."""


class Embedded:
    """The stack as processes of this machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._composition = Composition(settings)
        digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
        # in the temporary folder: the path of a socket must be short
        self._socket = Path(tempfile.gettempdir()) / f"riskstack-{digest}.sock"

    def running(self) -> bool:
        """Tell whether supervisor answers."""
        try:
            self._supervisor().getPID()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def up(self, say: Callable[[str], None]) -> None:
        """Start what does not run, each service behind what it needs, until all are healthy.

        Raises:
            StackError: a port is taken, or a service does not start.
        """
        services = self._composition.in_order()
        jobs = self._composition.jobs()
        if not self.running():
            require_free(self._composition.published())
            self._start_supervisor([service for service in services if service.name not in jobs])
        unhealthy: list[Service] = []
        for service in services:
            if any(service.needs.get(waited.name) == "service_healthy" for waited in unhealthy):
                self._wait(unhealthy)
                unhealthy = []
            if service.name in jobs:
                self._wait(unhealthy)
                unhealthy = []
                self.run_job(service)
                snapshot.restore(self._settings, FOLDER / "data.json")
            elif self._start(service):
                say(f"starting {service.name}")
                unhealthy.append(service)
        self._wait(unhealthy)

    def run_job(self, job: Service) -> None:
        """Run a job to its end.

        Raises:
            StackError: it failed.
        """
        done = subprocess.run(  # noqa: S603 - a command of docker-compose.yml
            _command(job),
            cwd=ROOT,
            env=os.environ | dict(job.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"{job.name} failed:\n{done.stdout.strip()[-2000:]}")

    def down(self) -> None:
        """Stop everything; what the emulator holds is kept in a file."""
        if not self.running():
            return
        supervisor = self._supervisor()
        pid = supervisor.getPID()
        for process in supervisor.getAllProcessInfo():
            if process["name"] != EMULATOR and process["statename"] == "RUNNING":
                supervisor.stopProcess(process["name"], False)  # noqa: FBT003 - XML-RPC knows no names
        _until(
            lambda: all(
                p["statename"] != "STOPPING" for p in self._supervisor().getAllProcessInfo()
            ),
            "the services did not stop",
        )
        snapshot.save(self._settings, FOLDER / "data.json")
        supervisor.shutdown()
        _until(lambda: not _exists(pid), "supervisor did not stop")

    def clean(self) -> None:
        """Stop everything and remove the data."""
        self.down()
        shutil.rmtree(FOLDER, ignore_errors=True)

    def follow_logs(self) -> None:
        """Print the logs as they grow, until interrupted."""
        files = [str(file) for file in sorted(LOGS.glob("*.log"))]
        subprocess.run(["tail", "-n", "50", "-F", *files], check=False)  # noqa: S603, S607 - our own files

    def stop(self, name: str) -> None:
        """Stop one service with SIGTERM and wait for its end."""
        self._supervisor().stopProcess(name)

    def start(self, name: str) -> None:
        """Start one service again and wait until it is healthy."""
        service = next(s for s in self._composition.in_order() if s.name == name)
        self._start(service)
        self._wait([service])

    def kill(self, name: str) -> None:
        """Kill one service at once; supervisor starts it again."""
        self._supervisor().signalProcess(name, "KILL")

    def _start(self, service: Service) -> bool:
        supervisor = self._supervisor()
        if supervisor.getProcessInfo(service.name)["statename"] in {"RUNNING", "STARTING"}:
            return False
        supervisor.startProcess(service.name, False)  # noqa: FBT003 - XML-RPC knows no names
        return True

    def _wait(self, services: list[Service]) -> None:
        for service in services:
            if service.health is None:
                continue
            deadline = time.monotonic() + PATIENCE
            while not _healthy(service.health):
                state = self._supervisor().getProcessInfo(service.name)["statename"]
                if state in {"FATAL", "EXITED"} or time.monotonic() > deadline:
                    raise StackError(
                        f"{service.name} does not start; the end of {_log(service.name)}:\n"
                        + _log(service.name).read_text(errors="replace").strip()[-1500:]
                    )
                time.sleep(0.05)

    def _start_supervisor(self, services: list[Service]) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        VOLUMES.mkdir(parents=True, exist_ok=True)
        configuration = FOLDER / "supervisord.conf"
        configuration.write_text(_configuration(services, self._socket))
        subprocess.run(  # noqa: S603 - our own supervisor
            [str(Path(sys.executable).parent / "supervisord"), "-c", str(configuration)],
            cwd=ROOT,
            check=True,
        )
        _until(self.running, "supervisor does not start; see build/embedded/logs/supervisord.log")

    def _supervisor(self) -> Any:  # noqa: ANN401 - an XML-RPC proxy has any method
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor


def _command(service: Service) -> list[str]:
    """Give the command with this environment's own executables."""
    program, *arguments = service.command
    return [str(Path(sys.executable).parent / program), *arguments]


def _configuration(services: list[Service], socket: Path) -> str:
    sections = [
        f"""\
[unix_http_server]
file={socket}
chmod=0700

[supervisord]
logfile={LOGS / "supervisord.log"}
pidfile={FOLDER / "supervisord.pid"}
silent=true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    ]
    for service in services:
        environment = ",".join(f'{key}="{value}"' for key, value in service.environment.items())
        sections.append(f"""\
[program:{service.name}]
command={" ".join(_command(service))}
directory={ROOT}
environment={environment.replace("%", "%%")}
stdout_logfile={_log(service.name)}
redirect_stderr=true
autostart=false
autorestart=true
startsecs=0
stopwaitsecs=35
""")
    return "\n".join(sections)


def _healthy(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def _log(name: str) -> Path:
    return LOGS / f"{name}.log"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise StackError(otherwise)
        time.sleep(0.05)
