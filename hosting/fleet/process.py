"""One process of this machine: started with a file that tells of it, found again by that file.

A number of a process is given anew when it is free, so the command line must match as well.
Not: what the process is for (processes).
"""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosting.fleet.fleet import FleetError, Outcome

LOOK_INTERVAL_S = 0.05

SHORT_S = 0.001

LOG_END = 2**20
"""Bytes of the log of a process that has ended; a job's metrics are read from them."""
"""Bytes of a log's end that an outcome holds."""

UNKNOWN_EXIT = -1
"""The exit code of a process that hosting is not the parent of."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was started here, or by a former hosting."""

    pid: int
    command_line: str
    log: Path
    child: "subprocess.Popen[bytes] | None"
    """None where a former hosting was its parent."""

    def outcome(self) -> Outcome | None:
        """Tell how it ended, or give None while it runs."""
        if self.child is not None:
            code = self.child.poll()
        else:
            code = None if command_line(self.pid) == self.command_line else UNKNOWN_EXIT
        return None if code is None else Outcome(code, _end(self.log))

    async def ended(self) -> Outcome:
        """Wait for its end."""
        while (outcome := self.outcome()) is None:  # noqa: ASYNC110 - one of another parent has no event
            await asyncio.sleep(LOOK_INTERVAL_S)
        return outcome

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, SIGKILL to all that it started too."""
        # it may have ended in between, and its number be another's
        with suppress(ProcessLookupError, PermissionError):
            if number is signal.SIGKILL:
                os.killpg(self.pid, number)
            elif self.outcome() is None:
                os.kill(self.pid, number)


def start_process(
    command: Sequence[str], home: Path, environment: Mapping[str, str], facts: Mapping[str, Any]
) -> Process:
    """Start a process with a log and a file of facts about it in its home.

    Raises:
        FleetError: the program cannot be started.
    """
    log = home / "log"
    try:
        with log.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - the command is the setting PROCESS_IMAGES
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # a group of its own, so that what it starts ends with it
                start_new_session=True,
            )
    except OSError as error:
        raise FleetError(f"{command[0]} cannot be started: {error.strerror}") from error
    # for a moment after it began the system does not tell it yet
    while not (line := command_line(child.pid)) and child.poll() is None:
        time.sleep(SHORT_S)
    content = {"pid": child.pid, "command_line": line, **facts}
    _file(home).write_text(json.dumps(content), encoding="utf-8")
    return Process(child.pid, line, log, child)


def read_process(home: Path) -> tuple[Process, Mapping[str, Any]] | None:
    """Find the process of a home, with the facts about it; None where it runs no more."""
    try:
        facts = json.loads(_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    line = facts["command_line"]
    if not line or command_line(facts["pid"]) != line:
        return None
    return Process(facts["pid"], line, home / "log", None), facts


async def end_all(processes: Sequence[Process], grace_s: float) -> None:
    """End processes: SIGTERM, then SIGKILL for those that take longer, in seconds.

    What a process has started itself ends with it; one that ended before is left alone, for its
    number may be another's by now.
    """
    processes = [process for process in processes if process.outcome() is None]
    for process in processes:
        process.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    try:
        while time.monotonic() < deadline and any(each.outcome() is None for each in processes):  # noqa: ASYNC110 - as in `ended`
            await asyncio.sleep(LOOK_INTERVAL_S)
    finally:
        for process in processes:
            process.signal(signal.SIGKILL)
    await asyncio.gather(*(process.ended() for process in processes))


def command_line(pid: int) -> str:
    """Give the command line of a process; it is empty where there is none, or it has ended."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            raw = (proc / str(pid) / "cmdline").read_bytes()
        except OSError:
            return ""
        return raw.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    shown = subprocess.run(  # noqa: S603 - no shell, and a number
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - where it is differs
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()


def _file(home: Path) -> Path:
    return home / "process.json"


def _end(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_END))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
