"""What every request must keep and every answer must say, whatever the page."""

from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.views import message_page

# a note of 1,000 characters, each of four bytes written as %XX, and the other fields
FORM_LIMIT = 16 * 1024

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'; script-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # not no-referrer: with that, a browser hides the origin of this site's own forms
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def refusal(method: str, headers: Headers) -> tuple[HTTPStatus, str] | None:
    """Say why a request is refused before its body is read, `None` where it is not.

    A browser names the site a form comes from (`Sec-Fetch-Site`, `Origin`); a client that names
    none is no browser, and nobody's cookie can be misused through it.
    """
    if method in {"GET", "HEAD"}:
        return None
    origin = headers.get("origin")
    foreign = origin is not None and origin.partition("://")[2] != headers.get("host")
    if foreign or headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return HTTPStatus.FORBIDDEN, "This form was sent from another site."
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        return HTTPStatus.LENGTH_REQUIRED, "The form does not say how long it is."
    if int(length) > FORM_LIMIT:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too large."
    return None


def is_own_host(headers: Headers, hosts: Collection[str]) -> bool:
    """Tell whether a request is for one of the console's own names, on whatever port.

    Another site may have its own name lead here, and its pages would then count as this site's
    (DNS rebinding); but a browser still sends that name.
    """
    given = headers.getlist("host")
    return len(given) == 1 and given[0].partition(":")[0].lower() in hosts


class Guard:
    """An ASGI application around the console that refuses requests and adds headers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.update(SECURITY_HEADERS)
                # a page holds personal data; the stylesheet may be kept while it has not changed
                static = scope["path"].startswith("/static/")
                answered["Cache-Control"] = "no-cache" if static else "no-store"
            await send(message)

        app = self._app
        headers = Headers(scope=scope)
        if is_own_host(headers, self._hosts):
            refused = refusal(scope["method"], headers)
        else:
            refused = HTTPStatus.BAD_REQUEST, "The console is not served under this name."
        if refused is not None:
            app = message_page(Request(scope), refused[0], "Refused", refused[1])
        await app(scope, receive, send_guarded)
