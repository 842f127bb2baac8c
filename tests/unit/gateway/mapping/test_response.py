import re

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import API_CONFIGURATION_ERROR, BAD_MAPPING, Answer
from gateway.mapping import response
from gateway.mapping.overrides import Overrides
from gateway.mapping.parameters import BackendAnswer, answer_source
from gateway.mapping.response import IntegrationResponse, ResponseMapping
from gateway.mapping.template import Template
from gateway.media_type import BinaryMediaTypes
from tests.gateway_stand import exchange, header, refusal

JSON = (b"Content-Type", b"application/json")
DEFAULT = IntegrationResponse(None, 200)
CLIENT_ERROR = IntegrationResponse(re.compile(r"4\d{2}"), 400)
NOTED = IntegrationResponse(re.compile(".*[Ee]rror.*"), 500)
GIVEN = BackendAnswer(200, (("X-A", "1"), ("Content-Type", "image/png")), b'{"a": 1}')


def answer(
    *responses: IntegrationResponse,
    value: str = "200",
    made: Exchange | None = None,
    backend: BackendAnswer = GIVEN,
) -> Answer:
    return ResponseMapping(responses).answer(made or exchange(), value, backend)


def headers(**expressions: str) -> IntegrationResponse:
    mapped = tuple(
        (name.replace("_", "-"), answer_source(expression, {}))
        for name, expression in expressions.items()
    )
    return IntegrationResponse(None, 200, mapped)


@pytest.mark.parametrize(
    ("value", "status"),
    [("404", 400), ("201", 200), ("4040", 200), ("an Error.", 500), ("", 200), ("error\n", 200)],
)
def test_a_pattern_selects_by_the_whole_value(value: str, status: int) -> None:
    assert answer(DEFAULT, CLIENT_ERROR, NOTED, value=value).status == status


@pytest.mark.parametrize("responses", [(), (CLIENT_ERROR,)])
def test_without_a_default_nothing_is_selected(responses: tuple[IntegrationResponse, ...]) -> None:
    with refusal(API_CONFIGURATION_ERROR):
        answer(*responses)


def test_only_mapped_headers_come_back_and_the_body_as_it_is() -> None:
    assert answer(DEFAULT) == Answer(200, [JSON], b'{"a": 1}')
    made = answer(headers(X="integration.response.header.X-A", Z="'z'"))
    assert made.headers == [JSON, (b"X", b"1"), (b"Z", b"z")]


def test_a_content_type_is_mapped_like_any_header() -> None:
    made = answer(headers(content_type="'text/plain'"))
    assert made.headers == [(b"content-type", b"text/plain")]


@pytest.mark.parametrize("name", ["Date", "content-length", "Authorization", "User-Agent"])
def test_headers_of_the_connection_are_remapped(name: str) -> None:
    made = answer(headers(**{name: "'x'"}))
    assert header(made, f"x-amzn-Remapped-{name}") == "x"
    assert header(made, name) is None


def test_long_headers_are_sent_and_not_remembered() -> None:
    long = BackendAnswer(200, (("X-A", "1" * 2000),), b"")
    before = response._sent_before.cache_info().currsize
    made = answer(headers(X_Long="integration.response.header.X-A"), backend=long)
    assert header(made, "X-Long") == "1" * 2000
    assert response._sent_before.cache_info().currsize == before


def test_a_transfer_encoding_is_dropped() -> None:
    assert answer(headers(Transfer_Encoding="'chunked'")).headers == [JSON]


def test_a_header_that_would_break_http_is_refused() -> None:
    backend = BackendAnswer(200, (), b'{"a": "x\\r\\nSet-Cookie: y"}')
    with refusal(BAD_MAPPING):
        answer(headers(X="integration.response.body.a"), backend=backend)


def test_a_template_makes_the_body_and_may_override() -> None:
    overriding = Template.compile(
        "#set($context.responseOverride.status = 201)"
        "#set($context.responseOverride.header.X = \"over\")$input.json('$.a')",
        {},
    )
    response = IntegrationResponse(
        None, 200, (("X", answer_source("'x'", {})),), {"application/json": overriding}
    )
    assert answer(response) == Answer(201, [JSON, (b"X", b"over")], b"1")


def test_what_a_request_template_overrode_holds_for_the_answer() -> None:
    made = exchange()
    made.overrides = Overrides()
    made.overrides.response["status"] = 444
    assert answer(DEFAULT, made=made).status == 444


def test_a_status_without_a_body_has_none() -> None:
    assert answer(IntegrationResponse(None, 204)).body == b""


@pytest.mark.parametrize(
    ("accept", "body"),
    [(None, b"json"), ("text/xml", b"xml"), ("text/plain", b"json"), ("text/xml,a/b", b"xml")],
)
def test_a_template_is_chosen_by_what_the_caller_accepts(accept: str | None, body: bytes) -> None:
    templates = {
        "text/xml": Template.compile("xml", {}),
        "application/json": Template.compile("json", {}),
    }
    made = exchange(*([("Accept", accept)] if accept else []))
    assert answer(IntegrationResponse(None, 200, (), templates), made=made).body == body


def test_without_json_the_first_template_is_the_one() -> None:
    templates = {"text/xml": Template.compile("xml", {}), "text/csv": Template.compile("csv", {})}
    assert answer(IntegrationResponse(None, 200, (), templates)).body == b"xml"


def test_binary_bodies_go_by_content_type_and_accept() -> None:
    mapping = ResponseMapping((DEFAULT,), BinaryMediaTypes(["image/png"]))
    image = BackendAnswer(200, (("content-type", "image/png"),), b"\x89PNG")
    assert mapping.answer(exchange(), "200", image).body == b"iVBORw=="
    accepting = exchange(("Accept", "image/png"))
    assert mapping.answer(accepting, "200", image).body == b"\x89PNG"
    reading = IntegrationResponse(
        None, 200, (), {"application/json": Template.compile("$input.body", {})}
    )
    with refusal(API_CONFIGURATION_ERROR):
        ResponseMapping((reading,), mapping.binary).answer(accepting, "200", image)
