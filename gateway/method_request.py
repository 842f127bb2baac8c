"""The method request: what API Gateway checks before it calls anything, in its order.

Here are the checks of the request itself: the lengths that it declares, stage and route, required
parameters and, once the body is there, the model. Between them stand authorization and metering.
The order is that of localstack's gateway, whose steps are validated against AWS; the lengths go
first because AWS's front answers them (koki-develop/lgtm-generator#10).
"""

from urllib.parse import parse_qsl

from gateway.deployment import Deployment
from gateway.exchange import Exchange
from gateway.gateway_response import (
    BAD_REQUEST_BODY,
    CONTENT_TOO_LONG,
    HEADERS_TOO_LONG,
    LARGEST_BODY,
    LARGEST_HEADERS,
    MISSING_AUTHENTICATION_TOKEN,
    NO_SUCH_STAGE,
    RefusedError,
    bad_request_parameters,
)
from gateway.media_type import media_type
from gateway.request import Request


def check_lengths(request: Request) -> None:
    """Refuse a request whose line and headers are too long, or that says so of its body.

    Raises:
        RefusedError: it is.
    """
    length = len(request.method) + len(request.path) + len(request.query)
    for name, value in request.headers:
        length += len(name) + len(value)
    if length > LARGEST_HEADERS:
        raise RefusedError(HEADERS_TOO_LONG, f"{length} bytes of headers")
    declared = request.header("content-length")
    if declared and declared.isdecimal() and int(declared) > LARGEST_BODY:
        raise RefusedError(CONTENT_TOO_LONG, f"{declared} bytes declared")


def find_route(exchange: Exchange, deployment: Deployment) -> None:
    """Find the route of a request and the values of its path's templates.

    Raises:
        RefusedError: there is no such stage, or no such route.
    """
    request = exchange.request
    if request.stage != exchange.api.stage:
        raise RefusedError(NO_SUCH_STAGE, "no such stage")
    match = deployment.match(request.method, request.resource_path)
    if match is None:
        raise RefusedError(MISSING_AUTHENTICATION_TOKEN, "no such route")
    exchange.route = match.route
    exchange.path_parameters = match.path_parameters
    exchange.query = parse_query(request.query)


def parse_query(query: str) -> tuple[tuple[str, str], ...]:
    """Read a query string: names and values, decoded, in their order, empty values kept.

    A semicolon divides as an ampersand does (API Gateway developer guide, "Important notes": it
    "results in the data being split").
    """
    if not query:
        return ()
    return tuple(parse_qsl(query.replace(";", "&"), keep_blank_values=True))


def check_parameters(exchange: Exchange) -> None:
    """Check that required parameters are there and not blank; names are case-sensitive.

    (API Gateway developer guide, "Request validation" and "Important notes".)

    Raises:
        RefusedError: some are missing; the answer names them, headers first, each kind sorted.
    """
    route = exchange.route
    if route is None or not (route.required_headers or route.required_query_parameters):
        return
    headers = {name for name, value in exchange.request.headers if value.strip()}
    parameters = {name for name, value in exchange.query if value.strip()}
    missing = [name for name in sorted(route.required_headers) if name not in headers]
    missing += [name for name in sorted(route.required_query_parameters) if name not in parameters]
    if missing:
        raise RefusedError(bad_request_parameters(missing), "required parameters are missing")


def check_body(exchange: Exchange) -> None:
    """Check a body against the model of its media type, if the route has one.

    Raises:
        RefusedError: it does not fit.
    """
    if exchange.route is None or not exchange.route.models:
        return
    model = exchange.route.models.get(media_type(exchange.request.header("content-type")))
    fault = model and model.fault(exchange.body.decode("utf-8", "replace"))
    if fault:
        raise RefusedError(BAD_REQUEST_BODY, "the body does not fit the model", fault)
