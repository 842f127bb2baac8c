"""What outlives its stack because the template keeps it (DeletionPolicy: Retain), by its name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import ClientError

from deployment.problem import DeploymentError
from deployment.undertaking import Clients
from riskstack.emulator.physical import NAMES, ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template

_MISSING = {"404", "NoSuchBucket", "NotFound"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that is there, and how to delete it."""

    kind: str
    name: str
    delete: Callable[[], object]


def kept(template: Template, region: str, account: str, clients: Clients) -> Iterator[Kept]:
    """Give what a template keeps and is there.

    Raises:
        DeploymentError: a template keeps what nobody here can delete.
    """
    pseudo = pseudo_parameters(region, account)
    resolver = Resolver(template, ExistingResources(pseudo), pseudo)
    finders: Mapping[str, Callable[[str, Clients], Callable[[], object] | None]] = {
        "AWS::DynamoDB::Table": _table,
        "AWS::S3::Bucket": _bucket,
        "AWS::SQS::Queue": _queue,
    }
    for resource in template.resources():
        declared = template.body["Resources"][resource.logical_id]
        if declared.get("DeletionPolicy") != "Retain":
            continue
        if resource.kind not in finders:
            raise DeploymentError(
                f"{template.path.name} keeps {resource.logical_id}, and a {resource.kind} can only"
                " be deleted by hand"
            )
        name = resolver.resolve(resource.properties[NAMES[resource.kind]])
        delete = finders[resource.kind](name, clients)
        if delete:
            yield Kept(resource.kind, name, delete)


def _table(name: str, clients: Clients) -> Callable[[], object] | None:
    try:
        clients.dynamodb.describe_table(TableName=name)
    except clients.dynamodb.exceptions.ResourceNotFoundException:
        return None
    return partial(clients.dynamodb.delete_table, TableName=name)


def _queue(name: str, clients: Clients) -> Callable[[], object] | None:
    try:
        url = clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except clients.sqs.exceptions.QueueDoesNotExist:
        return None
    return partial(clients.sqs.delete_queue, QueueUrl=url)


def _bucket(name: str, clients: Clients) -> Callable[[], object] | None:
    try:
        clients.s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        return None
    return partial(clients.s3.delete_bucket, Bucket=name)
