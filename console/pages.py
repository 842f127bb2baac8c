"""The console's pages and forms: translates requests to the desk, and its answers to pages."""

from http import HTTPStatus
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from console import auditor
from console.desk import Desk
from console.review import Verdict, checked_note
from console.store import Cursor
from console.views import case_path, page
from riskstack.contract.application import Status


class NotSignedInError(Exception):
    """Nobody is at the desk: ask for a name, then go on."""


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _signed_in(request: Request) -> str:
    name = auditor.from_cookie(request.cookies.get(auditor.COOKIE))
    if name is None:
        raise NotSignedInError
    return name


TheDesk: TypeAlias = Annotated[Desk, Depends(_desk)]
Auditor: TypeAlias = Annotated[str, Depends(_signed_in)]
ApplicationId: TypeAlias = Annotated[str, Path(max_length=200)]

routes = APIRouter(default_response_class=HTMLResponse)


@routes.get("/sign-in")
def sign_in_page(
    request: Request, following: Annotated[str, Query(alias="next")] = "/"
) -> HTMLResponse:
    """Ask for the auditor's name."""
    return page(request, "sign_in.html", following=auditor.local_path(following))


@routes.post("/sign-in")
def sign_in(
    name: Annotated[str, Form()], following: Annotated[str, Form(alias="next")] = "/"
) -> RedirectResponse:
    """Keep the auditor's name in a cookie."""
    answer = _see(auditor.local_path(following))
    value = auditor.to_cookie(auditor.checked_name(name))
    answer.set_cookie(auditor.COOKIE, value, httponly=True, samesite="strict")
    return answer


@routes.post("/sign-out")
def sign_out() -> RedirectResponse:
    """Forget the auditor's name."""
    answer = _see("/sign-in")
    answer.delete_cookie(auditor.COOKIE, httponly=True, samesite="strict")
    return answer


@routes.get("/")
def queue(
    request: Request,
    desk: TheDesk,
    _: Auditor,
    status: Status = Status.IN_REVIEW,
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> HTMLResponse:
    """List the applications of one status."""
    cursor = None if after is None else Cursor.from_token(after)
    return page(
        request,
        "queue.html",
        current=status,
        counts=desk.counts(),
        page=desk.page(status, cursor),
        is_first=cursor is None,
        now=desk.clock(),
    )


@routes.get("/applications/{application_id}")
def case_page(
    request: Request, desk: TheDesk, _: Auditor, application_id: ApplicationId
) -> HTMLResponse:
    """Show one case."""
    case, trail = desk.case(application_id)
    return page(request, "case.html", case=case, trail=trail, now=desk.clock())


@routes.post("/applications/{application_id}/claim")
def claim(
    desk: TheDesk,
    name: Auditor,
    application_id: ApplicationId,
    version: Annotated[int, Form(ge=1)],
) -> RedirectResponse:
    """Take an application for review."""
    desk.claim(application_id, auditor.actor(name), version)
    return _see(case_path(application_id))


class DecisionForm(BaseModel):
    """What an auditor decides, having looked at which version, and why."""

    version: Annotated[int, Field(ge=1)]
    decision: Verdict
    note: str


@routes.post("/applications/{application_id}/decision")
def decision(
    desk: TheDesk,
    name: Auditor,
    application_id: ApplicationId,
    form: Annotated[DecisionForm, Form()],
) -> RedirectResponse:
    """Accept or reject an application."""
    note = checked_note(form.note)
    desk.decide(application_id, auditor.actor(name), form.version, form.decision, note)
    return _see(case_path(application_id))


def _see(path: str) -> RedirectResponse:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
