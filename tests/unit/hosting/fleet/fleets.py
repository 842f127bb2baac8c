"""What the tests of both fleets share: containers to run, and how one is asked."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from hosting.fleet.fleet import Running, ServingContainer
from tests.hosting_stand import DEADLINE_S

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TINY = Path(__file__).with_name("tiny_container.py")
COMMAND = (sys.executable, str(TINY))


def no_s3() -> "S3Client":
    raise AssertionError("no test of this asks S3")


def container(name: str, url: str | None = None, **environment: str) -> ServingContainer:
    return ServingContainer(name=name, image="tiny", environment=environment, model_data_url=url)


def model(folder: Path, answer: str) -> str:
    """Lay a model into a folder, and give its URL."""
    folder.mkdir(parents=True)
    (folder / "answer").write_text(answer)
    return folder.as_uri()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - it is another process's doing
            await asyncio.sleep(0.01)


def answers(running: Running) -> bool:
    try:
        return requests.get(f"{running.url}/ping", timeout=DEADLINE_S).ok
    except requests.ConnectionError:
        return False


async def asked(running: Running) -> str:
    """Wait until a container answers, and ask it."""
    await until(lambda: answers(running))
    url = f"{running.url}/invocations"
    return (await asyncio.to_thread(requests.post, url, b"1", timeout=DEADLINE_S)).text
