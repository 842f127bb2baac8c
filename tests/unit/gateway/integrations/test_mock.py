import asyncio
import re

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import API_CONFIGURATION_ERROR, BAD_MAPPING, Answer
from gateway.http_backend import HttpBackends
from gateway.integration import Backends
from gateway.integrations.mock import Mock
from gateway.mapping.request import RequestMapping
from gateway.mapping.response import IntegrationResponse, ResponseMapping
from gateway.mapping.template import Template
from tests.gateway_stand import Invocations, exchange, refusal

DEFAULT = IntegrationResponse(None, 200)
TEAPOT = IntegrationResponse(re.compile("4.."), 418)


def ask(
    template: str | None, *responses: IntegrationResponse, made: Exchange | None = None
) -> Answer:
    templates = {} if template is None else {"application/json": Template.compile(template, {})}
    mock = Mock(RequestMapping(templates), ResponseMapping(responses))
    backends = Backends(Invocations(), HttpBackends())
    return asyncio.run(mock.answer(made or exchange(), backends))


@pytest.mark.parametrize(
    "template",
    [
        '{"statusCode": 200}',
        "{statusCode: 200}",
        "{'statusCode': 200, \"a\": null}",
        '#set($a=1){\n  "statusCode": 200\n}',
    ],
)
def test_the_template_says_the_status(template: str) -> None:
    made = exchange()
    assert ask(template, TEAPOT, DEFAULT, made=made).status == 200
    assert (made.integration_status, made.integration_ms) == (200, 0.0)


def test_the_status_selects_the_response() -> None:
    assert ask('{"statusCode": 404}', DEFAULT, TEAPOT).status == 418
    with refusal(API_CONFIGURATION_ERROR):
        ask('{"statusCode": 200}', TEAPOT)


@pytest.mark.parametrize(
    "template", ["", "{}", '{"statusCode": "200"}', '{"statusCode": true}', "[200]", "{", "200"]
)
def test_without_a_status_it_is_an_internal_error(template: str) -> None:
    with refusal(BAD_MAPPING):
        ask(template, DEFAULT)


def test_without_a_template_the_body_says_the_status() -> None:
    assert ask(None, DEFAULT, TEAPOT, made=exchange(body=b'{"statusCode": 404}')).status == 418


@pytest.mark.parametrize("body", [b"a: 2020-99-99", b"{statusCode: 404, a: %s}" % (b"b" * 5000)])
def test_a_body_that_is_no_short_yaml_gives_no_status(body: bytes) -> None:
    with refusal(BAD_MAPPING):
        ask(None, DEFAULT, made=exchange(body=body))


def test_a_long_template_is_json() -> None:
    template = '{"statusCode": 404, "a": "%s"}' % ("b" * 200_000)
    assert ask(template, DEFAULT, TEAPOT).status == 418
