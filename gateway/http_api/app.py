"""An HTTP API as an ASGI application: finds the route, calls the function, answers, logs.

Not: any rule; those are pure functions in routes, event, response and cors. Not: which requests are
this API's (ports).
"""

import time

from aws_lambda_powertools import Logger
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from gateway import request_ids
from gateway.api import Account
from gateway.body import DisconnectedError, read_body
from gateway.gateway_response import BODILESS, Answer, RefusedError
from gateway.http_api import response, stage_template
from gateway.http_api.definition import Definition, read
from gateway.http_api.event import Incoming, event
from gateway.http_api.routes import Route, Routes, decoded
from gateway.integrations.invocation import aside
from gateway.lambda_client import Functions, Lambda
from gateway.method_request import check_lengths
from gateway.request import Request
from gateway.request_ids import RequestIds
from gateway.settings import Settings
from gateway.token_bucket import Limits, TokenBucket
from riskstack.contract.fault import place

_ANSWERS = {
    413: response.TOO_LARGE,
    431: response.HEADERS_TOO_LARGE,
    504: response.SERVICE_UNAVAILABLE,
}
"""What stands for a refusal, by the status that a REST API answers with."""


def create(settings: Settings) -> "HttpApi":
    """Build the HTTP API that stands beside the REST API.

    Raises:
        DefinitionError: its definition cannot be run.
        StageError: the template declares none, or what is not emulated.
    """
    account = Account(settings.region, settings.account_id)
    declared = stage_template.read(settings.template, account, settings.stage)
    definition = read(declared.definition, account, declared.variables)
    return HttpApi(definition, declared.limits, Lambda(settings.region), settings.log_level)


class HttpApi:
    """Answers the requests of one HTTP API."""

    def __init__(
        self, definition: Definition, limits: Limits, functions: Functions, log_level: str
    ) -> None:
        """Take what it does; `limits` are those of each route."""
        self._api = definition.api
        self._limits = limits
        self._buckets: dict[str, TokenBucket] = {}
        self._routes = Routes(definition.routes)
        self._cors = definition.cors
        self._functions = functions
        self._logger = Logger(service="gateway", level=log_level, location=None)

    def close(self) -> None:
        """Close the connections to functions."""
        self._functions.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and write its log line."""
        started = time.perf_counter()
        request = Request.from_scope(scope)
        ids = request_ids.make(None, request.header("x-amzn-trace-id"))
        incoming = Incoming(request, ids, time.time())
        entry: dict[str, object] = {"request_id": ids.extended, "route": None}
        try:
            answer = self._preflight(request)
            if answer is None:
                answer = await self._answer(incoming, receive, entry)
                answer = self._with_cors(answer, request)
        except DisconnectedError:
            self._logger.info("disconnected", extra=entry)
            return
        await _send(send, answer, ids)
        entry["status"] = answer.status
        entry["latency_ms"] = round((time.perf_counter() - started) * 1000, 2)
        self._logger.info("request", extra=entry)

    def _preflight(self, request: Request) -> Answer | None:
        """Answer a preflight, which no route gets to see; `None` for any other request."""
        origin = request.header("origin")
        if (
            self._cors is None
            or origin is None
            or request.method != "OPTIONS"
            or request.header("access-control-request-method") is None
        ):
            return None
        return Answer(204, self._cors.preflight(origin), b"")

    def _with_cors(self, answer: Answer, request: Request) -> Answer:
        if self._cors is None:
            return answer
        headers = self._cors.applied(answer.headers, request.header("origin"))
        return Answer(answer.status, headers, answer.body)

    async def _answer(
        self, incoming: Incoming, receive: Receive, entry: dict[str, object]
    ) -> Answer:
        """Find the route, call its function, and note for the log what happens."""
        try:
            request = incoming.request
            check_lengths(request)
            match = self._routes.match(request.method, decoded(request.path))
            if match is None:
                return response.NOT_FOUND
            route = match.route
            entry["route"] = route.key
            if not self._admits(route, time.monotonic()):
                return response.TOO_MANY_REQUESTS
            incoming.body = await read_body(receive)
            made = await aside(
                len(incoming.body),
                lambda: to_json(event(self._api, match, incoming)),
            )
            payload = await self._functions.invoke(route.target, made, incoming.ids.trace)
            return await aside(len(payload), lambda: response.answer(payload))
        except RefusedError as refusal:
            entry["cause"] = str(refusal)
            answer = _ANSWERS.get(refusal.response.status, response.INTERNAL_SERVER_ERROR)
            return response.closing(answer) if refusal.response.closes else answer
        except response.MalformedError as error:
            entry["cause"] = str(error)
        except DisconnectedError:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: told in the log
            self._logger.error("failed", extra=entry | place(error))
        return response.INTERNAL_SERVER_ERROR

    def _admits(self, route: Route, now: float) -> bool:
        """Count a request; tell whether its route's limits let it in."""
        bucket = self._buckets.get(route.key)
        if bucket is None:
            bucket = self._buckets[route.key] = TokenBucket(self._limits, now)
        return bucket.take(now)


async def _send(send: Send, answer: Answer, ids: RequestIds) -> None:
    headers = [*answer.headers, (b"apigw-requestid", ids.extended.encode())]
    if answer.status not in BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
