"""The web application: /ping and /invocations."""

import json
import logging
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from .model import FILE_NAME, Model, UnreadableError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GIVEN = Path("/opt/ml/model") / FILE_NAME
OWN = Path("/opt/credit") / FILE_NAME
"""Trained with the image, for where no model of this kind is given."""

logger = logging.getLogger("gunicorn.error")


def create() -> "WSGIApplication":
    """Load the model and give the application; without a model it says so at each request."""
    model = _load(GIVEN if GIVEN.exists() else OWN)

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        status, content_type, body = _answer(environ, model)
        start(
            f"{status.value} {status.phrase}",
            [("Content-Type", content_type), ("Content-Length", str(len(body)))],
        )
        return [body]

    return application


def _load(file: Path) -> Model | None:
    try:
        model = Model.load(file)
    except Exception:  # whatever a broken file makes skops raise, /ping has to answer
        logger.exception("%s cannot be loaded", file)
        return None
    logger.info("serving %s", file)
    return model


def _answer(environ: "WSGIEnvironment", model: Model | None) -> tuple[HTTPStatus, str, bytes]:
    asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if asked in {("GET", "/ping"), ("POST", "/ping")}:
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE if model is None else HTTPStatus.OK)
    if asked != ("POST", "/invocations"):
        return _plain(HTTPStatus.NOT_FOUND)
    if model is None:
        return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "no model\n")
    return _scores(environ, model)


def _scores(environ: "WSGIEnvironment", model: Model) -> tuple[HTTPStatus, str, bytes]:
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != "text/csv":
        return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected text/csv\n")
    try:
        scores = model.scores(environ["wsgi.input"].read())
    except UnreadableError as error:
        return _plain(HTTPStatus.BAD_REQUEST, f"{error}\n")
    if "application/json" in environ.get("HTTP_ACCEPT", ""):
        document = {"predictions": [{"score": score} for score in scores]}
        return HTTPStatus.OK, "application/json", json.dumps(document).encode()
    return HTTPStatus.OK, "text/csv", "".join(f"{score}\n" for score in scores).encode()


def _plain(status: HTTPStatus, text: str = "") -> tuple[HTTPStatus, str, bytes]:
    return status, "text/plain", text.encode()
