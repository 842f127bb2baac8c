"""The failure file: why a job ended without a model, in a form that fits SageMaker's FailureReason.

SageMaker keeps the first 1,024 characters ("How Amazon SageMaker AI Processes Training Output").
"""

import logging
import traceback
from pathlib import Path

from model_server.training.output import write

LONGEST_REASON = 1_024

logger = logging.getLogger(__name__)


def leave(path: Path, reason: str) -> None:
    """Log a reason and write it, lines that do not fit counted."""
    logger.error("training failed", extra={"reason": reason})
    write(path, f"{shortened(reason)}\n".encode())


def unforeseen(error: BaseException) -> str:
    """Say what an error was that is no fault of the input, and where it came from."""
    place = "".join(traceback.format_exception(error)[-4:])
    return f"an unforeseen error, not of the input: {type(error).__name__}: {error}\n{place}"


def shortened(reason: str) -> str:
    """Give as many whole lines as fit, and how many are left out."""
    lines = reason.splitlines()
    for kept in range(len(lines), 1, -1):
        left = len(lines) - kept
        text = "\n".join([*lines[:kept], *([f"and {left} more lines, in the log"] if left else [])])
        if len(text) < LONGEST_REASON:
            return text
    return lines[0][: LONGEST_REASON - 1]
