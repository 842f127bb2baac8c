"""/opt/ml of a training job: its folders, its configuration files, its container's environment.

Facts: SageMaker developer guide, "How Amazon SageMaker Provides Training Information"; the members
of resourceconfig.json about instances: aws/sagemaker-training-toolkit, environment.py.
"""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from hosting.jobs.training.request import Channel, CreateTrainingJob

CONFIG = PurePosixPath("input/config")
DATA = PurePosixPath("input/data")
MODEL = PurePosixPath("model")
OUTPUT = PurePosixPath("output")
OUTPUT_DATA = OUTPUT / "data"
FAILURE = OUTPUT / "failure"
CHECKPOINTS = PurePosixPath("checkpoints")

FOLDERS = (CONFIG, DATA, MODEL, OUTPUT_DATA, CHECKPOINTS)
"""What is there when the container starts."""

_HOST = "algo-1"
_GROUP = "homogeneousCluster"


def config_files(request: CreateTrainingJob) -> Mapping[PurePosixPath, str]:
    """Give the files of input/config by their paths below /opt/ml."""
    contents: dict[str, object] = {
        "hyperparameters.json": request.HyperParameters,
        "inputdataconfig.json": {
            channel.ChannelName: _channel(channel) for channel in request.InputDataConfig
        },
        "resourceconfig.json": _resources(request.ResourceConfig.InstanceType),
    }
    if request.CheckpointConfig:
        contents["checkpointconfig.json"] = request.CheckpointConfig.model_dump()
    return {CONFIG / name: json.dumps(content) for name, content in contents.items()}


def environment(request: CreateTrainingJob, arn: str) -> dict[str, str]:
    """Give the variables of the job's container; the request's cannot hide SageMaker's."""
    return {
        **request.Environment,
        "TRAINING_JOB_NAME": request.TrainingJobName,
        "TRAINING_JOB_ARN": arn,
    }


def _channel(channel: Channel) -> dict[str, str]:
    content_type = {"ContentType": channel.ContentType} if channel.ContentType else {}
    return {
        **content_type,
        # the algorithm sees files in FastFile mode too, and is told so
        "TrainingInputMode": "File",
        "S3DistributionType": channel.DataSource.S3DataSource.S3DataDistributionType,
        "RecordWrapperType": channel.RecordWrapperType,
    }


def _resources(instance_type: str) -> dict[str, object]:
    return {
        "current_host": _HOST,
        "current_instance_type": instance_type,
        "current_group_name": _GROUP,
        "hosts": [_HOST],
        "instance_groups": [
            {
                "instance_group_name": _GROUP,
                "instance_type": instance_type,
                "hosts": [_HOST],
            }
        ],
        "network_interface_name": "eth0",
    }
