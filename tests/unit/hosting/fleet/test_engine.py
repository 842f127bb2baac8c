"""The engine's calls: what is fetched of a container, and faults in hosting's words; no engine."""

import asyncio
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import docker
import pytest
from requests.exceptions import ConnectionError as NoConnectionError

from hosting.fleet.docker_engine import in_thread
from hosting.fleet.engine import Engine
from hosting.fleet.fleet import FleetError


def engine(archive: bytes | Exception) -> Engine:
    """Give an engine whose containers hold an archive, or whose answer is an error."""

    def get_archive(_path: str) -> tuple[Iterator[bytes], None]:
        if isinstance(archive, Exception):
            raise archive
        return iter([archive]), None

    container = SimpleNamespace(get_archive=get_archive)
    containers = SimpleNamespace(get=lambda _: container)
    client = cast("docker.DockerClient", SimpleNamespace(containers=containers))
    return Engine(client, "stack", "network")


def packed(*members: tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"0" * member.size))
    return file.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    info.size = 1 if kind == tarfile.REGTYPE else 0
    return info


def test_what_cannot_be_kept_of_a_job_costs_nothing_else(tmp_path: Path) -> None:
    archive = packed(
        member("absolute", tarfile.SYMTYPE, "/etc/hosts"),
        member("outside", tarfile.SYMTYPE, "../../a"),
        member("pipe", tarfile.FIFOTYPE),
        member("inside", tarfile.SYMTYPE, "model"),
        member("model"),
    )
    engine(archive).get("job", "/opt/ml", tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"inside", "model"}


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (b"no archive", "The files of job cannot be read"),
        (packed(member("../model")), "The files of job cannot be read"),
        (NoConnectionError("refused"), "The container engine does not answer for job: refused"),
    ],
)
def test_a_fault_is_told(tmp_path: Path, archive: bytes | Exception, problem: str) -> None:
    with pytest.raises(FleetError, match=problem):
        engine(archive).get("job", "/opt/ml", tmp_path)


def test_a_call_ends_however_often_it_is_cancelled() -> None:
    begun, let = threading.Event(), threading.Event()
    ended: list[bool] = []

    def call() -> None:
        begun.set()
        let.wait()
        ended.append(True)

    async def scenario() -> None:
        task = asyncio.create_task(in_thread(call))
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not task.done()
        let.set()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert ended

    asyncio.run(scenario())
