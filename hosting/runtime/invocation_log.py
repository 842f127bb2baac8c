"""The log's line of each invocation, in the form of Powertools' lines, for a fraction of the price.

Lines are kept for a moment and written together, when no invocation waits for it: what a kill can
cost is the lines of that moment. Not: what a line holds (api); warnings and faults go through
Powertools' Logger itself, at once.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from aws_lambda_powertools import Logger

MOMENT_S = 0.05

_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"))


class InvocationLog:
    """Writes to the stream of a logger, where its level lets an INFO pass."""

    def __init__(self, log: Logger) -> None:
        handler = log.registered_handler
        if not isinstance(handler, logging.StreamHandler):
            raise TypeError("the logger writes to no stream")
        self._handler: logging.StreamHandler[TextIO] = handler
        self.are_wanted = log.log_level <= logging.INFO
        """Whether lines are written at all."""
        self._service = log.service
        self._kept: list[tuple[float, Mapping[str, object]]] = []

    def write(self, facts: Mapping[str, object]) -> None:
        """Write a line with these facts, in a moment, where lines are wanted."""
        if not self.are_wanted:
            return
        if not self._kept:
            asyncio.get_running_loop().call_later(MOMENT_S, self.flush)
        self._kept.append((time.time(), facts))

    def flush(self) -> None:
        """Write what is kept."""
        kept, self._kept = self._kept, []
        text = "".join(self._line(at, facts) for at, facts in kept)
        self._handler.acquire()
        try:
            self._handler.stream.write(text)
            self._handler.stream.flush()
        finally:
            self._handler.release()

    def _line(self, at: float, facts: Mapping[str, object]) -> str:
        line = {
            "level": "INFO",
            "message": "invocation",
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
            "service": self._service,
            **facts,
        }
        return f"{_ENCODER.encode(line)}\n"
