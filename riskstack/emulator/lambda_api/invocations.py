"""The Invoke operation, as an ASGI application: the shortest way to the function.

Headers: botocore's service model lambda/2015-03-31, operation Invoke.
"""

import base64
import json
import uuid
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.function import NotStartedError, ThrottledError
from riskstack.emulator.lambda_api.errors import (
    LARGEST_REQUEST,
    ApiError,
    request_too_large,
    service_error,
    throttled,
)
from riskstack.emulator.lambda_api.invoke_request import (
    DRY_RUN,
    EVENT,
    REQUEST_RESPONSE,
    TAIL,
    check_kinds,
    check_payload,
    client_context,
)
from riskstack.emulator.lambda_api.names import check_invoked
from riskstack.emulator.lambda_api.service import Service

PREFIX, SUFFIX = "/2015-03-31/functions/", "/invocations"

MOST_KNOWN = 64
"""Ways to name the function that are remembered; queries beside them may be endless."""

Headers = list[tuple[bytes, bytes]]


def is_invocation(scope: Scope) -> bool:
    """Tell whether a request is an Invoke call."""
    path: str = scope["path"]
    return path.endswith(SUFFIX) and path.startswith(PREFIX) and scope["method"] == "POST"


class Invocations:
    """Answers Invoke calls for one function."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: set[tuple[str, bytes]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request_id = str(uuid.uuid4())
        try:
            status, body, headers = await self._answer(scope, receive, request_id)
        except ApiError as error:
            status, body = error.status, json.dumps(error.body).encode()
            headers = [(b"x-amzn-errortype", error.kind.encode())]
        except ClientDisconnect:
            return
        headers.append((b"x-amzn-requestid", request_id.encode()))
        if status != HTTPStatus.NO_CONTENT:
            headers += [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
            ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Scope, receive: Receive, request_id: str
    ) -> tuple[int, bytes, Headers]:
        self._check_name(scope)
        given: dict[bytes, bytes] = dict(scope["headers"])
        kind = given.get(b"x-amz-invocation-type", b"").decode("latin-1") or REQUEST_RESPONSE
        log_type = given.get(b"x-amz-log-type", b"").decode("latin-1") or "None"
        check_kinds(kind, log_type)
        context = given.get(b"x-amz-client-context")
        trace = given.get(b"x-amzn-trace-id")
        payload = check_payload(await _body(receive), kind)
        client = client_context(context.decode("latin-1")) if context else None
        optional = {"trace_id": trace.decode("latin-1")} if trace else {}
        invocation = Invocation(
            payload, request_id, client if kind == REQUEST_RESPONSE else None, **optional
        )
        if kind == DRY_RUN:
            return HTTPStatus.NO_CONTENT, b"", []
        if kind == EVENT:
            self._service.events.put(invocation)
            return HTTPStatus.ACCEPTED, b"", []
        try:
            outcome = await self._service.invoke(invocation)
        except ThrottledError:
            raise throttled() from None
        except NotStartedError as error:
            raise service_error(f"no process can be started: {error}") from None
        return HTTPStatus.OK, outcome.result.payload, _headers(outcome, invocation, log_type)

    def _check_name(self, scope: Scope) -> None:
        """Refuse another function; what was found good once is not looked at again."""
        asked = scope["path"], scope["query_string"]
        if asked in self._known:
            return
        path, query = asked
        qualifier = dict(parse_qsl(query.decode("latin-1"))).get("Qualifier")
        name = path.removeprefix(PREFIX).removesuffix(SUFFIX)
        check_invoked(name, qualifier, self._service.function)
        if len(self._known) < MOST_KNOWN:
            self._known.add(asked)


async def _body(receive: Receive) -> bytes:
    """Read a request's body, no further than a payload may go.

    Raises:
        ApiError: it is too large.
        ClientDisconnect: the caller went away.
    """
    message: Message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_REQUEST:
            raise request_too_large()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return body


def _headers(outcome: Outcome, invocation: Invocation, log_type: str) -> Headers:
    headers = [
        (b"x-amz-executed-version", b"$LATEST"),
        (b"x-amzn-trace-id", invocation.trace_id.encode("latin-1")),
    ]
    if outcome.result.error:
        headers.append((b"x-amz-function-error", outcome.result.error.encode()))
    if log_type == TAIL:
        headers.append((b"x-amz-log-result", base64.b64encode(outcome.log)))
    return headers
