import io
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from riskstack.emulator.runtime import __main__ as runtime
from riskstack.emulator.runtime.frames import Frame, pack, read
from tests.hosting_stand import wait_until

ENVIRON = {
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    "AWS_LAMBDA_LOG_FORMAT": "Text",
    "_HANDLER": "in_a_thread.handler",
}
HEAD = {"request_id": "r-1", "arn": "arn", "deadline_ms": 1, "trace_id": "Root=1"}

Talk = Callable[..., list[Frame]]


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    """Serves a handler in a thread, sends it events, gives what it says: ready, and an answer each.

    What it logs is in the members of the fixture's own standard output.
    """
    for name, value in {**ENVIRON, "LAMBDA_TASK_ROOT": str(tmp_path), runtime.TRACE: ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    def run(source: str, *events: object) -> list[Frame]:
        (tmp_path / "in_a_thread.py").write_text(dedent(source))
        ours, theirs = socket.socketpair()
        with ours, theirs, ours.makefile("rb") as stream:
            thread = threading.Thread(target=runtime.serve, args=(theirs,))
            thread.start()
            said = [read(stream)]
            for event in events:
                ours.sendall(pack(HEAD, json.dumps(event).encode()))
                said.append(read(stream))
            ours.shutdown(socket.SHUT_WR)
            thread.join()
        return [frame for frame in said if frame]

    yield run
    sys.modules.pop("in_a_thread", None)


ECHO = """
    import logging
    import os

    def handler(event, context):
        logging.getLogger().warning("careful")
        if event == "raise":
            raise ValueError("no good")
        return [event, context.aws_request_id, os.environ["_X_AMZN_TRACE_ID"]]
"""


def test_events_are_answered(talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    (ready, _), (head, payload) = talk(ECHO, {"a": "é"})
    assert ready.keys() == {"ready", "memory_mb"}
    assert head["error"] is None
    assert head["memory_mb"] > 0
    assert json.loads(payload) == [{"a": "é"}, "r-1", "Root=1"]
    assert os.environ["_X_AMZN_TRACE_ID"] == "Root=1"
    assert capsys.readouterr().out.endswith("Z\tr-1\tcareful\n")


def test_an_error_is_answered_and_logged(talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    _, (head, payload) = talk(ECHO, "raise")
    assert head["error"] == "ValueError"
    document: Any = json.loads(payload)
    assert document["errorMessage"] == "no good"
    assert len(document["stackTrace"]) == 1
    assert "[ERROR] ValueError: no good\nTraceback (most recent call last):\n" in (
        capsys.readouterr().out
    )


def test_a_handler_that_cannot_be_found_is_told_and_logged_as_json(
    talk: Talk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
    ((head, payload),) = talk("")
    assert head == {"error": "Runtime.HandlerNotFound"}
    document = json.loads(payload)
    assert document == {
        "errorMessage": "Handler 'handler' missing on module 'in_a_thread'",
        "errorType": "Runtime.HandlerNotFound",
        "requestId": "",
        "stackTrace": [],
    }
    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp")
    assert line == {"level": "ERROR", **document}


@pytest.mark.usefixtures("talk")
def test_the_process_serves_on_the_socket_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in_a_thread.py").write_text("def handler(event, context): return event")
    ours, theirs = socket.socketpair()
    watched, lifeline = os.pipe()
    monkeypatch.setattr(sys, "argv", ["runtime", str(theirs.detach()), str(watched)])
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda *given: killed.append(given))
    with ours:
        ours.shutdown(socket.SHUT_WR)
        runtime.main()
        ready = read(io.BytesIO(ours.recv(1000)))
    assert ready
    assert ready[0]["ready"] is True
    assert killed == []
    os.close(lifeline)
    wait_until(lambda: killed == [(os.getpid(), signal.SIGKILL)])
    os.close(watched)
