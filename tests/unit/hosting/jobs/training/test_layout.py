"""The configuration files and the environment of a training job's container."""

import json
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from hosting.jobs.training import layout
from hosting.jobs.training.request import CreateTrainingJob

RequestWith = Callable[..., CreateTrainingJob]


def files(request: CreateTrainingJob) -> dict[str, Any]:
    written = layout.config_files(request)
    assert {path.parent for path in written} == {PurePosixPath("input/config")}
    return {path.name: json.loads(content) for path, content in written.items()}


def test_the_files_of_a_job(request_with: RequestWith) -> None:
    found = files(request_with(HyperParameters={"eta": "0.1"}))
    assert found["hyperparameters.json"] == {"eta": "0.1"}
    assert found["inputdataconfig.json"] == {
        # a channel in FastFile mode is told as File (SageMaker developer guide, "Training Data")
        "train": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
    }
    assert found["resourceconfig.json"] == {
        "current_host": "algo-1",
        "current_instance_type": "ml.m5.large",
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1"],
        "instance_groups": [
            {
                "instance_group_name": "homogeneousCluster",
                "instance_type": "ml.m5.large",
                "hosts": ["algo-1"],
            }
        ],
        "network_interface_name": "eth0",
    }
    assert "checkpointconfig.json" not in found


def test_a_content_type_and_checkpoints_are_told_where_there_are_any(
    request_with: RequestWith, document: dict[str, Any]
) -> None:
    channel = {**document["InputDataConfig"][0], "ContentType": "text/csv"}
    checkpoints = {"S3Uri": "s3://bucket/saved"}
    found = files(request_with(InputDataConfig=[channel], CheckpointConfig=checkpoints))
    assert found["inputdataconfig.json"]["train"]["ContentType"] == "text/csv"
    assert found["checkpointconfig.json"] == {
        "S3Uri": "s3://bucket/saved",
        "LocalPath": "/opt/ml/checkpoints/",
    }


def test_the_environment_says_which_job_it_is(request_with: RequestWith) -> None:
    request = request_with(Environment={"MINE": "yes", "TRAINING_JOB_NAME": "another"})
    assert layout.environment(request, "arn") == {
        "MINE": "yes",
        "TRAINING_JOB_NAME": "job",
        "TRAINING_JOB_ARN": "arn",
    }
