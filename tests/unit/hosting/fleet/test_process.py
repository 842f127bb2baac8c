"""A process: how it is found again, and when it is not."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from hosting.fleet.process import Process, command_line, end_all, read_process, start_process
from tests.left_out import leave_out

SLEEPER = [sys.executable, "-c", "import time\ntime.sleep(600)"]
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def test_a_process_is_found_with_its_facts_until_it_ends(tmp_path: Path) -> None:
    async def life() -> None:
        process = start_process(SLEEPER, tmp_path, ENVIRONMENT, {"port": 1})
        found = read_process(tmp_path)
        assert found is not None
        assert found[0].pid == process.pid
        assert found[0].outcome() is None
        assert found[1]["port"] == 1
        await end_all([process], 5)
        assert read_process(tmp_path) is None
        assert found[0].outcome() is not None

    asyncio.run(life())


def test_one_that_ended_before_is_let_alone(tmp_path: Path) -> None:
    other = Process(os.getpid(), "another program", tmp_path / "log", None)
    asyncio.run(end_all([other], 5))
    assert other.outcome() is not None


@pytest.mark.parametrize("content", [None, "", "{", '{"pid": 1, "command_line": ""}'])
def test_a_file_that_tells_nothing_leads_to_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "process.json").write_text(content)
    assert read_process(tmp_path) is None


def test_the_command_line_is_found_with_and_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("ps") is None:
        leave_out("a machine without /proc", "no ps")
    with_proc = command_line(os.getpid())
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert command_line(os.getpid()).split() == with_proc.split()
    assert "python" in with_proc
