"""The document of a training job from status to status."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.jobs.training.progress import Status, created, ended, entered
from hosting.jobs.training.request import CreateTrainingJob


@pytest.fixture
def job(document: dict[str, Any], request_with: Callable[..., CreateTrainingJob]) -> dict[str, Any]:
    return created(document, request_with(), "arn", 100.0)


def statuses(job: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    return [
        (each["Status"], each["StartTime"], each.get("EndTime"))
        for each in job["SecondaryStatusTransitions"]
    ]


def test_a_new_job_is_starting(job: dict[str, Any], document: dict[str, Any]) -> None:
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("InProgress", "Starting")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://bucket/out/job/output/model.tar.gz"
    assert job["CreationTime"] == job["LastModifiedTime"] == 100.0
    assert job["InputDataConfig"] == document["InputDataConfig"]
    assert statuses(job) == [("Starting", 100.0, None)]
    # they are asked for with ListTags
    assert "Tags" not in job


def test_the_end_of_a_status_is_the_begin_of_the_next(job: dict[str, Any]) -> None:
    job = entered(job, Status.DOWNLOADING, 101.0)
    job = entered(job, Status.TRAINING, 102.0)
    job = ended(job, Status.COMPLETED, 103.6, metrics={"auc": 0.5})
    assert statuses(job) == [
        ("Starting", 100.0, 101.0),
        ("Downloading", 101.0, 102.0),
        ("Training", 102.0, 103.6),
        ("Completed", 103.6, 103.6),
    ]
    assert (job["TrainingStartTime"], job["TrainingEndTime"]) == (101.0, 103.6)
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] == 3
    assert job["FinalMetricDataList"] == [{"MetricName": "auc", "Value": 0.5, "Timestamp": 103.6}]


@pytest.mark.parametrize(
    ("status", "main"),
    [
        (Status.COMPLETED, "Completed"),
        (Status.FAILED, "Failed"),
        (Status.STOPPED, "Stopped"),
        (Status.MAX_RUNTIME_EXCEEDED, "Stopped"),
    ],
)
def test_each_end_is_one_of_three(job: dict[str, Any], status: Status, main: str) -> None:
    job = ended(job, status, 101.0)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (main, status.value)
    # it never began on a machine
    assert "TrainingTimeInSeconds" not in job
    assert "FinalMetricDataList" not in job


def test_a_job_that_is_stopping_stays_so_while_it_uploads(job: dict[str, Any]) -> None:
    job = entered(job, Status.STOPPING, 101.0)
    job = entered(job, Status.UPLOADING, 102.0)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopping", "Uploading")
    assert ended(job, Status.STOPPED, 103.0)["TrainingJobStatus"] == "Stopped"


def test_a_failure_has_a_reason(job: dict[str, Any]) -> None:
    assert ended(job, Status.FAILED, 101.0, failure_reason="no")["FailureReason"] == "no"
