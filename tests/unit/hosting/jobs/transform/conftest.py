"""A request that every test of transform jobs may change."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.jobs.request import read
from hosting.jobs.transform.request import CreateTransformJob


@pytest.fixture
def document() -> dict[str, Any]:
    """CreateTransformJob's request as a client sends it."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}
    return {
        "TransformJobName": "job",
        "ModelName": "model",
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": "s3://bucket/out",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.fixture
def request_with(document: dict[str, Any]) -> Callable[..., CreateTransformJob]:
    """Read the request with some members changed."""
    return lambda **changes: read(CreateTransformJob, {**document, **changes})
