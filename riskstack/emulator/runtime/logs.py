"""What the standard library's root logger writes in a function, as text or as JSON.

Formats: aws/aws-lambda-python-runtime-interface-client, `bootstrap.py` and
`lambda_runtime_log_utils.py`.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Mapping

TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"

_KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {
    "aws_request_id",
    "asctime",
    "message",
    "taskName",
}


class RequestId(logging.Filter):
    """Gives every record the id of the invocation under way."""

    def __init__(self) -> None:
        super().__init__()
        self.request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set the id; hold nothing back."""
        record.aws_request_id = self.request_id
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Give a record's line."""
        entry: dict[str, object] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, frames = record.exc_info
            entry["stackTrace"] = traceback.format_tb(frames)
            entry["errorType"] = kind.__name__
            entry["errorMessage"] = str(error)
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        if request_id := getattr(record, "aws_request_id", None):
            entry["requestId"] = request_id
        entry |= {key: value for key, value in vars(record).items() if key not in _KNOWN}
        return json.dumps(entry, ensure_ascii=False, default=str)


def set_up(environ: Mapping[str, str]) -> RequestId:
    """Let the root logger write to the function's log; give what tells it the request's id."""
    request_id = RequestId()
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(request_id)
    if environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        handler.setFormatter(JsonFormatter())
    else:
        text = logging.Formatter(TEXT, "%Y-%m-%dT%H:%M:%S")
        text.converter = time.gmtime
        handler.setFormatter(text)
    root = logging.getLogger()
    level = environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if level:
        root.setLevel({"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(level, level))
    root.addHandler(handler)
    return request_id
