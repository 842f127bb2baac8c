"""CreateTrainingJob's request: what is kept, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.training.request import CreateTrainingJob, check

RequestWith = Callable[..., CreateTrainingJob]


def test_defaults_are_the_service_model_s(request_with: RequestWith) -> None:
    request = request_with()
    assert request.StoppingCondition.MaxRuntimeInSeconds == 24 * 3600
    with_checkpoints = request_with(CheckpointConfig={"S3Uri": "s3://a/b"})
    assert with_checkpoints.CheckpointConfig
    assert with_checkpoints.CheckpointConfig.LocalPath == "/opt/ml/checkpoints/"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
        ({"CheckpointConfig": {"S3Uri": "s3://a/b", "LocalPath": "/opt/ml/model"}}, "LocalPath"),
        ({"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}, "InstanceCount"),
        ({"ProfilerConfig": {"DisableProfiler": False}}, "DisableProfiler"),
        ({"VpcConfig": {}}, "VpcConfig"),
    ],
)
def test_what_is_not_kept_is_named(
    request_with: RequestWith, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidRequestError, match=named):
        request_with(**changes)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_channel_is_a_folder_of_its_own(
    request_with: RequestWith, document: dict[str, Any], name: str
) -> None:
    channel = document["InputDataConfig"][0]
    with pytest.raises(InvalidRequestError, match="ChannelName"):
        request_with(InputDataConfig=[{**channel, "ChannelName": name}])
    with pytest.raises(InvalidRequestError, match="the ChannelName train twice"):
        check(request_with(InputDataConfig=[channel, channel]))
    check(request_with(InputDataConfig=[channel, {**channel, "ChannelName": "test"}]))
