"""The on-failure destination: an SQS queue, an SNS topic or an S3 bucket, through the SDK."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from riskstack.emulator.event_source_mapping.notice import (
    Place,
    notice,
    object_key,
    with_records,
)
from riskstack.emulator.event_source_mapping.outcome import Discard

Client = Callable[[str], Any]
"""Gives the SDK's client of a service."""


class Destination(Protocol):
    """Whom to tell of records that are given up."""

    def tell(self, discard: Discard, place: Place, now: datetime) -> None:
        """Deliver a notice, or raise what the SDK raises."""


class Queue:
    """An SQS queue."""

    def __init__(self, arn: str, client: Client) -> None:
        self._name = arn.rpartition(":")[2]
        self._sqs = client("sqs")

    def tell(self, discard: Discard, place: Place, now: datetime) -> None:
        """Send the notice as a message."""
        url = self._sqs.get_queue_url(QueueName=self._name)["QueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=_message(discard, place, now))


class Topic:
    """An SNS topic."""

    def __init__(self, arn: str, client: Client) -> None:
        self._arn = arn
        self._sns = client("sns")

    def tell(self, discard: Discard, place: Place, now: datetime) -> None:
        """Publish the notice."""
        self._sns.publish(TopicArn=self._arn, Message=_message(discard, place, now))


class Bucket:
    """An S3 bucket; it gets the records too."""

    def __init__(self, arn: str, client: Client) -> None:
        self._name = arn.rpartition(":")[2]
        self._s3 = client("s3")

    def tell(self, discard: Discard, place: Place, now: datetime) -> None:
        """Put the notice and the records as an object."""
        request_id = discard.request_id or str(uuid.uuid4())
        body = with_records(notice(discard, place, request_id, now), discard)
        self._s3.put_object(
            Bucket=self._name,
            Key=object_key(place, now, str(uuid.uuid4())),
            Body=json.dumps(body).encode(),
        )


def destination(arn: str | None, client: Client) -> Destination | None:
    """Give the destination that an ARN names, `None` for none."""
    if arn is None:
        return None
    kinds: dict[str, Callable[[str, Client], Destination]] = {
        "sqs": Queue,
        "sns": Topic,
        "s3": Bucket,
    }
    return kinds[arn.split(":")[2]](arn, client)


def _message(discard: Discard, place: Place, now: datetime) -> str:
    return json.dumps(notice(discard, place, discard.request_id or str(uuid.uuid4()), now))
