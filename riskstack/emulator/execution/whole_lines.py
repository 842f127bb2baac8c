"""What one environment writes, passed on in whole lines: several write to the same log."""

from collections.abc import Callable

LONGEST = 1024 * 1024
"""Bytes of a line that are kept back; a longer one is passed on in parts."""

Write = Callable[[bytes], object]


class WholeLines:
    """Keeps the begun line back until its end."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begun = b""

    def add(self, piece: bytes) -> None:
        """Take a piece; pass on the lines that it ends."""
        whole, end, begun = piece.rpartition(b"\n")
        if end:
            self._write(self._begun + whole + end)
            self._begun = begun
        else:
            self._begun += begun
        if len(self._begun) > LONGEST:
            self._write(self._begun)
            self._begun = b""

    def flush(self) -> None:
        """Pass on a begun line, ended."""
        if self._begun:
            self.add(b"\n")
