import signal

import pytest

from riskstack.emulator.execution.failures import exited


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (3, "Runtime exited with error: exit status 3"),
        (-signal.SIGKILL, "Runtime exited with error: signal: killed"),
        (-signal.SIGSEGV, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_how_a_process_ended(code: int, reason: str) -> None:
    assert exited("r-1", code).message == f"RequestId: r-1 Error: {reason}"
