"""The servers that are measured: ours, ours behind hosting, a constant, and two peers.

Each runs alone on one core; the load runs on another.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.settings import BUILD, ROOT

MODEL = BUILD / "model"
FOLDER = BUILD / "bench"
PEERS = ROOT / "bench" / "peers"
SERVER_CORE, LOAD_CORE = 0, 1
PINNED = ("taskset", "--cpu-list", str(SERVER_CORE))
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its processes, the port and path that say that it is ready."""

    name: str
    port: int
    ready: str
    commands: Sequence[Sequence[str]]
    environment: Mapping[str, str]
    folder: Path = ROOT


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ours() -> Server:
    """Give model_server with the stack's model."""
    port = free_port()
    return Server("Riskstack model_server", port, "/ping", [_serve()], _serving(port))


def behind_hosting() -> Server:
    """Give model_server behind hosting's InvokeEndpoint, both on the same core."""
    container, port = free_port(), free_port()
    environment = _serving(container) | {
        "PORT": str(port),
        "ENDPOINTS_FILE": "deploy/endpoint.yaml",
        "CONTAINERS": f"credit-risk=http://127.0.0.1:{container}",
        "AWS_ACCOUNT_ID": "000000000000",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "STATE": str(_fresh("hosting")),
    }
    commands = [_serve(), (sys.executable, "-m", "hosting")]
    return Server("model_server behind hosting", port, "/health", commands, environment)


def constant() -> Server:
    """Give the same web server answering a constant."""
    port = free_port()
    command = (sys.executable, "-m", "bench.constant", str(port))
    return Server("the same server, a constant", port, "/", [command], {})


def mlserver() -> Server:
    """Give MLServer with its XGBoost runtime, as one process."""
    port = free_port()
    folder = _fresh("mlserver-model")
    shutil.copy(MODEL / "model" / "xgboost-model", folder / "model.ubj")
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": 0,
        "debug": False,
    }
    model = {
        "name": "credit",
        "implementation": "mlserver_xgboost.XGBoostModel",
        "parameters": {"uri": "./model.ubj"},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    command = (_peer("mlserver", "mlserver"), "start", str(folder))
    return Server("MLServer", port, "/v2/health/ready", [command], {"OMP_NUM_THREADS": "1"})


def bentoml() -> Server:
    """Give BentoML with one worker."""
    port = free_port()
    folder = _fresh("bentoml-service")
    model = folder / "model.ubj"
    shutil.copy(MODEL / "model" / "xgboost-model", model)
    shutil.copy(PEERS / "bentoml_service.py", folder)
    service = "bentoml_service:Credit"
    where = ("--host", "127.0.0.1", "--port", str(port))
    command = (_peer("bentoml", "bentoml"), "serve", service, *where)
    environment = {"MODEL_FILE": str(model), "BENTOML_DO_NOT_TRACK": "true"}
    return Server("BentoML", port, "/readyz", [command], environment, folder)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs."""

    processes: Sequence[int]
    """Their ids; each leads a group of its own."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let it go on for the block alone: outside, it stands still and takes nobody's time."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        """Let it stand still until it is to go on."""
        self._signal(signal.SIGSTOP)

    def end(self) -> None:
        """Ask it to end, with whatever it has started itself."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            os.killpg(process, number)


@contextmanager
def started(server: Server) -> Iterator[Running]:
    """Run a server on its core until the end of the block."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = FOLDER / f"{server.name.replace(' ', '-').replace(',', '')}.log"
    with log.open("wb") as output:
        processes = [
            subprocess.Popen(  # noqa: S603 - the commands of this module
                (*PINNED, *command),
                cwd=server.folder,
                env=os.environ | dict(server.environment),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            for command in server.commands
        ]
        running = Running([process.pid for process in processes])
        try:
            _wait(server, processes, log)
            yield running
        finally:
            running.end()
            for process in processes:
                process.wait(timeout=60)


def _wait(server: Server, processes: Sequence["subprocess.Popen[bytes]"], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{server.ready}", timeout=5):
                return
        except (OSError, urllib.error.HTTPError) as error:
            ended = any(process.poll() is not None for process in processes)
            if ended or time.monotonic() > deadline:
                text = log.read_text()[-2000:]
                raise RuntimeError(f"{server.name} does not start:\n{text}") from error
            time.sleep(0.2)


def _serve() -> Sequence[str]:
    return (sys.executable, "-m", "model_server", "serve")


def _serving(port: int) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_BASE_DIR": str(MODEL),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "LOG_LEVEL": "WARNING",
    }


def _fresh(name: str) -> Path:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _peer(name: str, command: str) -> str:
    """Give a command of a peer, installed into an environment of its own where it is not yet."""
    environment = FOLDER / name
    python = environment / "bin" / "python"
    lock = PEERS / f"{name}.txt"
    mark = environment / "installed"
    if not mark.exists() or mark.read_text() != lock.read_text():
        uv = str(Path(sys.executable).parent / "uv")
        install = ("pip", "install", "--quiet", "--no-deps", "--require-hashes")
        for arguments in (
            ("venv", "--quiet", "--clear", "--python", sys.executable, str(environment)),
            (*install, "--python", str(python), "--requirement", str(lock)),
        ):
            subprocess.run((uv, *arguments), check=True)  # noqa: S603 - uv of this environment
        mark.write_text(lock.read_text())
    return str(environment / "bin" / command)
