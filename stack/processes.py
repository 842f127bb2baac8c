"""The processes of the embedded stack, kept by supervisor; their order is embedded's."""

import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from stack.services import Service
from stack.settings import ROOT, StackError

PATIENCE = 60.0
"""Seconds that a process may take to start or to end."""


class Processes:
    """One supervisor and the processes that it keeps, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        # in the temporary folder: the path of a socket must be short
        self._socket = Path(tempfile.gettempdir()) / f"riskstack-{digest}.sock"

    def running(self) -> bool:
        """Tell whether supervisor answers."""
        try:
            with self._supervisor() as supervisor:
                supervisor.getPID()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def begin(self, services: list[Service]) -> None:
        """Start supervisor with the processes that it is to keep; none of them runs yet."""
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "supervisord.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(services))
        subprocess.run(  # noqa: S603 - our own supervisor
            [executable("supervisord"), "-c", str(configuration)], cwd=ROOT, check=True
        )
        until(self.running, f"supervisor does not start; see {self.log('supervisord')}")

    def end(self) -> None:
        """Stop supervisor and every process that is left."""
        with self._supervisor() as supervisor:
            pid = supervisor.getPID()
            supervisor.shutdown()
        until(lambda: not _exists(pid), "supervisor did not stop")

    def state(self, name: str) -> str:
        """Give a process's state in supervisor's words, such as RUNNING."""
        with self._supervisor() as supervisor:
            state: str = supervisor.getProcessInfo(name)["statename"]
            return state

    def start(self, name: str) -> None:
        """Start a process; supervisor starts it again whenever it ends by itself."""
        with self._supervisor() as supervisor:
            supervisor.startProcess(name, False)  # noqa: FBT003 - XML-RPC knows no names

    def stop(self, *names: str) -> None:
        """Stop processes with SIGTERM, all at once, and wait for their ends."""
        running = [name for name in names if self.state(name) == "RUNNING"]
        with self._supervisor() as supervisor:
            for name in running:
                supervisor.stopProcess(name, False)  # noqa: FBT003 - XML-RPC knows no names
        until(
            lambda: all(self.state(name) != "STOPPING" for name in running),
            f"{', '.join(running)} did not stop",
        )

    def kill(self, name: str) -> None:
        """Kill a process at once."""
        with self._supervisor() as supervisor:
            supervisor.signalProcess(name, "KILL")

    def log(self, name: str) -> Path:
        """Give the file that a process writes to."""
        return self._folder / "logs" / f"{name}.log"

    @contextmanager
    def _supervisor(self) -> Iterator[Any]:
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        try:
            yield xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor
        finally:
            transport.close()

    def _configuration(self, services: list[Service]) -> str:
        sections = [
            f"""\
[unix_http_server]
file={self._socket}
chmod=0700

[supervisord]
logfile={self.log("supervisord")}
pidfile={self._folder / "supervisord.pid"}
silent=true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
        ]
        for service in services:
            variables = ",".join(f'{name}="{value}"' for name, value in service.environment.items())
            sections.append(f"""\
[program:{service.name}]
command={shlex.join(command(service)).replace("%", "%%")}
directory={ROOT}
environment={variables.replace("%", "%%")}
stdout_logfile={self.log(service.name)}
redirect_stderr=true
autostart=false
autorestart=true
startsecs=0
stopwaitsecs=35
""")
        return "\n".join(sections)


def command(service: Service) -> list[str]:
    """Give a service's command with this environment's own executables."""
    program, *arguments = service.command
    return [executable(program), *arguments]


def executable(name: str) -> str:
    """Give the path of an executable of this environment."""
    return str(Path(sys.executable).parent / name)


def until(condition: Callable[[], bool], otherwise: str | Callable[[], str]) -> None:
    """Wait for a condition.

    Raises:
        StackError: it did not come about in time.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise StackError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.05)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
