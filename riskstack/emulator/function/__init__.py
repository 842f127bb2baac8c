"""One Lambda function: as its template declares it, and what one invocation of it gives."""

from dataclasses import dataclass

from riskstack.emulator.function.declared import Function, declaration, read

__all__ = [
    "Function",
    "NotInvokedError",
    "NotStartedError",
    "Result",
    "ThrottledError",
    "declaration",
    "read",
]


@dataclass(frozen=True, slots=True)
class Result:
    """What one invocation gave: a JSON payload and, where it failed, the kind of error."""

    payload: bytes
    error: str | None = None
    """`Unhandled`, as the header X-Amz-Function-Error says it."""


class NotInvokedError(Exception):
    """The function cannot be invoked now, and nothing of it ran: invoke it again later."""


class ThrottledError(NotInvokedError):
    """Its concurrency is used up."""


class NotStartedError(NotInvokedError):
    """This machine starts no process for it; the text says why."""
