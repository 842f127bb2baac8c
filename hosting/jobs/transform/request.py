"""CreateTransformJob's request, read: what is kept here; every other member is refused by name.

Names, members and values are the service model's (botocore, sagemaker).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.request import Structure, Tag
from hosting.jobs.transform.columns import ALL

CSV = "text/csv"
MB_AT_ONCE = 100
"""MaxPayloadInMB, and its product with MaxConcurrentTransforms, may be at most this (botocore)."""


class ObjectsBelow(Structure):
    """S3DataSource: where the objects to transform are."""

    S3DataType: Literal["S3Prefix"]
    S3Uri: str


class Source(Structure):
    """DataSource: the one kind of source that is read."""

    S3DataSource: ObjectsBelow


class Input(Structure):
    """TransformInput: the objects, and how they become requests."""

    DataSource: Source
    ContentType: str | None = None
    CompressionType: Literal["None", "Gzip"] = "None"
    SplitType: Literal["None", "Line"] = "None"


class Output(Structure):
    """TransformOutput: where the answers go, and how they become objects."""

    S3OutputPath: str
    Accept: str | None = None
    AssembleWith: Literal["None", "Line"] = "None"
    KmsKeyId: Literal[""] = ""
    """No key is what SDKs send this for."""


class Resources(Structure):
    """TransformResources: the machine, which is the one that hosting runs on."""

    InstanceType: str
    InstanceCount: Literal[1]


class ModelClient(Structure):
    """ModelClientConfig: how long a request may take, and how often it is tried again."""

    InvocationsTimeoutInSeconds: int = Field(default=600, ge=1, le=3600)
    InvocationsMaxRetries: int = Field(default=3, ge=0, le=3)


class Processing(Structure):
    """DataProcessing: which columns go in, which come out."""

    InputFilter: str = ALL
    OutputFilter: str = ALL
    JoinSource: Literal["Input", "None"] = "None"

    @property
    def does_something(self) -> bool:
        """Tell whether it differs from the defaults, which pass everything on."""
        return (self.InputFilter, self.OutputFilter, self.JoinSource) != (ALL, ALL, "None")


class CreateTransformJob(Structure):
    """The request."""

    TransformJobName: str
    ModelName: str
    TransformInput: Input
    TransformOutput: Output
    TransformResources: Resources
    MaxConcurrentTransforms: int = Field(default=0, ge=0)
    """0 is as good as none: the container may say (botocore)."""
    MaxPayloadInMB: int | None = Field(default=None, ge=0, le=MB_AT_ONCE)
    BatchStrategy: Literal["MultiRecord", "SingleRecord"] | None = None
    ModelClientConfig: ModelClient = ModelClient()
    Environment: Mapping[str, str] = Field(default_factory=dict)
    DataProcessing: Processing = Processing()
    Tags: Sequence[Tag] = ()


def check(request: CreateTransformJob) -> None:
    """Check members against each other. Raises InvalidRequestError."""
    at_once = request.MaxConcurrentTransforms * (request.MaxPayloadInMB or 0)
    if at_once > MB_AT_ONCE:
        raise InvalidRequestError(
            f"MaxConcurrentTransforms times MaxPayloadInMB is {at_once}: "
            f"it cannot be more than {MB_AT_ONCE}"
        )
    if request.DataProcessing.does_something:
        _check_csv(request)


def _check_csv(request: CreateTransformJob) -> None:
    """Check that there are rows to choose columns of.

    With DataProcessing, formats and delimiters must be told and be the same on both sides
    (SageMaker developer guide, "Associate Prediction Results with Input Records").
    """
    for member, value, only in (
        ("TransformInput.ContentType", request.TransformInput.ContentType, CSV),
        ("TransformOutput.Accept", request.TransformOutput.Accept, CSV),
        ("TransformInput.SplitType", request.TransformInput.SplitType, "Line"),
        ("TransformOutput.AssembleWith", request.TransformOutput.AssembleWith, "Line"),
    ):
        if value != only:
            raise InvalidRequestError(
                f"DataProcessing is supported here with {member} {only!r} only, found {value!r}"
            )
