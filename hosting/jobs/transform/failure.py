"""FailureReason of a transform job: whose fault it was, and what happened to which object.

AWS says "ClientError: See job logs for more information" or "AlgorithmError: ..." and tells the
rest in its log, a line an object, such as "bucket/key: ClientError: 413" (aws/sagemaker-python-sdk
#1882, aws/deep-learning-containers #586). Here the first of these lines follows in the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LENGTH = 1024
"""Characters of a FailureReason (botocore)."""

RESTARTED = (
    "InternalServerError: hosting ended while the job was under way, and the job with it. "
    "Create it again under another name."
)
INTERNAL = "InternalServerError: hosting itself failed; its log tells why, under the job's name."


class Blame(StrEnum):
    """Where to look for the fault."""

    CLIENT = "ClientError"
    """At the data and the request."""
    ALGORITHM = "AlgorithmError"
    """At the container."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, and with which object where it was one."""

    blame: Blame
    what: str
    key: str | None = None


def blame_for(status: int) -> Blame:
    """Tell whom a container's answer that is no success blames."""
    return Blame.CLIENT if 400 <= status < 500 else Blame.ALGORITHM  # noqa: PLR2004 - client errors of HTTP


def reason(faults: Sequence[Fault]) -> str:
    """Give the reason: the first fault's, and how many more objects failed."""
    first, *others = faults
    if first.key is None:
        return f"{first.blame}: {first.what}"[:LENGTH]
    more = f" ({len(others)} more objects failed)" if others else ""
    text = f"{first.blame}: See job logs for more information{more}. {first.key}: {first.what}"
    return text[:LENGTH]
