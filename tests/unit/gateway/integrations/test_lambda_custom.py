import asyncio
import re

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import API_CONFIGURATION_ERROR, INTEGRATION_FAILURE, Answer
from gateway.http_backend import HttpBackends
from gateway.integration import Backends
from gateway.integrations.lambda_custom import LambdaCustom
from gateway.lambda_client import Invocation, Target
from gateway.mapping.parameters import request_source
from gateway.mapping.request import Parameter, RequestMapping
from gateway.mapping.response import IntegrationResponse, ResponseMapping
from gateway.mapping.template import Template
from tests.gateway_stand import Invocations, answered, exchange, refusal

DEFAULT = IntegrationResponse(None, 200)
NOT_FOUND = IntegrationResponse(re.compile("No such.*"), 404)


def template(text: str) -> dict[str, Template]:
    return {"application/json": Template.compile(text, {})}


def ask(
    answer: Invocation,
    *responses: IntegrationResponse,
    request: RequestMapping | None = None,
    made: Exchange | None = None,
) -> tuple[Answer, Invocations]:
    functions = Invocations(answer)
    custom = LambdaCustom(
        Target("function-arn", 29.0), request or RequestMapping(), ResponseMapping(responses)
    )
    backends = Backends(functions, HttpBackends())
    return asyncio.run(custom.answer(made or exchange(), backends)), functions


def test_the_event_is_what_the_template_makes() -> None:
    request = RequestMapping(template('{"id": "$input.params(\'thing\')"}'))
    _, functions = ask(answered({}), DEFAULT, request=request)
    assert functions.calls == [("function-arn", {"id": "1"}, "RequestResponse")]


@pytest.mark.parametrize(("body", "event"), [(b'{"a": 1}', {"a": 1}), (b"", {})])
def test_without_a_template_the_event_is_the_body(body: bytes, event: object) -> None:
    _, functions = ask(answered({}), DEFAULT, made=exchange(body=body))
    assert functions.calls[0][1] == event


def test_an_answer_is_given_as_the_default_says() -> None:
    answer, _ = ask(answered({"statusCode": 500}), NOT_FOUND, DEFAULT)
    assert (answer.status, answer.body) == (200, b'{"statusCode": 500}')


def test_an_error_is_selected_by_its_message() -> None:
    response = IntegrationResponse(
        NOT_FOUND.pattern, 404, (), template("$input.path('$.errorMessage')")
    )
    failed = answered({"errorMessage": "No such thing", "errorType": "KeyError"}, "Unhandled")
    answer, _ = ask(failed, response, DEFAULT)
    assert (answer.status, answer.body) == (404, b"No such thing")


def test_an_error_that_nothing_selects_takes_the_default() -> None:
    assert ask(answered({"errorMessage": "Other"}, "Unhandled"), DEFAULT)[0].status == 200
    with refusal(API_CONFIGURATION_ERROR):
        ask(answered({"errorMessage": "Other"}, "Unhandled"), NOT_FOUND)


@pytest.mark.parametrize("payload", [b"", b"null", b'"text"', b'{"errorMessage": 1}', b"{"])
def test_a_payload_without_a_message_takes_the_default(payload: bytes) -> None:
    assert ask(Invocation(payload, None), NOT_FOUND, DEFAULT)[0].status == 200


def test_an_invocation_may_be_asynchronous() -> None:
    source = request_source("'Event'", {})
    request = RequestMapping(parameters=(Parameter("header", "X-Amz-Invocation-Type", source),))
    answer, functions = ask(Invocation(b"", None), DEFAULT, request=request)
    assert functions.calls[0][2] == "Event"
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("kind", ["Event\r\nX-Amz-Client-Context: e30=", "event", "x" * 5000])
def test_an_invocation_type_that_is_none_is_not_sent(kind: str) -> None:
    source = request_source("method.request.querystring.kind", {})
    request = RequestMapping(parameters=(Parameter("header", "X-Amz-Invocation-Type", source),))
    made = exchange(query=(("kind", kind),))
    with refusal(INTEGRATION_FAILURE):
        ask(answered({}), DEFAULT, request=request, made=made)


def test_half_a_character_becomes_a_question_mark() -> None:
    request = RequestMapping(template('{"a": "$input.path(\'$.a\')"}'))
    response = IntegrationResponse(None, 200, (), template("$input.path('$.b')"))
    answer, functions = ask(
        Invocation(b'{"b": "\\ud800"}', None),
        response,
        request=request,
        made=exchange(body=b'{"a": "\\ud800"}'),
    )
    assert functions.calls[0][1] == {"a": "?"}
    assert answer.body == b"?"
