"""The console as an ASGI application: its routes, its errors as pages, its guard."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as SDKConnectionError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from console.auditor import InvalidNameError
from console.desk import Desk
from console.faults import Faults
from console.guard import Guard
from console.pages import NotSignedInError, routes
from console.review import InvalidNoteError, StepRefusedError
from console.settings import LOCAL_HOSTS
from console.store import (
    InvalidCursorError,
    LostRaceError,
    UnknownApplicationError,
    is_passing,
)
from console.views import STATIC, case_path, message_page
from riskstack.contract.record import MalformedItemError


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error is answered with; without a `text`, the error's own words."""

    status: HTTPStatus
    heading: str
    text: str | None = None


_NO_STORE = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The applications cannot be reached",
    "Try again in a moment. A step that was kept shows on its application's page.",
)

ERRORS: Mapping[type[Exception], Answer] = {
    UnknownApplicationError: Answer(
        HTTPStatus.NOT_FOUND, "No such application", "There is no application with this id."
    ),
    StepRefusedError: Answer(HTTPStatus.CONFLICT, "This step is not possible"),
    LostRaceError: Answer(HTTPStatus.CONFLICT, "This step is not possible"),
    InvalidNameError: Answer(HTTPStatus.BAD_REQUEST, "This name cannot be used"),
    InvalidNoteError: Answer(HTTPStatus.BAD_REQUEST, "The note is missing or too long"),
    InvalidCursorError: Answer(HTTPStatus.BAD_REQUEST, "This link leads nowhere"),
    RequestValidationError: Answer(
        HTTPStatus.BAD_REQUEST,
        "This request cannot be used",
        "A field of the form, or a part of the link, is missing or not what it must be.",
    ),
    MalformedItemError: Answer(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This application cannot be read",
        "Its record is damaged. Tell whoever runs the system its id.",
    ),
    SDKConnectionError: _NO_STORE,
    HTTPClientError: _NO_STORE,
    Exception: Answer(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", "The fault has been written down."
    ),
}


def create_app(desk: Desk, allowed_hosts: Collection[str] = LOCAL_HOSTS) -> ASGIApp:
    """Put the console together, to be asked for under the names of `allowed_hosts` alone."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={
            NotSignedInError: _ask_for_name,
            HTTPException: _http_error,
            ClientError: _store_error,
            **{kind: partial(_answer, answer) for kind, answer in ERRORS.items()},
        },
    )
    app.state.desk = desk
    app.add_api_route("/health", _health)
    app.include_router(routes)
    app.mount("/static", StaticFiles(directory=STATIC))
    return Faults(Guard(app, allowed_hosts), desk.logger)


async def _health() -> dict[str, str]:
    return {"status": "ok"}


async def _ask_for_name(request: Request, _: Exception) -> Response:
    application_id = request.path_params.get("application_id")
    following = case_path(application_id) if application_id else "/"
    return RedirectResponse(f"/sign-in?{urlencode({'next': following})}", HTTPStatus.SEE_OTHER)


async def _http_error(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    return message_page(request, status, status.phrase, status.description)


async def _store_error(request: Request, error: ClientError) -> Response:
    if is_passing(error):
        return await _answer(_NO_STORE, request, error)
    raise error


async def _answer(answer: Answer, request: Request, error: Exception) -> Response:
    # what has no type of its own in the table goes on to `Faults`, and is logged there
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and answer is not ERRORS[Exception]:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
        desk: Desk = request.app.state.desk
        # not the error's own words: they may quote an answer
        desk.logger.error(
            "request failed", error=type(error).__name__, code=code, **request.path_params
        )
    return message_page(request, answer.status, answer.heading, answer.text or str(error))
