"""The physical side of what deploy/data.yaml declares, asked of the emulator through the SDK."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from riskstack.emulator.template import Resolver, Resource, Template, TemplateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


class ExistingResources:
    """Looks resources up by the names that the template gives them."""

    def __init__(self, pseudo: Mapping[str, str]) -> None:
        self._pseudo = pseudo

    def reference(self, resource: Resource) -> str:
        """Give a table's or a bucket's name, a queue's URL."""
        match resource.kind:
            case "AWS::DynamoDB::Table":
                return self._name(resource, "TableName")
            case "AWS::S3::Bucket":
                return self._name(resource, "BucketName")
            case "AWS::SQS::Queue":
                sqs: SQSClient = boto3.client("sqs")
                return sqs.get_queue_url(QueueName=self._name(resource, "QueueName"))["QueueUrl"]
        raise TemplateError(f"{resource.logical_id}: Ref of {resource.kind} is not emulated")

    def attribute(self, resource: Resource, name: str) -> str:
        """Give an ARN."""
        lookups: dict[tuple[str, str], Callable[[], str]] = {
            ("AWS::DynamoDB::Table", "Arn"): lambda: self._table(resource)["TableArn"],
            ("AWS::DynamoDB::Table", "StreamArn"): lambda: self._table(resource)["LatestStreamArn"],
            ("AWS::SQS::Queue", "Arn"): lambda: self._queue_arn(resource),
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
        return dynamodb.describe_table(TableName=self._name(resource, "TableName"))["Table"]

    def _queue_arn(self, resource: Resource) -> str:
        sqs: SQSClient = boto3.client("sqs")
        url = self.reference(resource)
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    def _name(self, resource: Resource, member: str) -> str:
        name = resource.properties.get(member)
        if isinstance(name, dict) and isinstance(name.get("Fn::Sub"), str):
            name = Resolver(Template(Path(), {"Resources": {}}), self, self._pseudo).resolve(name)
        if not isinstance(name, str):
            raise TemplateError(f"{resource.logical_id}: the local stack needs a {member} by name")
        return name


def pseudo_parameters(region: str, account_id: str) -> dict[str, str]:
    """Give CloudFormation's pseudo parameters for an account in a region."""
    return {"AWS::Region": region, "AWS::AccountId": account_id, "AWS::Partition": "aws"}
