import json

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import BAD_JSON, BAD_MAPPING
from gateway.mapping.parameters import (
    BackendAnswer,
    MappingError,
    answer_source,
    literal,
    request_source,
)
from tests.gateway_stand import exchange, refusal

VARIABLES = {"colour": "blue"}
BODY = {"petstore": {"pets": [{"name": "Rex", "age": 3}]}, "flag": True, "none": None}


def sent() -> Exchange:
    return exchange(
        ("X-A", "1"),
        ("X-A", "2"),
        query=(("q", "3"), ("q", "4"), ("one", "5")),
        body=json.dumps(BODY).encode() + b"\n",
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("method.request.path.thing", "1"),
        ("method.request.path.other", None),
        ("method.request.header.X-A", "2"),
        ("method.request.header.x-a", None),
        ("method.request.multivalueheader.X-A", "1,2"),
        ("method.request.multivalueheader.X-B", None),
        ("method.request.querystring.q", "4"),
        ("method.request.querystring.Q", None),
        ("method.request.multivaluequerystring.q", ["3", "4"]),
        ("method.request.multivaluequerystring.one", ["5"]),
        ("method.request.multivaluequerystring.none", None),
        ("method.request.body", json.dumps(BODY)),
        ("method.request.body.petstore.pets[0].name", "Rex"),
        ("method.request.body.petstore.pets[0]", '{"name":"Rex","age":3}'),
        ("method.request.body.petstore.pets[0].age", "3"),
        ("method.request.body.flag", "true"),
        ("method.request.body.none", None),
        ("method.request.body.missing", None),
        ("context.resourceId", "abc123"),
        ("context.requestTimeEpoch", "1772651717135"),
        ("context.identity.user", None),
        ("stageVariables.colour", "blue"),
        ("stageVariables.other", None),
        ("'a text'", "a text"),
        ("''", ""),
    ],
)
def test_a_request_is_mapped(expression: str, value: object) -> None:
    assert request_source(expression, VARIABLES)(sent()) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("integration.response.header.X-B", "2"),
        ("integration.response.header.x-b", None),
        ("integration.response.multivalueheader.X-B", "1,2"),
        ("integration.response.multivalueheader.X-C", None),
        ("integration.response.body", '{"redirect": {"url": "/there"}}'),
        ("integration.response.body.redirect.url", "/there"),
        ("integration.response.body.redirect.none", None),
        ("context.stage", "v1"),
        ("stageVariables.colour", "blue"),
        ("'static'", "static"),
    ],
)
def test_an_answer_is_mapped(expression: str, value: object) -> None:
    answer = BackendAnswer(200, (("X-B", "1"), ("X-B", "2")), b' {"redirect": {"url": "/there"}}\n')
    assert answer_source(expression, VARIABLES)(sent(), answer) == value


@pytest.mark.parametrize(
    "expression",
    [
        "text",
        "'",
        "method.request.header",
        "method.request.cookie.a",
        "method.request.body.a[",
        "context.nothing",
        "context.",
        "stageVariables.",
        "integration.response.header.X",
    ],
)
def test_what_maps_from_nothing_is_refused(expression: str) -> None:
    with pytest.raises(MappingError):
        request_source(expression, VARIABLES)


@pytest.mark.parametrize(
    "expression", ["integration.response.status", "integration.response.body.a[", "x"]
)
def test_what_maps_from_no_answer_is_refused(expression: str) -> None:
    with pytest.raises(MappingError):
        answer_source(expression, VARIABLES)


def test_a_request_that_is_not_json_is_the_caller_s_fault() -> None:
    with refusal(BAD_JSON):
        request_source("method.request.body.a", {})(exchange(body=b"{"))
    with refusal(BAD_JSON):
        request_source("method.request.body", {})(exchange(body=b"{"))


def test_an_answer_that_is_not_json_is_the_backend_s_fault() -> None:
    source = answer_source("integration.response.body.a", {})
    with refusal(BAD_MAPPING):
        source(exchange(), BackendAnswer(200, (), b"{"))


def test_an_empty_body_counts_as_an_empty_object() -> None:
    assert request_source("method.request.body", {})(exchange()) == "{}"
    source = answer_source("integration.response.body", {})
    assert source(exchange(), BackendAnswer(200, (), b"")) == "{}"


def test_a_literal_is_told_from_an_expression() -> None:
    assert (literal("'a'"), literal("a"), literal("'")) == ("a", None, None)
