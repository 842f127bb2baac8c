"""What an event source mapping is told, read from a SAM event of type DynamoDB.

Names, defaults and ranges are AWS's (Lambda developer guide, "Lambda parameters for Amazon DynamoDB
event source mappings"; botocore's CreateEventSourceMapping). What is not emulated is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.template import TemplateError, as_text

FOREVER = -1
TRIM_HORIZON = "TRIM_HORIZON"
LATEST = "LATEST"
MOST_FILTERS = 5
LONGEST_PATTERN = 4096
YOUNGEST_RECORD_AGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An event source mapping's settings; times are in seconds."""

    stream_arn: str
    starting_position: str
    enabled: bool = True
    batch_size: int = 100
    maximum_batching_window: float = 0
    parallelization_factor: int = 1
    maximum_retry_attempts: int = FOREVER
    maximum_record_age: float = FOREVER
    bisect_batch_on_function_error: bool = False
    report_batch_item_failures: bool = False
    tumbling_window: int = 0
    """0 for none."""
    filters: tuple[Pattern, ...] = ()
    """A record passes that matches one of them; every record passes where there are none."""
    on_failure_arn: str | None = None
    """A queue's, a topic's or a bucket's."""

    @classmethod
    def from_event(cls, properties: Mapping[str, Any]) -> "Settings":
        """Read the resolved properties of a SAM event of type DynamoDB.

        Raises:
            TemplateError: a property is missing, not emulated, or out of AWS's range.
        """
        left = dict(properties)
        settings = cls(
            stream_arn=_stream(left),
            starting_position=_starting_position(left),
            enabled=_flag(left, "Enabled", default=True),
            batch_size=_number(left, "BatchSize", 100, 1, 10_000),
            maximum_batching_window=_number(left, "MaximumBatchingWindowInSeconds", 0, 0, 300),
            parallelization_factor=_number(left, "ParallelizationFactor", 1, 1, 10),
            maximum_retry_attempts=_number(left, "MaximumRetryAttempts", FOREVER, FOREVER, 10_000),
            maximum_record_age=_record_age(left),
            bisect_batch_on_function_error=_flag(left, "BisectBatchOnFunctionError"),
            report_batch_item_failures=_reports_failures(left.pop("FunctionResponseTypes", [])),
            tumbling_window=_number(left, "TumblingWindowInSeconds", 0, 0, 900),
            filters=_filters(left.pop("FilterCriteria", None)),
            on_failure_arn=_destination(left.pop("DestinationConfig", None)),
        )
        _check_metrics(left.pop("MetricsConfig", {}))
        if left:
            raise TemplateError(
                f"the event source mapping does not emulate {', '.join(sorted(left))}; remove it"
            )
        if settings.tumbling_window and settings.parallelization_factor > 1:
            raise TemplateError(
                "TumblingWindowInSeconds with a ParallelizationFactor above 1 is not emulated: "
                "AWS does not say whose state is whose; remove one of them"
            )
        return settings


def _stream(left: dict[str, Any]) -> str:
    arn = left.pop("Stream", None)
    if not isinstance(arn, str) or not arn:
        raise TemplateError("Stream: give the ARN of a DynamoDB stream")
    service = [*arn.split(":", 3), "", ""][2]
    if arn.startswith("arn:") and service != "dynamodb":
        raise TemplateError(f"Stream: only DynamoDB streams are emulated, not {service}: {arn}")
    return arn


def _starting_position(left: dict[str, Any]) -> str:
    position = left.pop("StartingPosition", None)
    if position not in {TRIM_HORIZON, LATEST}:
        # AT_TIMESTAMP is for Kinesis and Kafka (botocore, CreateEventSourceMapping)
        raise TemplateError(
            f"StartingPosition: a DynamoDB stream starts at {TRIM_HORIZON} or {LATEST}"
        )
    return str(position)


def _number(left: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """Take a number, which a parameter gives as text."""
    try:
        value = int(as_text(name, left.pop(name, default)))
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise TemplateError(f"{name} must be from {least} to {most}")
    return value


def _record_age(left: dict[str, Any]) -> int:
    name = "MaximumRecordAgeInSeconds"
    age = _number(left, name, FOREVER, FOREVER, 604_800)
    if FOREVER < age < YOUNGEST_RECORD_AGE:
        raise TemplateError(f"{name} must be {FOREVER} or from {YOUNGEST_RECORD_AGE} to 604800")
    return age


def _flag(left: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """Take true or false, which a parameter gives as text."""
    text = as_text(name, left.pop(name, default))
    if text not in {"true", "false"}:
        raise TemplateError(f"{name} must be true or false")
    return text == "true"


def _reports_failures(response_types: Sequence[str]) -> bool:
    if set(response_types) <= {"ReportBatchItemFailures"}:
        return bool(response_types)
    raise TemplateError("FunctionResponseTypes: AWS knows only ReportBatchItemFailures")


def _filters(criteria: Any) -> tuple[Pattern, ...]:  # noqa: ANN401 - a template holds any value
    match criteria:
        case None | {"Filters": None | []}:
            return ()
        case {"Filters": list() as filters, **rest} if not rest:
            pass
        case {**rest} if not rest:
            return ()
        case _:
            raise TemplateError("FilterCriteria: give Filters, a list of objects with a Pattern")
    if len(filters) > MOST_FILTERS:
        raise TemplateError(f"FilterCriteria: a mapping has at most {MOST_FILTERS} filters")
    return tuple(_pattern(one) for one in filters)


def _pattern(declared: Any) -> Pattern:  # noqa: ANN401 - as above
    match declared:
        case {"Pattern": str() as text, **rest} if not rest:
            if len(text) > LONGEST_PATTERN:
                raise TemplateError(
                    f"FilterCriteria: a Pattern has at most {LONGEST_PATTERN} characters"
                )
            return Pattern.read(text)
    raise TemplateError("FilterCriteria: a filter is an object with a Pattern, JSON as text")


def _destination(declared: Any) -> str | None:  # noqa: ANN401 - as above
    match declared:
        case None | {"OnFailure": None}:
            return None
        case {"OnFailure": {"Destination": str() as arn, **others}, **rest} if not rest:
            kind = others.pop("Type", None)
            if not others:
                return _destination_arn(arn, kind)
        case {"OnFailure": {**given}, **rest} if not given and not rest:
            return None
        case {**given} if not given:
            return None
    raise TemplateError(
        "DestinationConfig: only OnFailure with a Destination, and a Type where wanted, is emulated"
    )


def _destination_arn(arn: str, kind: object) -> str:
    service = [*arn.split(":", 3), "", "", ""][2]
    if service not in {"sqs", "sns", "s3"}:
        raise TemplateError(
            "DestinationConfig: only OnFailure to an SQS queue, an SNS topic or an S3 bucket "
            f"is emulated, not {arn}"
        )
    if arn.endswith(".fifo"):
        # Lambda developer guide, "Retain discarded records": standard queues and topics
        raise TemplateError(f"DestinationConfig: OnFailure wants no FIFO queue or topic: {arn}")
    if kind not in {None, service.upper()}:
        raise TemplateError(f"DestinationConfig: the Type is {kind}, but the Destination is {arn}")
    return arn


def _check_metrics(declared: Mapping[str, Any]) -> None:
    # what is counted is always on /metrics
    if set(declared) - {"Metrics"} or set(declared.get("Metrics") or ()) - {"EventCount"}:
        raise TemplateError("MetricsConfig: only the Metrics EventCount is emulated")
