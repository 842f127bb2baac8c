from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api_keys import ApiKeys
from gateway.deployment import Deployment, Route
from gateway.gateway_response import (
    BAD_REQUEST_BODY,
    CONTENT_TOO_LONG,
    FORBIDDEN,
    LARGEST_BODY,
    MISSING_AUTHENTICATION_TOKEN,
    GatewayResponse,
    RefusedError,
)
from gateway.method_request import (
    Admitted,
    check_body,
    check_declared_length,
    check_parameters,
    find_api_key,
    find_route,
    parse_query,
)
from gateway.model import Model
from gateway.request import Request

ROUTE = Route(
    method="POST",
    resource="/things/{thing}",
    resource_id="abc123",
    function_arn="arn",
    timeout=29.0,
    needs_api_key=True,
    required_headers=("x-b", "X-A"),
    required_query_parameters=("qs2", "qs1"),
    models={"application/json": Model.compile({"type": "object", "required": ["a"]})},
)
DEPLOYMENT = Deployment("api", "dep", [ROUTE])
KEYS = ApiKeys(["the-key"])


def request(headers: Mapping[str, str] | None = None, path: str = "/v1/things/1") -> Request:
    return Request(
        method="POST",
        path=path,
        query="",
        headers=tuple((headers or {}).items()),
        client="192.0.2.7",
        port=8000,
        scheme="http",
        http_version="1.1",
    )


def admitted(headers: Mapping[str, str] | None = None, route: Route = ROUTE) -> Admitted:
    return Admitted(request(headers), route, {}, (), None)


def refusal(response: GatewayResponse) -> "pytest.RaisesExc[RefusedError]":
    return pytest.raises(RefusedError, check=lambda error: error.response == response)


@pytest.mark.parametrize("length", [None, "0", str(LARGEST_BODY), "many"])
def test_a_length_within_the_limit_passes(length: str | None) -> None:
    check_declared_length(request({"Content-Length": length} if length else {}))


def test_a_length_over_the_limit_is_refused_before_the_body_comes() -> None:
    with refusal(CONTENT_TOO_LONG):
        check_declared_length(request({"content-length": str(LARGEST_BODY + 1)}))


def test_a_route_is_found_within_its_stage() -> None:
    assert find_route(request(), DEPLOYMENT, "v1") == (ROUTE, {"thing": "1"})


@pytest.mark.parametrize("path", ["/v2/things/1", "/things/1", "/", "/V1/things/1"])
def test_another_stage_is_forbidden(path: str) -> None:
    with refusal(FORBIDDEN):
        find_route(request(path=path), DEPLOYMENT, "v1")


@pytest.mark.parametrize("path", ["/v1", "/v1/things", "/v1/things/1/2"])
def test_another_route_misses_a_token(path: str) -> None:
    with refusal(MISSING_AUTHENTICATION_TOKEN):
        find_route(request(path=path), DEPLOYMENT, "v1")


def test_a_known_key_is_found_in_a_header_of_any_case() -> None:
    key = find_api_key(request({"X-Api-KEY": "the-key"}), ROUTE, KEYS)
    assert key is not None
    assert key.value == "the-key"


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "other"}])
def test_a_key_that_is_missing_or_unknown_is_forbidden(headers: dict[str, str]) -> None:
    with refusal(FORBIDDEN):
        find_api_key(request(headers), ROUTE, KEYS)


def test_a_route_without_keys_looks_at_none() -> None:
    assert find_api_key(request(), replace(ROUTE, needs_api_key=False), KEYS) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ()),
        ("a=1&a=2", (("a", "1"), ("a", "2"))),
        ("a=&b", (("a", ""), ("b", ""))),
        ("plus=a+b&code=a%2Bb", (("plus", "a b"), ("code", "a+b"))),
        ("a=1;b=2", (("a", "1"), ("b", "2"))),
        ("url=https://example.com/?x=y", (("url", "https://example.com/?x=y"),)),
        ("&&", ()),
        ("a=%FF", (("a", "\ufffd"),)),
    ],
)
def test_a_query_string_is_read(query: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert parse_query(query) == expected


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_a_query_string_that_was_encoded_is_read_back(pairs: list[tuple[str, str]]) -> None:
    pairs = [
        (a.encode(errors="replace").decode(), b.encode(errors="replace").decode()) for a, b in pairs
    ]
    assert parse_query(urlencode(pairs)) == tuple(pairs)


def test_required_parameters_that_are_there_pass() -> None:
    query = (("qs1", "1"), ("qs2", "2"))
    check_parameters(request({"x-b": "1", "X-A": "2"}), ROUTE, query)


@pytest.mark.parametrize(
    ("headers", "query", "missing"),
    [
        ({}, (), "[X-A, x-b, qs1, qs2]"),
        ({"x-a": "1", "x-b": "2"}, (("qs1", "1"), ("qs2", "2")), "[X-A]"),
        ({"X-A": " ", "x-b": "2"}, (("qs1", ""), ("qs2", "2")), "[X-A, qs1]"),
    ],
)
def test_what_is_missing_blank_or_of_another_case_is_named(
    headers: dict[str, str], query: tuple[tuple[str, str], ...], missing: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        check_parameters(request(headers), ROUTE, query)
    assert caught.value.response == GatewayResponse(
        400,
        "BadRequestException",
        f'{{"message": "Missing required request parameters: {missing}"}}'.encode(),
    )


def test_a_route_without_required_parameters_takes_any() -> None:
    check_parameters(
        request(), replace(ROUTE, required_headers=(), required_query_parameters=()), ()
    )


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "application/json"}, {"content-type": "Application/json;charset=utf-8"}],
)
def test_a_body_is_checked_by_the_model_of_its_type(headers: dict[str, str]) -> None:
    check_body(admitted(headers), '{"a": 1}')
    with refusal(BAD_REQUEST_BODY):
        check_body(admitted(headers), '{"b": 1}')


def test_a_body_of_a_type_without_a_model_is_not_checked() -> None:
    check_body(admitted({"Content-Type": "text/csv"}), "a;b")


def test_a_route_without_models_checks_nothing() -> None:
    check_body(admitted(route=replace(ROUTE, models={})), "{")
