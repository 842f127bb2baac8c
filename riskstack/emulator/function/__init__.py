"""One Lambda function: as its template declares it, and what one invocation of it gives."""

from dataclasses import dataclass

from riskstack.emulator.function.declared import Function, declaration, read

__all__ = ["Function", "Result", "ThrottledError", "declaration", "read"]


@dataclass(frozen=True, slots=True)
class Result:
    """What one invocation gave: a JSON payload and, where it failed, the kind of error."""

    payload: bytes
    error: str | None = None
    """`Unhandled`, as the header X-Amz-Function-Error says it."""


class ThrottledError(Exception):
    """The function cannot be invoked now: its concurrency is used up. Invoke it again later."""
