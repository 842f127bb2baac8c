"""The process behind `serve`: one uvicorn worker that drains on SIGTERM."""

import uvicorn

from model_server.serving.readiness import Readiness
from model_server.serving.web import create_app
from model_server.settings import Settings

DRAIN_SECONDS = 25
"""SageMaker kills the container 30 s after SIGTERM."""
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep a connection idle, so that they close it and never meet a closed one."""


def serve(settings: Settings) -> int:
    """Serve until SIGTERM, and finish the requests that are under way; give the exit code."""
    uvicorn.Server(configure(settings)).run()
    return 0


def configure(settings: Settings) -> uvicorn.Config:
    """Give the web server's configuration, the application in it."""
    return uvicorn.Config(
        create_app(Readiness(settings.model)),
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
