"""The process of an execution environment: loads the handler, then takes one event at a time."""

import os
import resource
import signal
import socket
import sys
import threading
from typing import Any

from riskstack.emulator.runtime import context, frames, logs
from riskstack.emulator.runtime.fault import ErrorDocument, as_log, document
from riskstack.emulator.runtime.handler import Handler, find
from riskstack.emulator.runtime.marshalling import read_event, to_json, write_answer

TRACE = "_X_AMZN_TRACE_ID"


def serve(channel: socket.socket) -> None:
    """Load the handler that the environment names and serve until the other side goes.

    The first message says `ready`, or holds the error that kept the handler from loading.
    """
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    request_id = logs.set_up(os.environ)
    try:
        handler = find(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001 - whatever a module raises is its init error
        failure = document(error, "", __file__)
        _log(failure)
        channel.sendall(frames.pack({"error": failure["errorType"]}, to_json(failure)))
        return
    channel.sendall(frames.pack({"ready": True, "memory_mb": _memory_mb()}))
    with channel.makefile("rb") as stream:
        while message := frames.read(stream):
            head, payload = message
            request_id.request_id = head["request_id"]
            channel.sendall(answer(handler, head, payload))


def answer(handler: Handler, head: dict[str, Any], payload: bytes) -> bytes:
    """Run a handler on one event; give the message that tells what came of it."""
    if head.get("trace_id"):
        os.environ[TRACE] = head["trace_id"]
    error: str | None = None
    try:
        result = write_answer(handler(read_event(payload), context.make(os.environ, head)))
    except Exception as raised:  # noqa: BLE001 - whatever a handler raises is its answer
        failure = document(raised, head["request_id"], __file__)
        _log(failure)
        result, error = to_json(failure), failure["errorType"]
    # what is not flushed now would stand in the log of the next invocation
    sys.stdout.flush()
    sys.stderr.flush()
    return frames.pack({"error": error, "memory_mb": _memory_mb()}, result)


def _log(failure: ErrorDocument) -> None:
    as_json = os.environ["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    sys.stdout.write(as_log(failure, as_json=as_json))
    sys.stdout.flush()


def _memory_mb() -> int:
    # kilobytes on Linux, bytes on macOS
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return -(-resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)


def end_with_the_service(lifeline: int) -> None:
    """Wait until the other end of a pipe closes; then kill the own group of processes.

    A service that is killed cannot kill its environments, and a handler that hangs sees nothing.
    """
    # not Linux's PR_SET_PDEATHSIG: it goes by the thread that forked, and spares what a handler
    # started
    os.read(lifeline, 1)
    os.killpg(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve on the socket, and live with the pipe, whose numbers are the arguments."""
    channel, lifeline = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    # programs that the handler starts shall hold neither
    channel.set_inheritable(False)
    os.set_inheritable(lifeline, False)  # noqa: FBT003 - the standard library takes it so
    threading.Thread(target=end_with_the_service, args=(lifeline,), daemon=True).start()
    with channel:
        serve(channel)


if __name__ == "__main__":
    main()
