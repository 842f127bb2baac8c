"""Log lines: one JSON object per event on stdout, which SageMaker hands on to CloudWatch.

Not: a log of requests. They are counted and timed in front of the container.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "color_message"}


class JsonLine(logging.Formatter):
    """Formats a record as one JSON object; what stands in `extra` becomes keys of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, without its end."""
        line: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "service": "model_server",
            "message": record.getMessage(),
        }
        line.update((key, value) for key, value in vars(record).items() if key not in _OWN)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start(level: str) -> None:
    """Send every logger's lines of `level` and above to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def place(error: BaseException) -> str:
    """Say where an error comes from: its frames and types, not the texts, which may quote data."""
    chain: list[str] = []
    found: BaseException | None = error
    while found is not None:
        frames = "".join(traceback.format_tb(found.__traceback__))
        chain.insert(0, f"{frames}{type(found).__name__}")
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\nthen\n".join(chain)
