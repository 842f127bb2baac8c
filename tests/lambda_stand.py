"""A Lambda service on a free port for tests, with a handler that a test writes."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from riskstack.emulator.function import Function, read
from riskstack.emulator.function.targets import Target
from riskstack.emulator.lambda_api import Service, create_app
from riskstack.emulator.lambda_api.delivery import Attributes
from tests.hosting_stand import ReadableLog, served

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

REGION = "eu-central-1"
ACCOUNT = "123456789012"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"

ECHO = """
    def handler(event, context):
        return event
"""


@dataclass(frozen=True)
class Sent:
    """What was delivered."""

    target: Target
    body: str
    attributes: Attributes


@dataclass(frozen=True)
class Post:
    """A Delivery that keeps what it is given."""

    sent: list[Sent] = field(default_factory=list)
    error: Exception | None = None

    def send(self, target: Target, _function: str, body: str, attributes: Attributes) -> None:
        """Keep a message, or fail."""
        if self.error:
            raise self.error
        self.sent.append(Sent(target, body, attributes))


@dataclass(frozen=True)
class Log:
    """The service's log, as it is written."""

    pieces: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        return b"".join(self.pieces).decode()


def function(**properties: Any) -> Function:  # noqa: ANN401 - as in a template
    """Give the function f, with properties of its own."""
    named: Mapping[str, Any] = {"FunctionName": "f", "Handler": "code.handler"}
    return read({**named, **properties}, REGION, ACCOUNT)


def write(folder: Path, source: str, module: str = "code") -> Path:
    """Write a function's module; give the folder it lies in."""
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(dedent(source))
    return folder


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody waits for counts too."""
    state = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return not state.stdout.strip() or state.stdout.startswith("Z")


@dataclass(frozen=True)
class Stand:
    """A service that runs."""

    service: Service
    url: str
    post: Post
    log: Log
    told: ReadableLog
    """What the service itself logs."""
    client: "LambdaClient"


@contextmanager
def running(
    folder: Path,
    source: str = ECHO,
    *,
    concurrency: int = 4,
    retry_seconds: float = 0.01,
    post: Post | None = None,
    **properties: Any,  # noqa: ANN401 - as in a template
) -> Iterator[Stand]:
    """Serve the function f."""
    log, told = Log(), ReadableLog()
    post = post or Post()
    service = Service(
        function(**properties),
        dict(os.environ),
        task_root=write(folder, source),
        concurrency=concurrency,
        retry_seconds=retry_seconds,
        delivery=post,
        logger=told.logger,
        write=log.pieces.append,
    )
    with served(create_app(service)) as url:
        client = boto3.client(
            "lambda",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - nobody's
            config=Config(retries={"total_max_attempts": 1}),
        )
        try:
            yield Stand(service, url, post, log, told, client)
        finally:
            client.close()
