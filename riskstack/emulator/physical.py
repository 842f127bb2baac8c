"""The physical side of what deploy/ declares, by name or asked of the emulator through the SDK."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from riskstack.emulator.template import Resolver, Resource, Template, TemplateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

NAMES: Mapping[str, str] = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
}
"""The property that names a resource of a type."""


class ExistingResources:
    """Looks resources up by the names that the template gives them."""

    def __init__(self, pseudo: Mapping[str, str]) -> None:
        self._pseudo = pseudo

    def reference(self, resource: Resource) -> str:
        """Give a resource's name; a queue's URL.

        Raises:
            TemplateError: the type is not emulated, or the resource has no name.
        """
        if resource.kind == "AWS::SQS::Queue":
            sqs: SQSClient = boto3.client("sqs")
            return sqs.get_queue_url(QueueName=self._name(resource))["QueueUrl"]
        if resource.kind in NAMES:
            return self._name(resource)
        raise TemplateError(f"{resource.logical_id}: Ref of {resource.kind} is not emulated")

    def attribute(self, resource: Resource, name: str) -> str:
        """Give an ARN, or a queue's name.

        Raises:
            TemplateError: the attribute is not emulated, or the resource has no name.
        """
        lookups: dict[tuple[str, str], Callable[[], str]] = {
            ("AWS::DynamoDB::Table", "Arn"): lambda: self._table(resource)["TableArn"],
            ("AWS::DynamoDB::Table", "StreamArn"): lambda: self._table(resource)["LatestStreamArn"],
            ("AWS::Logs::LogGroup", "Arn"): lambda: self._arn(
                "logs", f"log-group:{self._name(resource)}:*"
            ),
            ("AWS::Serverless::Function", "Arn"): lambda: self._arn(
                "lambda", f"function:{self._name(resource)}"
            ),
            ("AWS::SQS::Queue", "Arn"): lambda: self._queue_arn(resource),
            ("AWS::SQS::Queue", "QueueName"): lambda: self._name(resource),
        }
        try:
            lookup = lookups[resource.kind, name]
        except KeyError:
            raise TemplateError(
                f"{resource.logical_id}: Fn::GetAtt {name} of {resource.kind} is not emulated"
            ) from None
        return lookup()

    def _table(self, resource: Resource) -> Any:  # noqa: ANN401 - a TypedDict of the stubs only
        dynamodb: DynamoDBClient = boto3.client("dynamodb")
        return dynamodb.describe_table(TableName=self._name(resource))["Table"]

    def _queue_arn(self, resource: Resource) -> str:
        sqs: SQSClient = boto3.client("sqs")
        url = self.reference(resource)
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def _arn(self, service: str, resource: str) -> str:
        partition, region, account = (
            self._pseudo[f"AWS::{name}"] for name in ("Partition", "Region", "AccountId")
        )
        return f"arn:{partition}:{service}:{region}:{account}:{resource}"

    def _name(self, resource: Resource) -> str:
        member = NAMES[resource.kind]
        name = resource.properties.get(member)
        if isinstance(name, dict) and isinstance(name.get("Fn::Sub"), str):
            name = Resolver(Template(Path(), {"Resources": {}}), self, self._pseudo).resolve(name)
        if not isinstance(name, str):
            raise TemplateError(f"{resource.logical_id}: the local stack needs a {member} by name")
        return name


def pseudo_parameters(region: str, account_id: str) -> dict[str, str]:
    """Give CloudFormation's pseudo parameters for an account in a region."""
    return {
        "AWS::Region": region,
        "AWS::AccountId": account_id,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
    }
