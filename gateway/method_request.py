"""The method request: what API Gateway checks before it calls anything, in its order.

Every check is here: the length that a request declares, stage and route, API key, required
parameters and, once the body is there, the model. The order is that of localstack's gateway, whose
steps are validated against AWS; the length goes first because AWS's front answers it, without a
request id (koki-develop/lgtm-generator#10).
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.api_keys import ApiKey, ApiKeys
from gateway.deployment import Deployment, PathParameters, Route
from gateway.gateway_response import (
    BAD_REQUEST_BODY,
    CONTENT_TOO_LONG,
    FORBIDDEN,
    LARGEST_BODY,
    MISSING_AUTHENTICATION_TOKEN,
    RefusedError,
    bad_request_parameters,
)
from gateway.model import media_type
from gateway.request import Request


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on to its integration, once its body is there and fits."""

    request: Request
    route: Route
    path_parameters: PathParameters
    query: tuple[tuple[str, str], ...]
    """Names and values, decoded, in their order."""
    api_key: ApiKey | None


def check_declared_length(request: Request) -> None:
    """Refuse a request that says of itself that it is too long.

    Raises:
        RefusedError: it does.
    """
    declared = request.header("content-length")
    if declared and declared.isdecimal() and int(declared) > LARGEST_BODY:
        raise RefusedError(CONTENT_TOO_LONG, f"{declared} bytes declared")


def find_route(
    request: Request, deployment: Deployment, stage: str
) -> tuple[Route, PathParameters]:
    """Find the route of a request and the values of its path's templates.

    Raises:
        RefusedError: there is no such stage, or no such route.
    """
    if request.stage != stage:
        raise RefusedError(FORBIDDEN, "no such stage")
    match = deployment.match(request.method, request.resource_path)
    if match is None:
        raise RefusedError(MISSING_AUTHENTICATION_TOKEN, "no such route")
    return match.route, match.path_parameters


def find_api_key(request: Request, route: Route, keys: ApiKeys) -> ApiKey | None:
    """Find the key that a request came with, `None` where its route needs none.

    Raises:
        RefusedError: the route needs a key, and it is missing or unknown.
    """
    if not route.needs_api_key:
        return None
    key = keys.find(request.header("x-api-key"))
    if key is None:
        raise RefusedError(FORBIDDEN, "API key missing or unknown")
    return key


def parse_query(query: str) -> tuple[tuple[str, str], ...]:
    """Read a query string: names and values, decoded, in their order, empty values kept.

    A semicolon divides as an ampersand does (API Gateway developer guide, "Important notes": it
    "results in the data being split").
    """
    if not query:
        return ()
    return tuple(parse_qsl(query.replace(";", "&"), keep_blank_values=True))


def check_parameters(request: Request, route: Route, query: tuple[tuple[str, str], ...]) -> None:
    """Check that required parameters are there and not blank; names are case-sensitive.

    (API Gateway developer guide, "Request validation" and "Important notes".)

    Raises:
        RefusedError: some are missing; the answer names them, headers first, each kind sorted.
    """
    if not (route.required_headers or route.required_query_parameters):
        return
    headers = {name for name, value in request.headers if value.strip()}
    parameters = {name for name, value in query if value.strip()}
    missing = [name for name in sorted(route.required_headers) if name not in headers]
    missing += [name for name in sorted(route.required_query_parameters) if name not in parameters]
    if missing:
        raise RefusedError(bad_request_parameters(missing), "required parameters are missing")


def check_body(admitted: Admitted, body: str) -> None:
    """Check a body against the model of its media type, if the route has one.

    Raises:
        RefusedError: it does not fit.
    """
    if not admitted.route.models:
        return
    model = admitted.route.models.get(media_type(admitted.request.header("content-type")))
    if model and not model.accepts(body):
        raise RefusedError(BAD_REQUEST_BODY, "the body does not fit the model")
