"""Creates what a template declares, where it is missing. Not: a change of what exists."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from riskstack.emulator.template import Resolver, Template, TemplateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

Properties = dict[str, Any]


def create(template: Template, resolver: Resolver) -> list[str]:
    """Create the resources that are missing; give a line for each resource.

    Raises:
        TemplateError: a resource's type or one of its properties is not emulated.
    """
    creators: Mapping[str, Callable[[Properties], str]] = {
        "AWS::DynamoDB::Table": _table,
        "AWS::SQS::Queue": _queue,
        "AWS::S3::Bucket": _bucket,
    }
    lines = []
    for resource in template.resources():
        if resource.kind not in creators:
            raise TemplateError(f"{resource.logical_id}: {resource.kind} is not emulated")
        lines.append(creators[resource.kind](resolver.resolve(dict(resource.properties))))
    return lines


def _table(properties: Properties) -> str:
    client: DynamoDBClient = boto3.client("dynamodb")
    name = properties["TableName"]
    time_to_live = properties.pop("TimeToLiveSpecification", None)
    stream = properties.pop("StreamSpecification", None)
    if stream:
        properties["StreamSpecification"] = {"StreamEnabled": True, **stream}
    _allow(
        properties,
        name,
        {
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "StreamSpecification",
            "TableName",
        },
    )
    try:
        client.create_table(**properties)
    except client.exceptions.ResourceInUseException:
        return f"table {name} is there"
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if time_to_live:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    return f"table {name} created"


def _queue(properties: Properties) -> str:
    client: SQSClient = boto3.client("sqs")
    name = properties.pop("QueueName")
    _allow(properties, name, {"MessageRetentionPeriod"})
    attributes: Any = {key: str(value) for key, value in properties.items()}
    client.create_queue(QueueName=name, Attributes=attributes)
    return f"queue {name} is there"


def _bucket(properties: Properties) -> str:
    client: S3Client = boto3.client("s3")
    name = properties.pop("BucketName")
    _allow(properties, name, set())
    # S3 refuses the one region's name that is its default
    elsewhere = client.meta.region_name != "us-east-1"
    where: Any = {"LocationConstraint": client.meta.region_name}
    try:
        client.create_bucket(
            Bucket=name, **({"CreateBucketConfiguration": where} if elsewhere else {})
        )
    except client.exceptions.BucketAlreadyOwnedByYou:
        return f"bucket {name} is there"
    return f"bucket {name} created"


def _allow(properties: Properties, name: str, emulated: set[str]) -> None:
    unknown = sorted(properties.keys() - emulated)
    if unknown:
        raise TemplateError(f"{name}: not emulated: {', '.join(unknown)}; remove it")
