"""The document of a transform job from status to status."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.jobs.transform.progress import (
    Status,
    created,
    described,
    ended,
    started,
    stopping,
)
from hosting.jobs.transform.request import CreateTransformJob


@pytest.fixture
def job(
    document: dict[str, Any], request_with: Callable[..., CreateTransformJob]
) -> dict[str, Any]:
    return created(document, request_with(), "arn", 100.0)


def test_a_new_job_is_in_progress(job: dict[str, Any]) -> None:
    assert job["TransformJobStatus"] == "InProgress"
    assert job["CreationTime"] == 100.0
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    # they are asked for with ListTags
    assert "Tags" not in job


def test_times_are_those_of_the_changes(job: dict[str, Any]) -> None:
    job = started(job, 101.0)
    job = stopping(job, 102.0)
    assert (job["TransformJobStatus"], job["LastModifiedTime"]) == ("Stopping", 102.0)
    job = ended(job, Status.STOPPED, 103.0, None)
    assert (job["TransformStartTime"], job["TransformEndTime"]) == (101.0, 103.0)
    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job


def test_a_failure_has_a_reason(job: dict[str, Any]) -> None:
    assert ended(job, Status.FAILED, 101.0, "no")["FailureReason"] == "no"


def test_a_description_has_no_time_of_its_last_change(job: dict[str, Any]) -> None:
    assert "LastModifiedTime" in job
    assert "LastModifiedTime" not in described(job)
