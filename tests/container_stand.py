"""A container of model_server as a process, or served from a thread, and a plain HTTP client."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import uvicorn
import xgboost

from model_server.serving.server import configure
from model_server.settings import Settings

DEADLINE = 60.0
COMMAND = (sys.executable, "-m", "model_server")


def small_booster() -> xgboost.Booster:
    """Train on noise: three columns, one score."""
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 3))
    labels = rows[:, 0] + generator.normal(size=300) > 0
    return xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(rows, labels, feature_names=["age", "debt", "home=owner"], nthread=1),
        num_boost_round=8,
    )


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def call(
    port: int,
    method: str,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    with contextlib.closing(connection):
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, lower, response.read())


def invoke(
    port: int, body: bytes | Iterator[bytes], content_type: str = "text/csv", **headers: str
) -> Reply:
    return call(port, "POST", "/invocations", body, {"Content-Type": content_type, **headers})


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ping(port: int) -> int:
    """Give the status of /ping, 0 while nobody listens."""
    try:
        return call(port, "GET", "/ping").status
    except ConnectionError:
        return 0


@contextlib.contextmanager
def served(base: Path, **environment: str) -> Iterator[int]:
    """Serve from a thread; give the port once somebody listens on it."""
    port = free_port()
    environ = {
        "SAGEMAKER_BASE_DIR": str(base),
        "HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "MODEL_SERVER_NATIVE_CODE": "false",  # without the compiler it starts sooner
        **environment,
    }
    server = uvicorn.Server(configure(Settings.from_environment(environ)))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield port
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def process(command: str, base: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [*COMMAND, command],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "HOST": "127.0.0.1", **environment},
        stdout=subprocess.PIPE,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()
