"""The document of a training job, as DescribeTrainingJob gives it, from status to status.

Facts: SecondaryStatus, SecondaryStatusTransition and the times in the service model (botocore);
messages as SDKs print them (NVIDIA-Merlin/Transformers4Rec #794, aws/sagemaker-python-sdk #835).
Not: when a status comes (job).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hosting.control.json_protocol import Request
from hosting.jobs.training.request import CreateTrainingJob

ARTIFACT = "model.tar.gz"


SUMMARY = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
)
"""The members of a TrainingJobSummary."""


class Status(StrEnum):
    """SecondaryStatus, as far as a job here gets into one."""

    STARTING = "Starting"
    DOWNLOADING = "Downloading"
    TRAINING = "Training"
    UPLOADING = "Uploading"
    STOPPING = "Stopping"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"
    MAX_RUNTIME_EXCEEDED = "MaxRuntimeExceeded"


MESSAGES = {
    Status.STARTING: "Starting the training job",
    Status.DOWNLOADING: "Downloading input data",
    Status.TRAINING: "Training image download completed. Training in progress.",
    Status.UPLOADING: "Uploading generated training model",
    Status.STOPPING: "Stopping the training job",
    Status.COMPLETED: "Training job completed",
    Status.FAILED: "Training job failed",
    Status.STOPPED: "Training job stopped",
    Status.MAX_RUNTIME_EXCEEDED: "Training job runtime exceeded MaxRuntimeInSeconds provided",
}

_ENDS = {
    Status.COMPLETED: "Completed",
    Status.FAILED: "Failed",
    Status.STOPPED: "Stopped",
    Status.MAX_RUNTIME_EXCEEDED: "Stopped",
}
"""The TrainingJobStatus of each SecondaryStatus that is the last."""


def created(request: Request, read: CreateTrainingJob, arn: str, now: float) -> dict[str, Any]:
    """Give the document of a job that was just created; times are seconds since the epoch."""
    output = read.OutputDataConfig.S3OutputPath.rstrip("/")
    document: dict[str, Any] = {
        **{member: value for member, value in request.items() if member != "Tags"},
        "TrainingJobArn": arn,
        "StoppingCondition": read.StoppingCondition.model_dump(),
        "ModelArtifacts": {
            "S3ModelArtifacts": f"{output}/{read.TrainingJobName}/output/{ARTIFACT}"
        },
        "EnableNetworkIsolation": read.EnableNetworkIsolation,
        "EnableInterContainerTrafficEncryption": read.EnableInterContainerTrafficEncryption,
        "EnableManagedSpotTraining": read.EnableManagedSpotTraining,
        "CreationTime": now,
        "SecondaryStatusTransitions": [],
    }
    return entered(document, Status.STARTING, now)


def entered(document: Request, status: Status, now: float) -> dict[str, Any]:
    """Give the document of a job that goes on, and is now in another status."""
    stopping = status is Status.STOPPING or document.get("TrainingJobStatus") == "Stopping"
    changed = {
        **document,
        "TrainingJobStatus": "Stopping" if stopping else "InProgress",
        "SecondaryStatus": status.value,
        "LastModifiedTime": now,
        "SecondaryStatusTransitions": [
            *_closed(document["SecondaryStatusTransitions"], now),
            {"Status": status.value, "StartTime": now, "StatusMessage": MESSAGES[status]},
        ],
    }
    if status is Status.DOWNLOADING:
        changed["TrainingStartTime"] = now
    return changed


def ended(
    document: Request,
    status: Status,
    now: float,
    *,
    failure_reason: str | None = None,
    metrics: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Give the document of a job that is at its end."""
    changed = {
        **entered(document, status, now),
        "TrainingJobStatus": _ENDS[status],
        "TrainingEndTime": now,
    }
    changed["SecondaryStatusTransitions"] = _closed(changed["SecondaryStatusTransitions"], now)
    if start := document.get("TrainingStartTime"):
        # at least a second (botocore)
        seconds = max(1, round(now - start))
        changed |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    if failure_reason is not None:
        changed["FailureReason"] = failure_reason
    if metrics:
        changed["FinalMetricDataList"] = [
            {"MetricName": name, "Value": value, "Timestamp": now}
            for name, value in metrics.items()
        ]
    return changed


def _closed(transitions: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    return [{"EndTime": now, **transition} for transition in transitions]
