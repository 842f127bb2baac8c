"""Serves one function of deploy/app.yaml on this machine, with the poller of its stream."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import uvicorn
from aws_lambda_powertools import Logger
from botocore.config import Config

from riskstack.emulator.checkpoint import Checkpoints
from riskstack.emulator.cloudformation import create
from riskstack.emulator.event_source_mapping import Settings as MappingSettings
from riskstack.emulator.function import Function, declaration, load
from riskstack.emulator.lambda_api import create_app
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.poller import Poller, Source
from riskstack.emulator.template import Resolver, Template, TemplateError


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service listens, what it reads, where it keeps its checkpoints."""

    host: str
    port: int
    templates: Path
    state: Path | None
    """Where checkpoints are kept, for a function with a stream."""
    region: str
    account_id: str
    log_level: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SystemExit: a variable is missing; the text names it.
        """
        try:
            return cls(
                host=environ["HOST"],
                port=int(environ["PORT"]),
                templates=Path(environ["TEMPLATES"]),
                state=Path(environ["STATE"]) if "STATE" in environ else None,
                region=environ["AWS_DEFAULT_REGION"],
                account_id=environ["AWS_ACCOUNT_ID"],
                log_level=environ.get("LOG_LEVEL", "INFO"),
            )
        except KeyError as error:
            raise SystemExit(f"the Lambda service needs the variable {error.args[0]}") from None


def serve(function_name: str) -> None:
    """Serve a function as its template and the environment say, until SIGTERM."""
    settings = Settings.from_environment(os.environ)
    logger = Logger(service="lambda", level=settings.log_level)
    pseudo = pseudo_parameters(settings.region, settings.account_id)
    existing = ExistingResources(pseudo)
    data = Template.read(settings.templates / "data.yaml")
    app = Template.read(settings.templates / "app.yaml")
    data_resolver = Resolver(data, existing, pseudo)
    # LocalStack keeps tables over its restart, but neither queues nor buckets
    provide = partial(create, data, data_resolver)
    provide()
    resolver = Resolver(app, existing, pseudo, imports=data_resolver)
    declared = declaration(app, function_name)
    properties = resolver.resolve(declared)
    function = load(properties, settings.region, settings.account_id)
    mapping = event_source_mapping(properties)

    def provide_again() -> None:
        provide()
        if event_source_mapping(resolver.resolve(declared)) != mapping:
            # an emulator in memory came back empty: its stream is another one
            logger.error("the stream is not the one that was read; starting anew")
            os.kill(os.getpid(), signal.SIGTERM)

    poller = None
    if mapping:
        poller = Poller(source(function, mapping, settings.state, provide_again, logger))
    uvicorn.run(
        create_app(function, poller),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
    )


def event_source_mapping(properties: Mapping[str, Any]) -> MappingSettings | None:
    """Read the settings of the stream that triggers a function, `None` where none does.

    Raises:
        TemplateError: the function has a trigger of another kind, or more than one.
    """
    events = properties.get("Events", {})
    for name, event in events.items():
        if event["Type"] != "DynamoDB":
            raise TemplateError(f"event {name}: the type {event['Type']} is not emulated")
    if len(events) > 1:
        raise TemplateError(f"{properties['FunctionName']}: only one event is emulated")
    mappings = (MappingSettings.from_event(event["Properties"]) for event in events.values())
    return next(mappings, None)


def source(
    function: Function,
    mapping: MappingSettings,
    state: Path | None,
    provide: Callable[[], object],
    logger: Logger,
) -> Source:
    """Join what a poller needs; a call that fails is the poller's to repeat, not the SDK's.

    Raises:
        SystemExit: there is no folder for checkpoints.
    """
    if state is None:
        raise SystemExit(f"{function.name} polls a stream: set STATE, a folder that is kept")
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    return Source(
        function=function,
        settings=mapping,
        streams=boto3.client("dynamodbstreams", config=once),
        sqs=boto3.client("sqs", config=once),
        checkpoints=Checkpoints(state, function.name, mapping.stream_arn),
        logger=logger,
        provide=provide,
    )
