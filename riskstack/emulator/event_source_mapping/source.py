"""What the loops of one mapping share: the stream, the function, the destination, the clock."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from riskstack.emulator.event_source_mapping.checkpoint import Checkpoints
from riskstack.emulator.event_source_mapping.destination import Destination
from riskstack.emulator.event_source_mapping.metrics import Counters
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.function import Result

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

Answer = TypeVar("Answer")

RECONNECT_PAUSE = 0.5
"""Seconds to wait where the stream or the destination does not answer."""


class Invocation(Protocol):
    """How the function is invoked; whoever serves it ends the wait at its time-out."""

    def __call__(self, payload: bytes, request_id: str, /) -> Result:
        """Invoke the function with an event as JSON.

        Raises:
            NotInvokedError: it cannot be invoked now.
        """


@dataclass(frozen=True, slots=True)
class Source:
    """What the loops of one mapping share."""

    function_arn: str
    invoke: Invocation
    settings: Settings
    streams: "DynamoDBStreamsClient"
    checkpoints: Checkpoints
    logger: Logger
    destination: Destination | None = None
    provide: Callable[[], object] = lambda: None
    """Creates again what an emulator lost that went away and came back."""
    counters: Counters = field(default_factory=Counters)
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    stopping: threading.Event = field(default_factory=threading.Event)

    def patiently(self, call: Callable[[], Answer]) -> Answer | None:
        """Try a call of the SDK until it succeeds; give `None` where the mapping stops first."""
        while not self.stopping.is_set():
            try:
                return call()
            except (BotoCoreError, ClientError) as error:
                self.logger.warning(
                    "an AWS call failed and is tried again", extra={"cause": str(error)}
                )
                self.stopping.wait(RECONNECT_PAUSE)
        return None

    def shards(self) -> list[Mapping[str, Any]]:
        """Give every shard that the stream describes."""
        shards: list[Mapping[str, Any]] = []
        page: dict[str, Any] = {"StreamArn": self.settings.stream_arn}
        while True:
            description = self.streams.describe_stream(**page)["StreamDescription"]
            shards.extend(description["Shards"])
            if "LastEvaluatedShardId" not in description:
                return shards
            page["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]
