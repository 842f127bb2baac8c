"""The document of a transform job, as DescribeTransformJob gives it, from status to status.

Facts: the service model (botocore). Not: when a status comes (job).
"""

from enum import StrEnum
from typing import Any

from hosting.control.json_protocol import Request
from hosting.jobs.transform.request import CreateTransformJob
from hosting.store import Document

SUMMARY = (
    "TransformJobName",
    "TransformJobArn",
    "CreationTime",
    "TransformEndTime",
    "LastModifiedTime",
    "TransformJobStatus",
    "FailureReason",
)
"""The members of a TransformJobSummary."""


class Status(StrEnum):
    """TransformJobStatus."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


def created(request: Request, read: CreateTransformJob, arn: str, now: float) -> dict[str, Any]:
    """Give the document of a job that was just created; times are seconds since the epoch."""
    return {
        **{member: value for member, value in request.items() if member != "Tags"},
        "TransformJobArn": arn,
        "TransformJobStatus": Status.IN_PROGRESS.value,
        "DataProcessing": read.DataProcessing.model_dump(),
        "CreationTime": now,
        "LastModifiedTime": now,
    }


def started(document: Request, now: float) -> dict[str, Any]:
    """Give the document of a job whose container is being started."""
    return {**document, "TransformStartTime": now, "LastModifiedTime": now}


def stopping(document: Request, now: float) -> dict[str, Any]:
    """Give the document of a job that is to stop."""
    return {**document, "TransformJobStatus": Status.STOPPING.value, "LastModifiedTime": now}


def ended(
    document: Request, status: Status, now: float, failure_reason: str | None
) -> dict[str, Any]:
    """Give the document of a job that is at its end."""
    reason = {} if failure_reason is None else {"FailureReason": failure_reason}
    return {
        **document,
        **reason,
        "TransformJobStatus": status.value,
        "TransformEndTime": now,
        "LastModifiedTime": now,
    }


def described(document: Request) -> Document:
    """Give the answer of DescribeTransformJob, which has no LastModifiedTime (botocore)."""
    return {member: value for member, value in document.items() if member != "LastModifiedTime"}
