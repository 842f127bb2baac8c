"""Endpoints, their configurations and models."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from push import mark
from push.problem import PushError
from push.remains import Removal, Target
from push.steps.model import is_missing

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def endpoint(
    target: Target, sagemaker: "SageMakerClient", configs: Collection[str]
) -> Iterator[Removal]:
    """Give the endpoint, if a push created it; `configs` are those that pushes made.

    Raises:
        PushError: it was there before, and uses one of them.
    """
    name = target.endpoint
    try:
        found = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if not is_missing(error):
            raise
        return
    if not _is_marked(sagemaker, found["EndpointArn"], target):
        if found["EndpointConfigName"] in configs:
            raise PushError(
                f"the endpoint {name} was there before any push, and serves what a push made: give"
                " it another configuration or delete it, then try again"
            )
        return

    def delete() -> None:
        sagemaker.delete_endpoint(EndpointName=name)
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)

    yield Removal("endpoint", name, delete)


def configs(target: Target, sagemaker: "SageMakerClient") -> Iterator[Removal]:
    """Give the configurations, of every version."""
    pages = sagemaker.get_paginator("list_endpoint_configs")
    for page in pages.paginate(NameContains=f"{target.config}-"):
        for config in page["EndpointConfigs"]:
            name = config["EndpointConfigName"]
            if _is_marked(sagemaker, config["EndpointConfigArn"], target):
                delete = partial(sagemaker.delete_endpoint_config, EndpointConfigName=name)
                yield Removal("endpoint configuration", name, delete)


def models(target: Target, sagemaker: "SageMakerClient") -> Iterator[Removal]:
    """Give the models, of every version."""
    pages = sagemaker.get_paginator("list_models")
    names = {
        model["ModelName"]: model["ModelArn"]
        for declared in target.models
        for page in pages.paginate(NameContains=f"{declared}-")
        for model in page["Models"]
    }
    for name, arn in names.items():
        if _is_marked(sagemaker, arn, target):
            described = sagemaker.describe_model(ModelName=name)
            url = described.get("PrimaryContainer", {}).get("ModelDataUrl", "")
            yield Removal("model", name, partial(sagemaker.delete_model, ModelName=name), url)


def _is_marked(sagemaker: "SageMakerClient", arn: str, target: Target) -> bool:
    return mark.is_on(sagemaker.list_tags(ResourceArn=arn)["Tags"], target.endpoint)
