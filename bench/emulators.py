"""The emulators of DynamoDB and its streams that are measured, each started for that alone."""

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from bench.servers import free_port
from stack.compose import engine_answers
from stack.settings import ROOT

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """An emulator that answers."""

    name: str
    url: str

    @property
    def client_settings(self) -> Mapping[str, Any]:
        """What a boto3 client needs to speak to it."""
        return {
            "endpoint_url": self.url,
            "region_name": "eu-central-1",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }


@contextmanager
def emulators() -> Iterator[Sequence[Emulator]]:
    """Start moto's server and, where an engine answers, LocalStack as docker-compose.yml says."""
    with ExitStack() as running:
        started = [running.enter_context(_moto())]
        if engine_answers():
            started.append(running.enter_context(_localstack()))
        yield started


@contextmanager
def _moto() -> Iterator[Emulator]:
    port = free_port()
    command = [sys.executable, "-m", "stack.aws_in_memory", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as serving:  # noqa: S603 - our own module
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/health")
            yield Emulator("moto", url)
        finally:
            serving.terminate()


@contextmanager
def _localstack() -> Iterator[Emulator]:
    declared = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["localstack"]
    variables = {**declared["environment"], "PERSISTENCE": "0"}
    environment = [f"--env={name}={value}" for name, value in variables.items()]
    port = free_port()
    made = _docker(
        "run", "--detach", f"--publish=127.0.0.1:{port}:4566", *environment, declared["image"]
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/_localstack/health")
        yield Emulator("LocalStack", url)
    finally:
        _docker("rm", "--force", "--volumes", made)


def _docker(*arguments: str) -> str:
    program = shutil.which("docker") or "docker"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)  # noqa: S603 - the user's own docker
    return done.stdout.strip()


def _wait(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - on this machine
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
