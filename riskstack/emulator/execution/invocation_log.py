"""What one invocation writes to the log: passed on at once, its end kept, its metrics found.

That an unfinished line of it does not meet another environment's is whole_lines' part.
"""

import sys

from riskstack.emulator.execution.whole_lines import Write

KEPT = 4096
"""Bytes of X-Amz-Log-Result (Lambda API reference, Invoke: the last 4 KB of the log)."""
LONGEST_LINE = 1024 * 1024
"""Bytes of a line that may hold metrics (CloudWatch user guide, embedded metric format)."""
EMBEDDED = b'"_aws"'
"""What a line with metrics holds, among other things."""


def to_stdout(piece: bytes) -> None:
    """Write to the service's own log."""
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


class InvocationLog:
    """The log of one invocation, from START to REPORT."""

    def __init__(self, start: str, write: Write, metrics: Write) -> None:
        """Take the first line, where lines go, and what takes lines that hold metrics."""
        self._write = write
        self._metrics = metrics
        self._kept = bytearray()
        # goes with what comes next: each write wakes whoever reads the log
        self._waiting = start.encode()
        self._begun_line = b""

    def add(self, piece: bytes) -> None:
        """Take a piece of what the function writes."""
        self._pass_on(self._waiting + piece)
        self._waiting = b""
        whole, end, rest = (self._begun_line + piece).rpartition(b"\n")
        self._begun_line = rest[:LONGEST_LINE]
        # a log without metrics is not taken apart
        if end and EMBEDDED in whole:
            for line in whole.split(b"\n"):
                if EMBEDDED in line:
                    self._metrics(line)

    def close(self, end: str) -> bytes:
        """Take the last lines; give the end of the whole."""
        if EMBEDDED in self._begun_line:
            self._metrics(self._begun_line)
        # AWS too begins its own lines on a new line
        line_end = b"\n" if self._begun_line else b""
        self._pass_on(self._waiting + line_end + end.encode())
        return bytes(self._kept)

    def _pass_on(self, piece: bytes) -> None:
        if not piece:
            return
        self._write(piece)
        self._kept += piece[-KEPT:]
        del self._kept[:-KEPT]
