"""A stand for tests of deployments: CloudFormation as emulators have it, and what they lack."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import yaml
from moto.apigateway.models import apigateway_backends
from moto.cloudformation.models import ChangeSet, cloudformation_backends
from moto.core.common_models import CloudFormationModel

from deployment.plan import transformed, without_includes
from deployment.settings import Settings
from deployment.templates import written
from deployment.undertaking import Clients, Undertaking
from riskstack.emulator.template import Template

NOT_IN_MOTO = {"AWS::ApiGateway::Deployment"}
"""moto's RestApi does not read its Body, and so has nothing to deploy."""

ROOT = Path(__file__).parents[1]


class MotoApiKey(CloudFormationModel):
    """An API key by CloudFormation, which moto has by its own API alone."""

    def __init__(self, key_id: str) -> None:
        self.physical_resource_id = key_id

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGateway::ApiKey"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,  # noqa: ANN401 - a resource of a template
        account_id: str,
        region_name: str,
        **_: object,
    ) -> "MotoApiKey":
        payload = {"name": resource_name, "enabled": cloudformation_json["Properties"]["Enabled"]}
        return cls(apigateway_backends[account_id][region_name].create_api_key(payload).id)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,  # noqa: ANN401 - a resource
        new_resource_name: str,  # noqa: ARG003 - moto's own signature
        cloudformation_json: Any,  # noqa: ANN401, ARG003 - the same
        account_id: str,  # noqa: ARG003 - the same
        region_name: str,  # noqa: ARG003 - the same
    ) -> Any:  # noqa: ANN401 - the resource
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        apigateway_backends[account_id][region_name].delete_api_key(self.physical_resource_id)


def _apply(change_set: ChangeSet) -> None:
    """Apply a change set as moto does, and let the stack have its outputs, as it does not."""
    stack = change_set.stack
    backend = cloudformation_backends[stack.account_id][stack.region_name]
    stack.resource_map.cross_stack_resources = backend.exports
    stack.resource_map.update(change_set.template_dict, change_set.parameters)
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    stack.parameters = change_set.parameters
    stack.output_map = stack._create_output_map()
    for export in stack.exports:
        backend.exports[export.name] = export


@contextmanager
def mended_moto() -> Iterator[None]:
    """Let moto's change sets give outputs and exports."""
    with patch.object(ChangeSet, "apply", _apply):
        yield


def for_moto(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what moto's CloudFormation cannot make, where it says so too late."""
    without = without_includes(Template(ROOT / "deploy" / "app.yaml", body)).body
    resources = {
        logical_id: resource
        for logical_id, resource in without["Resources"].items()
        if resource["Type"] not in NOT_IN_MOTO
    }
    return {**without, "Resources": resources}


def for_localstack(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out the functions, which LocalStack makes only with an engine and a network."""
    names = {
        logical_id: resource["Properties"]["FunctionName"]
        for logical_id, resource in body["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    }

    def named(value: Any) -> Any:  # noqa: ANN401 - a template holds any value
        match value:
            case {"Ref": str() as logical_id} if logical_id in names:
                return names[logical_id]
            case dict():
                return {key: named(part) for key, part in value.items()}
            case list():
                return [named(part) for part in value]
        return value

    resources = {
        logical_id: named(resource)
        for logical_id, resource in body["Resources"].items()
        if not resource["Type"].startswith("AWS::Lambda::")
    }
    return {**body, "Resources": resources}


Adaptation = Callable[[dict[str, Any]], dict[str, Any]]


def undertaking(
    said: list[str], region: str, adapt: Adaptation = for_moto, pause: float = 0
) -> Undertaking:
    """Give a deployment to whatever the SDK's variables lead to.

    SAM's transform, which CloudFormation does on AWS, is done before a request goes out; then
    `adapt` makes of its template what the emulator takes.
    """

    def transform(params: dict[str, Any], **_: object) -> None:
        values = {
            one["ParameterKey"]: one.get("ParameterValue", "leave") for one in params["Parameters"]
        }
        if "Transform" in yaml.safe_load(params["TemplateBody"]):
            body = transformed(params["TemplateBody"], values, region).body
            kept = {name: part for name, part in body.items() if name != "Transform"}
            params["TemplateBody"] = written(adapt(kept))

    cloudformation = boto3.client("cloudformation")
    cloudformation.meta.events.register(
        "provide-client-params.cloudformation.CreateChangeSet", transform
    )
    return Undertaking(
        root=ROOT,
        settings=Settings(),
        region=region,
        clients=Clients(
            sts=boto3.client("sts"),
            cloudformation=cloudformation,
            apigateway=boto3.client("apigateway"),
            s3=boto3.client("s3"),
            dynamodb=boto3.client("dynamodb"),
            sqs=boto3.client("sqs"),
            sagemaker=boto3.client("sagemaker"),
        ),
        say=said.append,
        sleep=lambda _: time.sleep(pause),
    )
