"""The service put together: settings and declaration in, an application out."""

import asyncio
import gc
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import botocore.session
import docker
from aws_lambda_powertools import Logger
from docker.errors import DockerException
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hosting.control.api_errors import ApiError
from hosting.control.arn import Owner
from hosting.control.control import Control
from hosting.control.instances import Instances
from hosting.control.json_protocol import JsonProtocol, Service
from hosting.control.registry import Registry
from hosting.control.tags import Tags
from hosting.declaration import DeclarationError, check_containers, read_declaration
from hosting.fleet.docker_engine import DockerFleet
from hosting.fleet.engine import Engine
from hosting.fleet.fleet import Fleet
from hosting.fleet.model_data import ModelData
from hosting.fleet.processes import ProcessFleet
from hosting.jobs.jobs import Jobs
from hosting.jobs.objects import Objects
from hosting.jobs.workplace import Workplace
from hosting.live import LiveEndpoints
from hosting.runtime.api import RuntimeApi, runtime_routes
from hosting.runtime.call import Account
from hosting.runtime.runtime import Runtime
from hosting.settings import Settings, SettingsError
from hosting.store import Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def create_app(
    settings: Settings,
    log: Logger,
    draw: Callable[[], float] = random.random,
) -> RuntimeApi:
    """Make the application that serves the declared endpoints, and those that clients create.

    Raises:
        DeclarationError: the declaration or CONTAINERS cannot be served.
        SettingsError: the container engine does not answer.
    """
    session = botocore.session.get_session()
    sagemaker = session.get_service_model("sagemaker")
    declaration = read_declaration(settings.endpoints_file, sagemaker)
    check_containers(declaration, settings.containers)
    store = Store(settings.state / "documents")
    live = LiveEndpoints()

    def s3() -> "S3Client":
        return boto3.client("s3", region_name=settings.region)

    # the fleet
    fleet = _fleet(settings, ModelData(s3))

    # the control API
    registry = Registry(
        store=store,
        owner=Owner(settings.account_id, settings.region),
        tags=Tags(store),
        clock=time.time,
        given=settings.containers.keys(),
        instance_limit=settings.instance_limit,
    )
    instances = Instances(fleet, settings.containers, settings.invocation_timeout_s, log)
    control = Control(registry, instances, live, log, settings.metric_period_s)
    try:
        control.declare(declaration.models, declaration.endpoint_configs)
    except ApiError as error:
        raise DeclarationError(f"{settings.endpoints_file}: {error.message}") from None

    # jobs
    jobs = Jobs(
        Workplace(
            registry=registry,
            fleet=fleet,
            objects=Objects(s3),
            folder=settings.state / "jobs",
            log=log,
        )
    )

    # the runtime API
    account = Account(settings.account_id, settings.region)
    runtime = Runtime(account, live, store, s3, log, draw)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            control.running(declaration.endpoints),
            jobs.running(),
            # ends first: what waits asks no container that is about to stop
            runtime.running(),
        ):
            # what is here now stays: the collector, which pauses requests, need not look at it
            gc.freeze()
            yield
            # side by side with what ends now: all that runs has the same few seconds
            end = asyncio.ensure_future(fleet.close())
        await end

    async def health(_request: Request) -> JSONResponse:
        if failing := control.not_in_service():
            return JSONResponse(
                {"status": "unavailable", "endpoints": failing}, HTTPStatus.SERVICE_UNAVAILABLE
            )
        return JSONResponse({"status": "ok"})

    app = FastAPI(
        title="SageMaker hosting",
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={
            HTTPStatus.NOT_FOUND: _unknown_operation,
            HTTPStatus.METHOD_NOT_ALLOWED: _unknown_operation,
        },
    )
    services = [
        Service(sagemaker, {**control.operations(), **jobs.operations()}),
        Service(
            session.get_service_model("application-autoscaling"), control.auto_scaling_operations()
        ),
    ]
    app.router.routes += [
        Route("/health", health, methods=["GET"]),
        Route("/", JsonProtocol(services, log).answer, methods=["POST"]),
        *runtime_routes(runtime),
    ]
    return RuntimeApi(runtime, log, app)


def _fleet(settings: Settings, model_data: ModelData) -> Fleet:
    engine = settings.container_engine
    if engine is None:
        homes = settings.state / "processes"
        return ProcessFleet(settings.process_images, settings.inherited, homes, model_data)
    try:
        client = docker.DockerClient(base_url=engine.url)
    except DockerException as error:
        raise SettingsError(f"CONTAINER_ENGINE {engine.url} does not answer: {error}") from error
    files = settings.state / "files"
    return DockerFleet(Engine(client, engine.stack, engine.network), files, model_data)


async def _unknown_operation(_request: Request, _error: Exception) -> Response:
    """Answer a path or method that is no operation, as AWS does."""
    return Response(
        "<UnknownOperationException/>\n",
        HTTPStatus.NOT_FOUND,
        {"x-amzn-RequestId": str(uuid4()), "x-amzn-errortype": "UnknownOperationException"},
    )
