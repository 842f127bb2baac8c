"""Lambda's own answers in place of a function's: it timed out, it exited, it answered too much.

Recorded on AWS in November 2025 (localstack/localstack test_lambda.snapshot.json:
test_lambda_invoke_with_timeout, test_lambda_runtime_exit, test_lambda_runtime_wrapper_not_found,
test_lambda_too_large_response).
"""

import json
import signal
from dataclasses import dataclass

from riskstack.emulator.function import Result

LARGEST_RESPONSE = 6_291_556
"""Bytes; 6 MB and 100."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer of the function, for its caller and for the log."""

    kind: str
    message: str
    status: str
    """As in the REPORT line: timeout or error."""

    def result(self) -> Result:
        """Give what the caller gets."""
        document = {"errorType": self.kind, "errorMessage": self.message}
        return Result(json.dumps(document).encode(), "Unhandled")


def timed_out(request_id: str, seconds: float) -> Failure:
    """Tell that a function did not answer within its timeout."""
    text = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return Failure("Sandbox.Timedout", text, "timeout")


def exited(request_id: str, code: int) -> Failure:
    """Tell that the process of a function ended; below 0, `code` is the signal that ended it."""
    reason = "Runtime exited without providing a reason"
    if code > 0:
        reason = f"Runtime exited with error: exit status {code}"
    elif code < 0:
        name = signal.strsignal(-code) or str(-code)
        reason = f"Runtime exited with error: signal: {name.lower()}"
    return Failure("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}", "error")


def not_started(request_id: str, cause: str) -> Failure:
    """Tell of a declaration that no process can be started with; AWS has no such failure."""
    text = f"RequestId: {request_id} Error: no process can be started: {cause}"
    return Failure("Sandbox.NotStarted", text, "error")


def too_large() -> Failure:
    """Tell that an answer is beyond LARGEST_RESPONSE."""
    text = (
        f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
    )
    return Failure("Function.ResponseSizeTooLarge", text, "error")
