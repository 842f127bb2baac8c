"""Sends records and dead letters to queues, topics, functions and buckets, through the SDK."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config

from riskstack.emulator.function.targets import Target
from riskstack.emulator.lambda_api.event_records import object_key

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=10
)

Attributes = Mapping[str, Mapping[str, Any]]


class Delivery(Protocol):
    """What the queue of events asks of the rest of AWS."""

    def send(self, target: Target, function: str, body: str, attributes: Attributes) -> None:
        """Send a message; attributes are for queues and topics.

        Raises:
            BotoCoreError, ClientError: it did not arrive.
        """


@cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - each service has a type of its own
    return boto3.client(service, region_name=region, config=_PATIENT)  # type: ignore[call-overload] # a name of four


class SdkDelivery:
    """Delivery through boto3; where AWS is, the SDK reads from its own variables."""

    def send(self, target: Target, function: str, body: str, attributes: Attributes) -> None:
        """Send a message to a target.

        Raises:
            BotoCoreError, ClientError: it did not arrive.
        """
        _, _, _, region, account, name = target.arn.split(":", 5)
        client = _client(target.service, region or boto3.Session().region_name)
        match target.service:
            case "sqs":
                sqs: SQSClient = client
                url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
                given: Any = attributes
                sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=given)
            case "sns":
                client.publish(
                    TopicArn=target.arn, Message=body, MessageAttributes=dict(attributes)
                )
            case "lambda":
                other: LambdaClient = client
                other.invoke(FunctionName=target.arn, InvocationType="Event", Payload=body.encode())
            case "s3":
                s3: S3Client = client
                key = object_key(function, datetime.now(UTC))
                s3.put_object(Bucket=name, Key=key, Body=body.encode())
