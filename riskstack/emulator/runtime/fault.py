"""What the runtime says of a handler that cannot be found, or of an event it cannot take.

Texts and types: aws/aws-lambda-python-runtime-interface-client, `bootstrap.py`,
`lambda_runtime_exception.py`.
"""

import json
import time
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TypedDict


class ErrorDocument(TypedDict):
    """The payload of a failed invocation."""

    errorMessage: str
    errorType: str
    requestId: str
    stackTrace: Sequence[str]


class RuntimeFaultError(Exception):
    """The runtime, not the handler, refuses: its type, its text, and lines for the stack trace."""

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = f"Runtime.{kind}"
        self.trace = trace


def document(error: BaseException, request_id: str, own_file: str) -> ErrorDocument:
    """Give the payload for an error; frames of the runtime's own file are left out at the front."""
    if isinstance(error, RuntimeFaultError):
        kind, trace = error.kind, list(error.trace)
    else:
        kind, trace = type(error).__name__, _trace(error.__traceback__, own_file)
    return {
        "errorMessage": str(error),
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": trace,
    }


def _trace(frames: TracebackType | None, own_file: str) -> list[str]:
    entries = list(traceback.extract_tb(frames))
    while len(entries) > 1 and entries[0].filename == own_file:
        del entries[0]
    # without the columns, which AWS's runtime leaves out too
    return traceback.format_list(
        [(entry.filename, entry.lineno or 0, entry.name, entry.line) for entry in entries]
    )


def as_log(error: ErrorDocument, *, as_json: bool) -> str:
    """Give what the runtime logs of an error; in text, lines are indented with no-break spaces."""
    if as_json:
        timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        document = {"timestamp": timestamp, "level": "ERROR", **error}
        return json.dumps(document, ensure_ascii=False) + "\n"
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}"]
    lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    return "\n".join(lines) + "\n"
