"""The access log: a line for each request, in the format that the stage gives.

Facts: API Gateway developer guide, "CloudWatch log formats for API Gateway": only `$context`
variables, and one of the two request ids must be among them. What a request does not have is
written as `-`.
"""

import asyncio
import re
import sys
from collections.abc import Callable

from gateway.context import UnknownVariableError, Variable, variable
from gateway.exchange import Exchange

_NAME = re.compile(r"\$context\.([A-Za-z]+(?:\.\w+)*)")


FLUSH_SECONDS = 0.05
"""How long a line may wait for others: each write to a pipe wakes whoever reads it."""


class FormatError(ValueError):
    """A format cannot be written: change it as the text says."""


class AccessLog:
    """Writes lines of one format."""

    def __init__(self, line_format: str, write: Callable[[str], object]) -> None:
        """Compile the format; `write` takes a line with its end.

        Raises:
            FormatError: it names no variable of `$context`, or neither request id.
        """
        self._parts = _compile(line_format.strip())
        self._write = write

    def add(self, exchange: Exchange) -> None:
        """Write the line of a request that was answered."""
        texts = [part if isinstance(part, str) else _text(part(exchange)) for part in self._parts]
        # a caller must not write a line of its own
        line = "".join(texts).replace("\n", " ").replace("\r", " ")
        self._write(f"{line}\n")


class Lines:
    """Writes lines to standard output, those of a moment at once."""

    def __init__(self) -> None:
        self._is_due = False

    def write(self, line: str) -> None:
        """Take a line with its end, within an event loop."""
        sys.stdout.write(line)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush)

    def _flush(self) -> None:
        self._is_due = False
        sys.stdout.flush()


def _compile(line_format: str) -> list[str | Variable]:
    parts: list[str | Variable] = []
    names = set()
    end = 0
    for match in _NAME.finditer(line_format):
        try:
            found = variable(match[1])
        except UnknownVariableError as error:
            raise FormatError(f"{error} is not emulated") from None
        names.add(match[1])
        parts += [line_format[end : match.start()], found]
        end = match.end()
    parts.append(line_format[end:])
    if "$" in "".join(part for part in parts if isinstance(part, str)):
        raise FormatError("only variables of $context can stand in it")
    if names.isdisjoint({"requestId", "extendedRequestId"}):
        raise FormatError("$context.requestId or $context.extendedRequestId must stand in it")
    return parts


def _text(value: str | int | None) -> str:
    return "-" if value is None or value == "" else str(value)
