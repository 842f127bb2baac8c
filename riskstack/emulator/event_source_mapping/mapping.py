"""The mappings of one function: read from the events that its template declares, and started."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from riskstack.emulator.event_source_mapping.checkpoint import Checkpoints
from riskstack.emulator.event_source_mapping.destination import destination
from riskstack.emulator.event_source_mapping.notice import mapping_id
from riskstack.emulator.event_source_mapping.poller import Poller, Pollers
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.event_source_mapping.source import Invocation, Source
from riskstack.emulator.template import TemplateError


def declared(properties: Mapping[str, Any]) -> tuple[Settings, ...]:
    """Read the mappings that a function's resolved properties declare as `Events`.

    Raises:
        TemplateError: an event is of another type, two read the same stream, or one has a setting
            that is not emulated.
    """
    settings = []
    for name, event in (properties.get("Events") or {}).items():
        if event.get("Type") != "DynamoDB":
            raise TemplateError(f"event {name}: the type {event.get('Type')} is not emulated")
        settings.append(Settings.from_event(event.get("Properties") or {}))
    streams = [one.stream_arn for one in settings]
    for arn in streams:
        if streams.count(arn) > 1:
            function = properties["FunctionName"]
            # Lambda's own words (recorded in localstack's test_duplicate_event_source_mappings)
            raise TemplateError(
                f'The event source arn (" {arn} ") and function (" {function} ") provided mapping '
                "already exists. Please update or delete the existing mapping with UUID "
                f"{mapping_id(function, arn)}"
            )
    return tuple(settings)


def pollers(  # noqa: PLR0913 - what a mapping is joined from
    mappings: Sequence[Settings],
    *,
    function_arn: str,
    invoke: Invocation,
    state: Path | None,
    logger: Logger,
    provide: Callable[[], object] = lambda: None,
) -> Pollers:
    """Join what each enabled mapping needs; checkpoints are kept in `state`.

    Raises:
        SystemExit: there is no folder for checkpoints.
    """
    name = function_arn.rpartition(":")[2]
    working = []
    for settings in mappings:
        if not settings.enabled:
            logger.info("the mapping is not enabled", extra={"stream": settings.stream_arn})
            continue
        if state is None:
            raise SystemExit(f"{name} polls a stream: set STATE, a folder that is kept")
        # a call that fails is the poller's to repeat, not the SDK's
        once = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
        client = partial(boto3.client, config=once)
        source = Source(
            function_arn=function_arn,
            invoke=invoke,
            settings=settings,
            streams=client("dynamodbstreams"),
            checkpoints=Checkpoints(state, name, settings.stream_arn, logger),
            logger=logger,
            destination=destination(settings.on_failure_arn, client),
            provide=provide,
        )
        working.append(Poller(source))
    return Pollers(working)
