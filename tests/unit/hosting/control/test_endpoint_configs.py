"""Endpoint configurations: what makes none."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hosting.control.api_errors import InvalidRequestError
from tests.unit.hosting.control.control_stand import VARIANT, Stand

SHADOW = {**VARIANT, "VariantName": "shadow"}
CAPTURE = {"DestinationS3Uri": "s3://b/captured"}


def create(folder: Path, **members: Any) -> Any:  # noqa: ANN401 - a document
    stand = Stand(folder, ExitStack(), given="http://127.0.0.1:9")

    async def called() -> Any:  # noqa: ANN401 - a document
        await stand.call("CreateModel", ModelName="m", PrimaryContainer={"Image": "i"})
        await stand.call("CreateModel", ModelName="given", PrimaryContainer={})
        many = {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://b/models/"}
        await stand.call("CreateModel", ModelName="many", PrimaryContainer=many)
        request = {"EndpointConfigName": "c", "ProductionVariants": [VARIANT], **members}
        await stand.call("CreateEndpointConfig", **request)
        return await stand.call("DescribeEndpointConfig", EndpointConfigName="c")

    return asyncio.run(called())


def test_awss_default_weight_holds(tmp_path: Path) -> None:
    described = create(tmp_path, ShadowProductionVariants=[SHADOW])
    assert described["ProductionVariants"] == [{**VARIANT, "InitialVariantWeight": 1.0}]
    assert described["ShadowProductionVariants"] == [{**SHADOW, "InitialVariantWeight": 1.0}]


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    stand = Stand(tmp_path, ExitStack())
    asyncio.run(stand.configure("c"))
    with pytest.raises(
        InvalidRequestError, match="Cannot create already existing endpoint configuration"
    ):
        asyncio.run(
            stand.call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[VARIANT])
        )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ProductionVariants": [VARIANT, VARIANT]}, "A VariantName is there twice: main, main"),
        (
            {"ProductionVariants": [{"VariantName": "v"}]},
            "ModelName of variant v is missing",
        ),
        (
            {"ProductionVariants": [{"VariantName": "v", "ModelName": "m"}]},
            "InstanceType of variant v is missing",
        ),
        (
            {"ProductionVariants": [{**VARIANT, "ModelName": "given", "InitialInstanceCount": 2}]},
            "InitialInstanceCount of variant main can only be 1: the container of model given",
        ),
        (
            {"ProductionVariants": [{**VARIANT, "InitialVariantWeight": 0}]},
            "Every InitialVariantWeight is 0",
        ),
        ({"ProductionVariants": [{**VARIANT, "ModelName": "x"}]}, "Could not find model"),
        (
            {
                "ProductionVariants": [VARIANT, {**VARIANT, "VariantName": "b"}],
                "ShadowProductionVariants": [SHADOW],
            },
            "With ShadowProductionVariants give one variant there and one production variant",
        ),
        (
            {
                "ProductionVariants": [{**VARIANT, "ModelName": "many"}],
                "ShadowProductionVariants": [SHADOW],
            },
            "not supported with a MultiModel container, which model many has",
        ),
        (
            {"ShadowProductionVariants": [{**SHADOW, "ModelName": "many"}]},
            "ShadowProductionVariants is not supported with a MultiModel container",
        ),
        (
            {"DataCaptureConfig": {**CAPTURE, "DestinationS3Uri": "https://b/x"}},
            "DataCaptureConfig.DestinationS3Uri https://b/x is not s3://bucket/prefix",
        ),
        (
            {"AsyncInferenceConfig": {"OutputConfig": {}}},
            "AsyncInferenceConfig.OutputConfig.S3OutputPath is missing",
        ),
        (
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://"}}},
            "AsyncInferenceConfig.OutputConfig.S3OutputPath s3:// is not s3://bucket/prefix",
        ),
        ({"Tags": [{"Key": "a", "Value": ""}] * 2}, "Tags has a key twice"),
    ],
)
def test_these_are_none(tmp_path: Path, members: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        create(tmp_path, **members)
