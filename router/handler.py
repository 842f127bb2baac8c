"""The router function's handler: takes a batch off the stream and wires the parts; decides nothing.

A batch is answered with the records to deliver again (ReportBatchItemFailures). A record that can
never be routed goes to the failure queue and counts as done, so that it holds up nobody.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypedDict

import boto3
from aws_lambda_powertools import Logger
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from riskstack.contract.application import Application, Status
from riskstack.contract.decision import Decision
from riskstack.contract.record import MalformedItemError, from_item
from router import core
from router.endpoint import EndpointUnavailableError, RiskEndpoint
from router.rules import Eligibility, RuleSet
from router.settings import Settings
from router.store import (
    AlreadyRoutedError,
    FailureQueue,
    Store,
    StoreUnavailableError,
    TrailAheadError,
)

WRITERS = 8
"""Decisions written at once; each is an application of its own."""

RULES = RuleSet()
"""Read when the function starts, so that a rule that cannot be read stops it there."""

logger = Logger(service="router")
_deserialize = TypeDeserializer().deserialize


class ItemFailure(TypedDict):
    """A record to be delivered again."""

    itemIdentifier: str


class BatchAnswer(TypedDict):
    """What Lambda reads as a partial batch response."""

    batchItemFailures: list[ItemFailure]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One application, and the record of the stream that brought it."""

    record: Mapping[str, Any]
    application: Application

    @property
    def sequence_number(self) -> str:
        """What the record is called where it must be delivered again."""
        number: str = self.record["dynamodb"]["SequenceNumber"]
        return number


@dataclass(frozen=True, slots=True)
class Router:
    """The parts at work."""

    settings: Settings
    rules: RuleSet
    endpoint: RiskEndpoint
    store: Store
    failures: FailureQueue
    writers: ThreadPoolExecutor

    def route(self, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Route the new applications among the records; give what to deliver again."""
        deliveries, failed = self._new_applications(records)
        decisions: list[tuple[Delivery, Decision]] = []
        eligible: list[tuple[Delivery, Eligibility]] = []
        for delivery in deliveries:
            verdict = core.screen(delivery.application, self.rules)
            if isinstance(verdict, Decision):
                decisions.append((delivery, verdict))
            else:
                eligible.append((delivery, verdict))
        try:
            decisions += self._assess(eligible)
        except EndpointUnavailableError as error:
            logger.error("no scores; the applications wait", extra={"cause": str(error)})
            failed += [delivery.sequence_number for delivery, _ in eligible]
        written = self.writers.map(lambda pair: self._write(*pair), decisions)
        return failed + [number for number in written if number]

    def _new_applications(
        self, records: Iterable[Mapping[str, Any]]
    ) -> tuple[list[Delivery], list[str]]:
        deliveries: list[Delivery] = []
        failed: list[str] = []
        for record in records:
            number = record["dynamodb"]["SequenceNumber"]
            if record["eventName"] == "REMOVE":
                continue
            try:
                image = record["dynamodb"]["NewImage"]
                application = from_item(
                    {name: _deserialize(value) for name, value in image.items()}
                )
            except (MalformedItemError, KeyError, TypeError) as error:
                if not self._set_aside(record, str(error)):
                    failed.append(number)
                continue
            if application.status is Status.RECEIVED:
                deliveries.append(Delivery(record, application))
        return deliveries, failed

    def _set_aside(self, record: Mapping[str, Any], cause: str) -> bool:
        try:
            self.failures.send(record, cause)
        except StoreUnavailableError as error:
            logger.error("the failure queue does not answer", extra={"cause": str(error)})
            return False
        logger.error(
            "a record can never be routed; see the failure queue",
            extra={"event_id": record.get("eventID"), "cause": cause},
        )
        return True

    def _assess(
        self, eligible: Sequence[tuple[Delivery, Eligibility]]
    ) -> list[tuple[Delivery, Decision]]:
        if not eligible:
            return []
        scores = self.endpoint.score([delivery.application.answers for delivery, _ in eligible])
        return [
            (
                delivery,
                core.assess(
                    delivery.application,
                    eligibility,
                    scored,
                    self.rules,
                    self.settings.model_reasons,
                ),
            )
            for (delivery, eligibility), scored in zip(eligible, scores, strict=True)
        ]

    def _write(self, delivery: Delivery, decision: Decision) -> str | None:
        """Write one decision; give the sequence number where it must be delivered again."""
        application = delivery.application
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        context = {"application_id": application.application_id, "action": "routed"}
        try:
            self.store.write(core.transition(application, decision, at))
        except AlreadyRoutedError:
            logger.info("delivered again", extra=context)
        except TrailAheadError as error:
            if not self._set_aside(delivery.record, str(error)):
                return delivery.sequence_number
        except StoreUnavailableError as error:
            logger.error("not written; tried again", extra={**context, "cause": str(error)})
            return delivery.sequence_number
        else:
            logger.info("routed", extra={**context, "status": decision.status})
        return None


@cache
def build() -> Router:
    """Build the parts once for every invocation of this environment."""
    settings = Settings.from_environment(os.environ)
    patient = Config(
        retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=15
    )
    return Router(
        settings=settings,
        rules=RULES,
        endpoint=RiskEndpoint(boto3.client("sagemaker-runtime", config=patient), settings.endpoint),
        store=Store(boto3.resource("dynamodb", config=patient).meta.client, settings.tables),
        failures=FailureQueue(boto3.client("sqs", config=patient), settings.failure_queue_url),
        writers=ThreadPoolExecutor(WRITERS, thread_name_prefix="writer"),
    )


def handler(event: Mapping[str, Any], _context: object) -> BatchAnswer:
    """Route the applications of one batch of DynamoDB stream records."""
    failed = build().route(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
