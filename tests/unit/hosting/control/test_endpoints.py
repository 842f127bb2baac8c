"""The operations on endpoints: what is kept over an update, what cannot be, what is described."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hosting.control import deployment
from hosting.control.api_errors import InvalidRequestError, ResourceLimitExceededError
from tests.unit.hosting.control.control_stand import VARIANT, Stand, control


def live(folder: Path, life: Callable[[Stand], Awaitable[None]]) -> None:
    async def run() -> None:
        async with control(folder) as stand:
            await stand.create()
            await stand.status("InService")
            await life(stand)

    asyncio.run(run())


async def change(stand: Stand, **members: object) -> None:
    await stand.call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "main", **members}],
    )


def test_an_update_keeps_what_it_is_told_to(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await change(stand, DesiredWeight=7.0, DesiredInstanceCount=2)
        await stand.status("InService")
        await stand.configure("next", InitialVariantWeight=3.0)
        await stand.call(
            "UpdateEndpoint",
            EndpointName="e",
            EndpointConfigName="next",
            RetainAllVariantProperties=True,
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        )
        described = await stand.status("InService")
        [variant] = described["ProductionVariants"]
        assert described["EndpointConfigName"] == "next"
        assert (variant["CurrentWeight"], variant["CurrentInstanceCount"]) == (3.0, 2)

    live(tmp_path, life)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"VariantName": "none"}, "Variant none is not one of endpoint e"),
        ({"DesiredInstanceCount": 0}, "DesiredInstanceCount 0 of variant main is not supported"),
        ({"DesiredWeight": 0.0}, "Every weight would be 0"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, members: dict[str, Any], message: str) -> None:
    async def life(stand: Stand) -> None:
        with pytest.raises(InvalidRequestError, match=message):
            await change(stand, **members)
        assert (await stand.described())["EndpointStatus"] == "InService"

    live(tmp_path, life)


def test_what_is_beyond_the_limit_is_refused_before_anything_is_made_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = 100_000_000

    def no_name(*_: str) -> str:
        raise AssertionError("an instance was named")

    async def life(stand: Stand) -> None:
        await stand.configure("many", InitialInstanceCount=many)
        monkeypatch.setattr(deployment, "fresh_name", no_name)
        with pytest.raises(ResourceLimitExceededError, match=f"delta of {many} Instances"):
            await stand.call("CreateEndpoint", EndpointName="f", EndpointConfigName="many")
        with pytest.raises(ResourceLimitExceededError, match=f"delta of {many} Instances"):
            await stand.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="many")
        with pytest.raises(ResourceLimitExceededError, match=f"delta of {many - 1} Instances"):
            await change(stand, DesiredInstanceCount=many)

    live(tmp_path, life)


def test_all_that_is_configured_is_described(tmp_path: Path) -> None:
    capture = {
        "InitialSamplingPercentage": 30,
        "DestinationS3Uri": "s3://b/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    asynchronous = {"OutputConfig": {"S3OutputPath": "s3://b/out"}}
    routing = {"RoutingStrategy": "RANDOM"}

    async def life(stand: Stand) -> None:
        await stand.call(
            "CreateEndpointConfig",
            EndpointConfigName="full",
            ProductionVariants=[{**VARIANT, "ModelName": "e", "RoutingConfig": routing}],
            ShadowProductionVariants=[{**VARIANT, "ModelName": "e", "VariantName": "shadow"}],
            DataCaptureConfig=capture,
            AsyncInferenceConfig=asynchronous,
        )
        await stand.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="full")
        updating = await stand.described()
        assert updating["EndpointStatus"] == "Updating"
        pending = updating["PendingDeploymentSummary"]
        assert [each["VariantName"] for each in pending["ShadowProductionVariants"]] == ["shadow"]
        described = await stand.status("InService")
        assert described["ProductionVariants"][0]["RoutingConfig"] == routing
        assert described["ShadowProductionVariants"][0]["CurrentInstanceCount"] == 1
        assert described["AsyncInferenceConfig"] == asynchronous
        assert described["DataCaptureConfig"] == {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": 30,
            "DestinationS3Uri": "s3://b/captured",
            "KmsKeyId": "",
        }
        live = stand.live.in_service["e"]
        assert live.shadow is not None
        assert live.capture is not None
        assert live.asynchronous is not None

    live(tmp_path, life)
