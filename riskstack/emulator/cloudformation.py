"""Creates what deploy/data.yaml declares, where it is missing.

Of what is there already it sets again what can be set at any time. Not: a change of a table's keys,
indexes or stream, which CloudFormation would do by replacing the table.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from riskstack.emulator.template import Resolver, Resource, Template, TemplateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

Properties = dict[str, Any]

FOR_AWS_ALONE: Mapping[str, str] = {
    "AWS::S3::BucketPolicy": "nothing here speaks TLS, and no policy is enforced",
    "AWS::SQS::QueuePolicy": "nothing here speaks TLS, and no policy is enforced",
}
"""Types of which nothing is created here, each with the reason."""


def create(template: Template, resolver: Resolver) -> list[str]:
    """Create the resources that are missing; give a line for each resource.

    Raises:
        TemplateError: a resource's type or one of its properties is not emulated.
    """
    return [_resource(one, resolver) for one in template.resources() if resolver.stands(one)]


def _resource(resource: Resource, resolver: Resolver) -> str:
    creators: Mapping[str, Callable[[_Declared], str]] = {
        "AWS::DynamoDB::Table": _table,
        "AWS::SQS::Queue": _queue,
        "AWS::S3::Bucket": _bucket,
    }
    if resource.kind in FOR_AWS_ALONE:
        return f"{resource.logical_id} is for AWS alone: {FOR_AWS_ALONE[resource.kind]}"
    if resource.kind not in creators:
        raise TemplateError(f"{resource.logical_id}: {resource.kind} is not emulated")
    declared = _Declared(resource.logical_id, resolver.resolve(dict(resource.properties)))
    return creators[resource.kind](declared)


class _Declared:
    """The properties of one resource, of which each is to be taken by somebody."""

    def __init__(self, logical_id: str, properties: Properties) -> None:
        self._logical_id = logical_id
        self._rest = properties

    def take(self, name: str) -> Any:  # noqa: ANN401 - a template holds any value
        """Take a property, `None` where it is not declared."""
        return self._rest.pop(name, None)

    def take_all(self, names: tuple[str, ...]) -> Properties:
        """Take those of several properties that are declared."""
        return {name: self._rest.pop(name) for name in names if name in self._rest}

    def take_map(self, name: str, members: set[str]) -> Any:  # noqa: ANN401 - as above
        """Take a property that is a map, with no other members than these.

        Raises:
            TemplateError: it has another member.
        """
        value = self.take(name)
        self._refuse([f"{name}.{one}" for one in (value or {}).keys() - members])
        return value

    def end(self) -> None:
        """Refuse what nobody took.

        Raises:
            TemplateError: there is something left.
        """
        self._refuse(list(self._rest))

    def _refuse(self, names: list[str]) -> None:
        if names:
            unknown = ", ".join(sorted(names))
            raise TemplateError(f"{self._logical_id}: not emulated: {unknown}; remove it")


def _table(declared: _Declared) -> str:
    client: DynamoDBClient = boto3.client("dynamodb")
    request = declared.take_all(
        (
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "TableName",
            "Tags",
        )
    )
    name = request["TableName"]
    stream = declared.take_map("StreamSpecification", {"StreamViewType"})
    if stream:
        request["StreamSpecification"] = {"StreamEnabled": True, **stream}
    # CloudFormation's name of the member is another than the API's
    encryption = declared.take_map("SSESpecification", {"SSEEnabled"})
    if encryption:
        request["SSESpecification"] = {"Enabled": encryption["SSEEnabled"]}
    time_to_live = declared.take("TimeToLiveSpecification")
    recovery = declared.take_map("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled"})
    declared.end()
    try:
        client.create_table(**request)
    except client.exceptions.ResourceInUseException:
        line = f"table {name} is there"
    else:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        line = f"table {name} created"
    if time_to_live:
        _set_time_to_live(client, name, time_to_live)
    if recovery:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return line


def _set_time_to_live(client: "DynamoDBClient", name: str, wanted: Any) -> None:  # noqa: ANN401 - a TypedDict of the stubs only
    """Set it where it is not set; DynamoDB refuses to set it twice."""
    found = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    is_enabled = found.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    if is_enabled != wanted["Enabled"]:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)


def _queue(declared: _Declared) -> str:
    client: SQSClient = boto3.client("sqs")
    name = declared.take("QueueName")
    tags = {tag["Key"]: tag["Value"] for tag in declared.take("Tags") or ()}
    properties = declared.take_all(
        ("MessageRetentionPeriod", "SqsManagedSseEnabled", "VisibilityTimeout")
    )
    declared.end()
    attributes: Any = {key: _attribute(value) for key, value in properties.items()}
    url = client.create_queue(QueueName=name)["QueueUrl"]
    # to create it with other attributes than it has is an error
    client.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    client.tag_queue(QueueUrl=url, Tags=tags)
    return f"queue {name} is there"


def _attribute(value: object) -> str:
    """Write an attribute as SQS takes it: a text."""
    return value if isinstance(value, str) else json.dumps(value)


def _bucket(declared: _Declared) -> str:
    client: S3Client = boto3.client("s3")
    name = declared.take("BucketName")
    encryption = declared.take("BucketEncryption")
    access = declared.take("PublicAccessBlockConfiguration")
    ownership = declared.take("OwnershipControls")
    tags = declared.take("Tags")
    declared.end()
    line = _create_bucket(client, name)
    if encryption:
        rules: Any = {
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
                for rule in encryption["ServerSideEncryptionConfiguration"]
            ]
        }
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    if access:
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=access)
    if ownership:
        client.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    if tags:
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    return line


def _create_bucket(client: "S3Client", name: str) -> str:
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
