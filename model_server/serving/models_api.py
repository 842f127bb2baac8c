"""The container's HTTP with many models: loading, listing, unloading and invoking them.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html; an error is JSON as Multi
Model Server writes it: code, type, message (awslabs/multi-model-server ErrorResponse.java).
"""

import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from model_server.model.predictor import ModelError
from model_server.serving import operation, wire
from model_server.serving.errors import TooLargeError
from model_server.serving.invocations import Invocations
from model_server.serving.metrics import Metrics
from model_server.serving.multi_model import AlreadyRegisteredError, Listed, Models
from model_server.serving.room import ModelNotFoundError, NoRoomError
from model_server.serving.slices import Slices

PAGE = 100
"""Multi Model Server's page size (ManagementRequestHandler.java)."""
MAX_LOAD_BYTES = 65_536
STATUS: Mapping[type[Exception], tuple[HTTPStatus, str]] = {
    ValidationError: (HTTPStatus.BAD_REQUEST, "BadRequestException"),
    ModelNotFoundError: (HTTPStatus.NOT_FOUND, "ModelNotFoundException"),
    AlreadyRegisteredError: (HTTPStatus.CONFLICT, "ConflictStatusException"),
    ModelError: (HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerException"),
    TooLargeError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLargeException"),
    wire.SlowBodyError: (HTTPStatus.REQUEST_TIMEOUT, "RequestTimeoutException"),
    NoRoomError: (HTTPStatus.INSUFFICIENT_STORAGE, "InsufficientStorageException"),
}

logger = logging.getLogger(__name__)


class LoadRequest(BaseModel):
    """What SageMaker posts to /models."""

    model_name: str
    url: str


class InvokeModel:
    """The ASGI application of /models/{name}/invoke."""

    def __init__(self, models: Models, metrics: Metrics, slices: Slices, limit: int) -> None:
        self._models = models
        self._metrics = metrics
        self._slices = slices
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one invocation. Raises ModelNotFoundError."""
        name = scope["path_params"]["name"]
        try:
            with self._models.in_use(name) as model:
                invocations = Invocations(lambda: model, self._metrics, self._slices, self._limit)
                await invocations(scope, receive, send)
        except ModelNotFoundError:
            self._metrics.end(self._metrics.begin(), HTTPStatus.NOT_FOUND)
            raise


def create_app(models: Models, metrics: Metrics, slices: Slices, max_body_bytes: int) -> FastAPI:
    """Build the application. No model is loaded until SageMaker says so; /ping answers at once."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        slices.close()
        models.close()

    invoke = InvokeModel(models, metrics, slices, max_body_bytes)
    app = operation.create_app(
        lambda: True,
        metrics,
        max_body_bytes,
        routes=[Route("/models/{name:path}/invoke", invoke, methods=["POST"])],
        lifespan=lifespan,
    )
    for error in STATUS:
        app.add_exception_handler(error, _refused)
    app.add_exception_handler(wire.Disconnected, _left)

    @app.post("/models")
    async def load(request: Request) -> dict[str, str]:
        asked = LoadRequest.model_validate_json(
            await wire.read_body(request.receive, MAX_LOAD_BYTES)
        )
        await models.load(asked.model_name, asked.url)
        return {"status": "Workers scaled"}

    @app.get("/models")
    async def listed(next_page_token: str = "", limit: int = PAGE) -> dict[str, object]:
        page, token = models.page(next_page_token, min(max(limit, 1), PAGE))
        described: list[dict[str, str]] = [_described(model) for model in page]
        return {"models": described} | ({"nextPageToken": token} if token else {})

    @app.get("/models/{name:path}")
    async def describe(name: str) -> dict[str, str]:
        return _described(models.get(name))

    @app.delete("/models/{name:path}")
    async def unload(name: str) -> dict[str, str]:
        await models.unload(name)
        return {"status": f'Model "{name}" unregistered'}

    return app


def _described(model: Listed) -> dict[str, str]:
    return {"modelName": model.name, "modelUrl": model.url}


def _left(_request: Request, _error: Exception) -> Response:
    return Response()  # to nobody: the web server drops it


def _refused(_request: Request, error: Exception) -> JSONResponse:
    status, kind = STATUS[type(error)]
    text = "expected model_name and url" if isinstance(error, ValidationError) else str(error)
    logger.warning("refused", extra={"status": status, "error": type(error).__name__})
    return JSONResponse({"code": status, "type": kind, "message": text}, status)
