"""How a fault is told in a log: what failed and where, never in the error's own words."""

import traceback
from typing import Any


def place(error: BaseException) -> dict[str, Any]:
    """Give an error's type and its frames, not its text, which may quote what is personal."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "cause": type(error).__name__,
        "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
