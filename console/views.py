"""Templates made into answers. What a page shows is handed in; escaping is on for all of it."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import auditor, words
from console.review import NOTE_LIMIT

STATIC = Path(__file__).with_name("static")


def case_path(application_id: str) -> str:
    """Give the path of a case's page."""
    return f"/applications/{quote(application_id, safe='')}"


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(words.FILTERS, case_path=case_path)
_templates.globals.update(
    NAME_LIMIT=auditor.NAME_LIMIT, NOTE_LIMIT=NOTE_LIMIT, STATUSES=words.STATUSES
)


def page(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object
) -> HTMLResponse:
    """Render a page for whoever is signed in."""
    name = auditor.from_cookie(request.cookies.get(auditor.COOKIE))
    me = None if name is None else auditor.actor(name)
    html = _templates.get_template(template).render(auditor=name, me=me, **values)
    return HTMLResponse(html, status)


def message_page(request: Request, status: HTTPStatus, heading: str, text: str) -> HTMLResponse:
    """Render the page that says why there is no other, with a way back."""
    # a form came from a case's page; that of an unknown application would only say so again
    is_case = request.method == "POST" and status != HTTPStatus.NOT_FOUND
    case_id = request.path_params.get("application_id") if is_case else None
    return page(request, "message.html", status, heading=heading, text=text, case_id=case_id)
