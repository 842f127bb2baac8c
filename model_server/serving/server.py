"""The process behind `serve`: one uvicorn worker that drains on SIGTERM."""

import functools
import logging
import os
import sys
import threading

import uvicorn
from starlette.types import ASGIApp

from model_server.script.start import THREADS
from model_server.serving import memory, models_api, web
from model_server.serving.loading import Loader
from model_server.serving.metrics import Metrics
from model_server.serving.multi_model import Models
from model_server.serving.readiness import Readiness
from model_server.serving.room import Room
from model_server.serving.slices import BATCH_SECONDS, SECONDS, Slices
from model_server.settings import Settings

DRAIN_SECONDS = 25
"""SageMaker kills the container 30 s after SIGTERM."""
SCRIPT_SECONDS = 1
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep a connection idle, so that they close it and never meet a closed one."""

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM, and finish the requests that are under way; give the exit code."""
    try:
        uvicorn.Server(configure(settings)).run()
    finally:
        _leave_scripts()
    return 0


def configure(settings: Settings) -> uvicorn.Config:
    """Give the web server's configuration, the application in it."""
    return uvicorn.Config(
        _application(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _leave_scripts() -> None:
    """End the process where a customer's function blocks: nothing else can stop its thread."""
    scripts = [thread for thread in threading.enumerate() if thread.name.startswith(THREADS)]
    for thread in scripts:
        thread.join(SCRIPT_SECONDS)
    if any(thread.is_alive() for thread in scripts):
        logger.error("a function of the script has not come back: the process ends without it")
        sys.stdout.flush()
        os._exit(0)


def _application(settings: Settings) -> ASGIApp:
    metrics = Metrics()
    slices = Slices(BATCH_SECONDS if settings.batch else SECONDS)
    loader = Loader(settings, metrics, slices)
    limit = settings.max_body_bytes
    if settings.multi_model:
        room = Room(settings.base, settings.max_models, _memory(settings.max_memory_percent))
        return models_api.create_app(Models(loader.load, metrics, room), metrics, slices, limit)
    readiness = Readiness(functools.partial(loader.load, settings.model))
    return web.create_app(readiness, metrics, slices, limit)


def _memory(percent: int) -> int | None:
    limit = memory.limit_bytes()
    return None if limit is None else limit * percent // 100
