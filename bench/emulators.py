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

_CONTAINER = "riskstack-bench-localstack"


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
        started = [running.enter_context(moto())]
        if engine_answers():
            started.append(running.enter_context(_localstack()))
        yield started


@contextmanager
def moto() -> Iterator[Emulator]:
    """Run moto's server."""
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
    declared = _declared()["environment"]
    with localstack({**declared, "PERSISTENCE": "0"}) as url:
        yield Emulator("LocalStack", url)


@contextmanager
def localstack(variables: Mapping[str, str], *, core: int | None = None) -> Iterator[str]:
    """Run the LocalStack of docker-compose.yml, on one core where it is given; give its URL."""
    port = free_port()
    # one that was killed left its container
    _docker("rm", "--force", "--volumes", _CONTAINER, check=False)
    _docker(
        *("run", "--detach", f"--name={_CONTAINER}", f"--publish=127.0.0.1:{port}:4566"),
        *([] if core is None else [f"--cpuset-cpus={core}"]),
        *(f"--env={name}={value}" for name, value in variables.items()),
        _declared()["image"],
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/_localstack/health")
        yield url
    finally:
        # where it stands still
        _docker("unpause", _CONTAINER, check=False)
        _docker("rm", "--force", "--volumes", _CONTAINER)


@contextmanager
def localstack_alone() -> Iterator[None]:
    """Let LocalStack go on for the block alone: outside, it stands still and takes no time."""
    _docker("unpause", _CONTAINER)
    try:
        yield
    finally:
        stop_localstack()


def stop_localstack() -> None:
    """Let LocalStack stand still until it is to go on."""
    _docker("pause", _CONTAINER)


def _declared() -> Any:  # noqa: ANN401 - YAML
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return compose["services"]["localstack"]


def _docker(*arguments: str, check: bool = True) -> None:
    program = shutil.which("docker") or "docker"
    subprocess.run([program, *arguments], capture_output=True, check=check)  # noqa: S603 - the user's own docker


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
