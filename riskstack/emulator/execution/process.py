"""Starts the process of an execution environment, with the variables that AWS sets there.

Facts: Lambda developer guide, "Defined runtime environment variables"; the variables that a
function saw on AWS (localstack/localstack test_lambda.snapshot.json,
test_lambda_init_environment).
"""

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from riskstack.emulator.function import Function
from riskstack.emulator.function.declared import DEFAULT_LEVEL

_PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Launch:
    """What every environment of a function is started with."""

    function: Function
    environ: Mapping[str, str]
    """What the function's own variables are added to: where AWS is, above all."""
    task_root: Path
    """Where the function's code lies."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, its socket, the reading end of its log, and what tells it that we live."""

    child: subprocess.Popen[bytes]
    channel: socket.socket
    log: int
    lifeline: BinaryIO
    """The writing end of a pipe, never written to: it closes when the service ends, killed too."""

    def discard(self) -> None:
        """End it, and let go of all that belongs to it."""
        self.kill()
        self.child.wait()
        self.channel.close()
        self.lifeline.close()
        os.close(self.log)

    def kill(self) -> None:
        """End it, with every process that it started and that stayed in its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)


def variables(launch: Launch, today: datetime) -> dict[str, str]:
    """Give the variables of one environment; those that AWS sets win."""
    function = launch.function
    logging = function.logging
    search = (
        str(_PROJECT),
        function.variables.get("PYTHONPATH"),
        launch.environ.get("PYTHONPATH"),
    )
    given = {
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if logging.json else "Text",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{today:%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}",
        "AWS_REGION": function.region,
        "LAMBDA_TASK_ROOT": str(launch.task_root),
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
        "_HANDLER": function.handler,
    }
    if logging.json:
        given["AWS_LAMBDA_LOG_LEVEL"] = logging.application_level or DEFAULT_LEVEL
    # TZ is no reserved name: a function may set its own
    return {**launch.environ, "TZ": ":UTC", **function.variables, **given}


def spawn(launch: Launch) -> Process:
    """Start a process."""
    ours, theirs = socket.socketpair()
    log, written = os.pipe()
    watched, lifeline = os.pipe()
    numbers = (theirs.fileno(), watched)
    with theirs:
        try:
            child = subprocess.Popen(  # noqa: S603 - this project's own module
                [sys.executable, "-u", "-m", "riskstack.emulator.runtime", *map(str, numbers)],
                cwd=launch.task_root,
                env=variables(launch, datetime.now(UTC)),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                pass_fds=numbers,
                # its own, so that a Ctrl+C is for the service alone and a kill takes all of it
                process_group=0,
            )
        except OSError:
            ours.close()
            os.close(log)
            os.close(lifeline)
            raise
        finally:
            os.close(written)
            os.close(watched)
    ours.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    os.set_blocking(log, False)
    return Process(child, ours, log, os.fdopen(lifeline, "wb"))
