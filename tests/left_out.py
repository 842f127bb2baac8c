"""What tests leave out where something is not on this machine.

Where LEAVE_NOTHING_OUT is set, as .ci/run does, they fail instead.
"""

import os
from typing import NoReturn

import pytest

LEFT_OUT: set[str] = set()


def leave_out(what: str, why: str) -> NoReturn:
    """Skip a test and note what was left out, or fail."""
    text = f"{what}: {why}"
    if os.environ.get("LEAVE_NOTHING_OUT"):
        pytest.fail(f"nothing may be left out: {text}")
    LEFT_OUT.add(text)
    pytest.skip(text)
