"""A request that every test of training jobs may change."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.jobs.request import read
from hosting.jobs.training.request import CreateTrainingJob

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    """CreateTrainingJob's request as a client sends it."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train/"}
    return {
        "TrainingJobName": "job",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "FastFile"},
        "RoleArn": "arn:aws:iam::123456789012:role/jobs",
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.fixture
def request_with(document: Document) -> Callable[..., CreateTrainingJob]:
    """Read the request with some members changed."""
    return lambda **changes: read(CreateTrainingJob, {**document, **changes})
