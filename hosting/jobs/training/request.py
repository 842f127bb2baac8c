"""CreateTrainingJob's request, read: what is kept here; every other member is refused by name.

Names, members and values are the service model's (botocore, sagemaker).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.request import Structure, Tag

CHECKPOINTS = "/opt/ml/checkpoints"


class ObjectsBelow(Structure):
    """S3DataSource: where a channel's objects are."""

    S3DataType: Literal["S3Prefix"]
    S3Uri: str
    S3DataDistributionType: Literal["FullyReplicated"] = "FullyReplicated"


class Source(Structure):
    """DataSource: the one kind of source that is read."""

    S3DataSource: ObjectsBelow


class Channel(Structure):
    """A named input of the algorithm."""

    ChannelName: str = Field(pattern=r"^[^.]")
    """The service model allows the names . and .., which are no folders of its own."""
    DataSource: Source
    ContentType: str | None = None
    CompressionType: Literal["None"] = "None"
    RecordWrapperType: Literal["None"] = "None"
    InputMode: Literal["File", "FastFile"] | None = None


class Definition(Structure):
    """MetricDefinition: a metric, and how to find it in the log."""

    Name: str
    Regex: str


class Algorithm(Structure):
    """AlgorithmSpecification: the image, and how it wants its data."""

    TrainingImage: str
    TrainingInputMode: Literal["File", "FastFile"]
    MetricDefinitions: Sequence[Definition] = ()
    EnableSageMakerMetricsTimeSeries: Literal[False] = False


class Output(Structure):
    """OutputDataConfig: where the artifacts go."""

    S3OutputPath: str
    KmsKeyId: Literal[""] = ""
    """No key is what SDKs send this for."""
    CompressionType: Literal["GZIP"] = "GZIP"


class Resources(Structure):
    """ResourceConfig: the machine, which is the one that hosting runs on."""

    InstanceType: str
    InstanceCount: Literal[1]
    VolumeSizeInGB: int = 0


class Stopping(Structure):
    """StoppingCondition: how long the job may take."""

    MaxRuntimeInSeconds: int = Field(default=86_400, ge=1)
    """A day, unless said otherwise (botocore)."""


class Checkpoints(Structure):
    """CheckpointConfig: where checkpoints are kept while no job runs."""

    S3Uri: str
    LocalPath: str = Field(default=f"{CHECKPOINTS}/", pattern=f"^{CHECKPOINTS}/?$")


class Profiler(Structure):
    """ProfilerConfig: no profiler runs here, so it can only be told not to."""

    DisableProfiler: Literal[True]


class CreateTrainingJob(Structure):
    """The request."""

    TrainingJobName: str
    AlgorithmSpecification: Algorithm
    RoleArn: str
    Tags: Sequence[Tag] = ()
    OutputDataConfig: Output
    ResourceConfig: Resources
    InputDataConfig: Sequence[Channel] = ()
    HyperParameters: Mapping[str, str] = Field(default_factory=dict)
    StoppingCondition: Stopping = Stopping()
    CheckpointConfig: Checkpoints | None = None
    Environment: Mapping[str, str] = Field(default_factory=dict)
    ProfilerConfig: Profiler | None = None
    EnableNetworkIsolation: Literal[False] = False
    EnableInterContainerTrafficEncryption: bool = False
    """Kept either way: one container has no other to talk to."""
    EnableManagedSpotTraining: Literal[False] = False


def check(request: CreateTrainingJob) -> None:
    """Check members against each other. Raises InvalidRequestError."""
    names = [channel.ChannelName for channel in request.InputDataConfig]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequestError(
                f"InputDataConfig has the ChannelName {name} twice: each is a folder of its own."
            )
