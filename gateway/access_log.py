"""The access log: a line for each request, in the format that the stage gives.

Facts: API Gateway developer guide, "CloudWatch log formats for API Gateway": only `$context`
variables, and one of the two request ids must be among them. What a request does not have is
written as `-`.
"""

import asyncio
import re
import sys

from gateway.context import UnknownVariableError, Variable, variable
from gateway.exchange import Exchange

_NAME = re.compile(r"\$context\.([A-Za-z]+(?:\.\w+)*)")


MOMENT_S = 0.05
"""How long a request may wait for its line: those of a moment are written together."""


class FormatError(ValueError):
    """A format cannot be written: change it as the text says."""


class AccessLog:
    """Writes lines of one format to standard output, when no request waits for it."""

    def __init__(self, line_format: str) -> None:
        """Compile the format.

        Raises:
            FormatError: it names no variable of `$context`, or neither request id.
        """
        self._parts = _compile(line_format.strip())
        self._kept: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Take a request that was answered; its line is written in a moment."""
        if not self._kept:
            asyncio.get_running_loop().call_later(MOMENT_S, self.flush)
        self._kept.append(exchange)

    def flush(self) -> None:
        """Write the lines of all that was taken."""
        kept, self._kept = self._kept, []
        sys.stdout.write("".join(map(self.line, kept)))
        sys.stdout.flush()

    def line(self, exchange: Exchange) -> str:
        """Give the line of a request, with its end."""
        texts = [part if isinstance(part, str) else _text(part(exchange)) for part in self._parts]
        # a caller must not write a line of its own
        return "".join(texts).replace("\n", " ").replace("\r", " ") + "\n"


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
