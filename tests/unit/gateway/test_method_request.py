from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deployment import Deployment, Route
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
from gateway.method_request import (
    check_body,
    check_lengths,
    check_parameters,
    find_route,
    parse_query,
)
from gateway.model import Model
from tests.gateway_stand import NoIntegration, exchange, refusal

ROUTE = Route(
    method="POST",
    resource="/things/{thing}",
    resource_id="abc123",
    integration=NoIntegration(),
    required_headers=("x-b", "X-A"),
    required_query_parameters=("qs2", "qs1"),
    models={"application/json": Model.compile({"type": "object", "required": ["a"]})},
)
DEPLOYMENT = Deployment("api", "dep", [ROUTE])


def coming(path: str) -> Exchange:
    return exchange(path=path, route=None, path_parameters={})


@pytest.mark.parametrize("length", [None, "0", str(LARGEST_BODY), "many"])
def test_a_length_within_the_limit_passes(length: str | None) -> None:
    check_lengths(exchange(*([("Content-Length", length)] if length else [])).request)


def test_a_length_over_the_limit_is_refused_before_the_body_comes() -> None:
    with refusal(CONTENT_TOO_LONG):
        check_lengths(exchange(("content-length", str(LARGEST_BODY + 1))).request)


def test_a_line_and_headers_may_have_10240_bytes() -> None:
    room = LARGEST_HEADERS - len("POST/v1/things/1X")
    check_lengths(exchange(("X", "1" * room)).request)
    with refusal(HEADERS_TOO_LONG):
        check_lengths(exchange(("X", "1" * (room + 1))).request)


def test_a_route_is_found_within_its_stage() -> None:
    found = coming("/v1/things/1")
    find_route(found, DEPLOYMENT)
    assert (found.route, found.path_parameters) == (ROUTE, {"thing": "1"})


@pytest.mark.parametrize("path", ["/v2/things/1", "/things/1", "/", "/V1/things/1"])
def test_another_stage_is_forbidden(path: str) -> None:
    with refusal(NO_SUCH_STAGE):
        find_route(coming(path), DEPLOYMENT)


@pytest.mark.parametrize("path", ["/v1", "/v1/things", "/v1/things/1/2"])
def test_another_route_misses_a_token(path: str) -> None:
    with refusal(MISSING_AUTHENTICATION_TOKEN):
        find_route(coming(path), DEPLOYMENT)


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
    check_parameters(exchange(("x-b", "1"), ("X-A", "2"), query=query, route=ROUTE))


@pytest.mark.parametrize(
    ("headers", "query", "missing"),
    [
        ((), (), ["X-A", "x-b", "qs1", "qs2"]),
        ((("x-a", "1"), ("x-b", "2")), (("qs1", "1"), ("qs2", "2")), ["X-A"]),
        ((("X-A", " "), ("x-b", "2")), (("qs1", ""), ("qs2", "2")), ["X-A", "qs1"]),
    ],
)
def test_what_is_missing_blank_or_of_another_case_is_named(
    headers: tuple[tuple[str, str], ...], query: tuple[tuple[str, str], ...], missing: list[str]
) -> None:
    with refusal(bad_request_parameters(missing)):
        check_parameters(exchange(*headers, query=query, route=ROUTE))


def test_a_route_without_required_parameters_takes_any() -> None:
    bare = replace(ROUTE, required_headers=(), required_query_parameters=())
    check_parameters(exchange(route=bare))


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Content-Type", "application/json"),),
        (("content-type", "Application/json;charset=utf-8"),),
    ],
)
def test_a_body_is_checked_by_the_model_of_its_type(headers: tuple[tuple[str, str], ...]) -> None:
    check_body(exchange(*headers, body=b'{"a": 1}', route=ROUTE))
    with pytest.raises(RefusedError) as caught:
        check_body(exchange(*headers, body=b'{"b": 1}', route=ROUTE))
    assert caught.value.response == BAD_REQUEST_BODY
    assert caught.value.validation == "[$: 'a' is a required property]"


def test_a_body_of_a_type_without_a_model_is_not_checked() -> None:
    check_body(exchange(("Content-Type", "text/csv"), body=b"a;b", route=ROUTE))


def test_a_route_without_models_checks_nothing() -> None:
    check_body(exchange(body=b"{", route=replace(ROUTE, models={})))
