"""A body that /invocations takes, where the user names none: a row of zeros of the right width."""

from collections.abc import Callable

from image_check.options import CSV
from image_check.seen import Answer, NoReply, Sample, is_ok

WIDEST = 512


def find(ask: Callable[[Sample], Answer]) -> Sample:
    """Widen a row until the answer is 200; give the row of one cell where none is.

    Stops where no answer comes at all: each further one would cost a time-out.
    """
    narrowest = _zeros(1)
    for width in range(1, WIDEST + 1):
        row = _zeros(width)
        answer = ask(row)
        if is_ok(answer):
            return row
        if isinstance(answer, NoReply):
            break
    return narrowest


def _zeros(width: int) -> Sample:
    return Sample(b",".join([b"0"] * width) + b"\n", CSV)
