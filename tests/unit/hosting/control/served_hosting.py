"""Hosting served on a free port with endpoints of real processes, and stock clients of it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from hosting.app import create_app
from hosting.settings import Settings
from tests.hosting_stand import ReadableLog, served
from tests.unit.hosting.control.output_shape import faults
from tests.unit.hosting.fleet.fleets import COMMAND

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

ROOT = Path(__file__).parents[4]


class Hosting:
    """Hosting that is served, and stock clients of it whose answers are checked."""

    def __init__(self, url: str, state: Path) -> None:
        self.url = url
        self.state = state
        self.sagemaker: SageMakerClient = self._client("sagemaker")
        self.runtime: SageMakerRuntimeClient = self._client("sagemaker-runtime")
        self.auto_scaling: ApplicationAutoScalingClient = self._client("application-autoscaling")
        for client in (self.sagemaker, self.auto_scaling):
            client.meta.events.register("before-parse", _check_answer)

    def _client(self, service: str) -> Any:  # noqa: ANN401 - any boto3 client
        return boto3.client(
            service,  # type: ignore[call-overload] # any service
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - nobody checks it
            config=Config(retries={"max_attempts": 1}),
        )

    def create(self, name: str, *, count: int = 1, **container: Any) -> str:  # noqa: ANN401 - members
        """Create a model and a configuration with one variant of it; give their name."""
        primary: Any = dict(container, Image=container.get("Image", "tiny"))
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=primary)
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "main",
                    "ModelName": name,
                    "InitialInstanceCount": count,
                    "InstanceType": "ml.m5.large",
                }
            ],
        )
        return name

    def endpoint(self, config: str) -> str:
        """Create an endpoint and wait until it is in service."""
        self.sagemaker.create_endpoint(EndpointName=config, EndpointConfigName=config)
        self.in_service(config)
        return config

    def in_service(self, name: str) -> Any:  # noqa: ANN401 - an answer
        """Wait until an endpoint is in service, and describe it."""
        waiter = self.sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 3000})
        return self.sagemaker.describe_endpoint(EndpointName=name)

    def delete(self, name: str) -> None:
        """Delete an endpoint and wait until it is gone."""
        self.sagemaker.delete_endpoint(EndpointName=name)
        waiter = self.sagemaker.get_waiter("endpoint_deleted")
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 3000})

    def ask(self, name: str, **members: Any) -> str:  # noqa: ANN401 - members of InvokeEndpoint
        """Invoke an endpoint."""
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=b"1", **members)
        return answer["Body"].read().decode()


def _check_answer(
    operation_model: Any,  # noqa: ANN401 - botocore's own
    response_dict: dict[str, Any],
    **_others: object,
) -> None:
    """Check what botocore's parser lets pass: unknown members, wrong types, missing members."""
    headers = response_dict["headers"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-amzn-requestid"]
    body = response_dict["body"]
    if response_dict["status_code"] >= 300:
        return
    if operation_model.output_shape is None:
        assert body == b""
        return
    assert list(faults(operation_model.output_shape, json.loads(body or b"{}"))) == []


@contextmanager
def hosting(
    state: Path,
    given: str = "http://127.0.0.1:9",
    **changes: Any,  # noqa: ANN401 - of the settings
) -> Iterator[Hosting]:
    settings = Settings(
        host="127.0.0.1",
        port=0,
        endpoints_file=ROOT / "deploy" / "endpoint.yaml",
        state=state,
        containers={"credit-risk": given},
        account_id="123456789012",
        region="eu-central-1",
        log_level="INFO",
        invocation_timeout_s=30.0,
        process_images={"tiny": COMMAND},
        inherited={"PATH": os.environ["PATH"]},
        instance_limit=6,
    )
    settings = replace(settings, **changes)
    with served(create_app(settings, ReadableLog().logger)) as url:
        yield Hosting(url, state)


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    with pytest.raises(ClientError) as raised:
        yield
    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
