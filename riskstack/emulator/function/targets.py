"""Where Lambda sends what became of an asynchronous event, as a template declares it.

Facts: AWS SAM's specification, "EventInvokeDestinationConfiguration" and "DeadLetterQueue"; Lambda
developer guide, "Capturing records of Lambda asynchronous invocations".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskstack.emulator.template import TemplateError

_TYPES = {"sqs": "SQS", "sns": "SNS", "lambda": "Lambda", "s3": "S3Bucket"}
"""The service in an ARN, and SAM's word for it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A queue, a topic, a function or a bucket."""

    service: str
    """As in its ARN: sqs, sns, lambda or s3."""
    arn: str


def read(place: str, kind: object, arn: object, allowed: frozenset[str]) -> Target:
    """Read a target's type and ARN.

    Raises:
        TemplateError: it is none that AWS or the local stack sends to.
    """
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        raise TemplateError(
            f"{place}: an ARN is needed; that SAM creates the resource is not emulated"
        )
    service = arn.split(":")[2]
    if service not in allowed:
        raise TemplateError(
            f"{place}: {service} is not emulated; use one of {', '.join(sorted(allowed))}"
        )
    if kind is not None and kind != _TYPES[service]:
        raise TemplateError(f"{place}: the Type of {arn} is {_TYPES[service]}, not {kind}")
    if arn.endswith(".fifo"):
        raise TemplateError(f"{place}: AWS does not deliver to {arn}: it is FIFO")
    return Target(service, arn)


_SUCCESS = frozenset({"sqs", "sns", "lambda"})


def destinations(place: str, config: Mapping[str, Any]) -> tuple[Target | None, Target | None]:
    """Read a DestinationConfig; give where successes and where failures go.

    Raises:
        TemplateError: as `read`.
    """
    unknown = sorted(config.keys() - {"OnSuccess", "OnFailure"})
    if unknown:
        raise TemplateError(f"{place}: not emulated: {', '.join(unknown)}; remove it")

    def target(key: str, allowed: frozenset[str]) -> Target | None:
        given = config.get(key)
        if not given:
            return None
        return read(f"{place}.{key}", given.get("Type"), given.get("Destination"), allowed)

    # a bucket takes failures only (developer guide)
    return target("OnSuccess", _SUCCESS), target("OnFailure", _SUCCESS | {"s3"})


def dead_letters(place: str, config: Mapping[str, Any] | None) -> Target | None:
    """Read a DeadLetterQueue.

    Raises:
        TemplateError: as `read`.
    """
    if config is None:
        return None
    return read(place, config.get("Type"), config.get("TargetArn"), frozenset({"sqs", "sns"}))
