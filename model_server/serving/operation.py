"""What every container has whatever it serves: /ping, /metrics and /execution-parameters."""

import os
from collections.abc import Callable, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Response
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from model_server.serving.execution_parameters import execution_parameters
from model_server.serving.metrics import CONTENT_TYPE, Metrics


def create_app(
    healthy: Callable[[], bool],
    metrics: Metrics,
    max_body_bytes: int,
    *,
    routes: Sequence[BaseRoute],
    lifespan: Lifespan[FastAPI],
) -> FastAPI:
    """Build the application around the routes of what is served."""
    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False, routes=[*routes])

    @app.api_route("/ping", methods=["GET", "POST"])
    async def ping() -> Response:
        # POST as well: AWS's page asks for it in "Requirements for inference containers"
        return Response(status_code=HTTPStatus.OK if healthy() else HTTPStatus.SERVICE_UNAVAILABLE)

    @app.get("/metrics")
    async def prometheus() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    @app.get("/execution-parameters")
    async def parameters() -> dict[str, int | str]:
        return execution_parameters(os.cpu_count() or 1, max_body_bytes)

    return app
