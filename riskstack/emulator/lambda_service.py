"""Serves one function of deploy/app.yaml on this machine, with the pollers of its streams."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from aws_lambda_powertools import Logger

from riskstack.emulator import event_source_mapping, function
from riskstack.emulator.cloudformation import create
from riskstack.emulator.lambda_api import Service, create_app
from riskstack.emulator.lambda_api.event_rules import RETRY_SECONDS
from riskstack.emulator.lambda_api.service import CONCURRENCY
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from riskstack.http_server import Protocol

OWN_VARIABLES = frozenset(
    {"ASYNC_RETRY_SECONDS", "CONCURRENCY", "HOST", "PORT", "STATE", "TEMPLATES"}
)
"""What is for the service and not for the function."""

GRACE_SECONDS = 8
"""What a call in flight gets at SIGTERM; Compose and supervisor kill after 10."""


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
    concurrency: int
    """Environments of the function at most; more invocations wait for their turn."""
    retry_seconds: float
    """Before the first retry of an asynchronous event; AWS waits a minute."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SystemExit: a variable is missing or no number; the text names it.
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
                concurrency=int(environ.get("CONCURRENCY", CONCURRENCY)),
                retry_seconds=float(environ.get("ASYNC_RETRY_SECONDS", RETRY_SECONDS)),
            )
        except KeyError as error:
            raise SystemExit(f"the Lambda service needs the variable {error.args[0]}") from None
        except ValueError as error:
            raise SystemExit(
                f"PORT, CONCURRENCY and ASYNC_RETRY_SECONDS must be numbers: {error}"
            ) from None


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
    declaration = function.declaration(app, function_name)
    properties = resolver.resolve(declaration)
    mappings = event_source_mapping.declared(properties)
    service = Service(
        function.read(properties, settings.region, settings.account_id),
        {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES},
        concurrency=settings.concurrency,
        retry_seconds=settings.retry_seconds,
        logger=logger,
    )

    def provide_again() -> None:
        provide()
        if event_source_mapping.declared(resolver.resolve(declaration)) != mappings:
            # an emulator in memory came back empty: its stream is another one
            logger.error("the stream is not the one that was read; starting anew")
            os.kill(os.getpid(), signal.SIGTERM)

    pollers = event_source_mapping.pollers(
        mappings,
        function_arn=service.function.arn,
        invoke=service.invoke_from_thread,
        state=settings.state,
        logger=logger,
        provide=provide_again,
    )
    try:
        uvicorn.run(
            create_app(service, pollers),
            host=settings.host,
            port=settings.port,
            http=Protocol,
            access_log=False,
            log_level="warning",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    finally:
        # at a second Ctrl+C the server ends without the application's own shutdown
        pollers.stop()
