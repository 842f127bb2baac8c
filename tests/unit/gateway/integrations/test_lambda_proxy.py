import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api_keys import ApiKey
from gateway.exchange import Exchange
from gateway.gateway_response import (
    API_CONFIGURATION_ERROR,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    Answer,
    RefusedError,
)
from gateway.http_backend import HttpBackends
from gateway.integration import Backends
from gateway.integrations.invocation import INLINE
from gateway.integrations.lambda_proxy import LambdaProxy, ProxyEvent, proxy_event
from gateway.lambda_client import Invocation, Target
from gateway.media_type import BinaryMediaTypes
from tests.gateway_stand import API, IDS, Invocations, answered, exchange, refusal

PROXY = LambdaProxy(Target("function-arn", 29.0))


def ask(
    made: Exchange, *answers: Invocation | RefusedError, proxy: LambdaProxy = PROXY
) -> tuple[Answer, Invocations]:
    functions = Invocations(*answers)
    return asyncio.run(proxy.answer(made, Backends(functions, HttpBackends()))), functions


def event(*headers: tuple[str, str], **changes: object) -> ProxyEvent:
    return proxy_event(exchange(*headers, **changes))  # type: ignore[arg-type] # as named


def test_a_function_gets_the_event_and_gives_the_answer() -> None:
    made = exchange(body=b"{}")
    answer, functions = ask(made, answered({"statusCode": 404, "body": "none"}))
    assert (answer.status, answer.body) == (404, b"none")
    ((arn, sent, kind),) = functions.calls
    assert (arn, kind, sent["body"]) == ("function-arn", "RequestResponse", "{}")
    assert (made.backend_status, made.integration_status) == (200, 404)
    assert made.integration_ms is not None


def test_an_event_is_utf_8_so_that_a_letter_takes_no_six_bytes_of_lambda_s_limit() -> None:
    assert "é".encode() in PROXY.event(exchange(("X-Name", "é"), body="é".encode()))


@given(body=st.binary(), value=st.text(st.characters(max_codepoint=255)))
def test_any_body_and_header_make_an_event(body: bytes, value: str) -> None:
    sent = json.loads(PROXY.event(exchange(("X-Any", value), body=body)))
    assert sent["body"] == (body.decode("utf-8", "replace") or None)
    assert sent["headers"]["X-Any"] == value


@pytest.mark.parametrize(
    "answer", [answered({"statusCode": 200}, "Unhandled"), answered([]), Invocation(b"{", None)]
)
def test_a_function_that_fails_is_a_bad_gateway(answer: Invocation) -> None:
    with refusal(INTERNAL_SERVER_ERROR):
        ask(exchange(), answer)


def test_a_call_that_is_refused_is_noted() -> None:
    made = exchange()
    with refusal(INTEGRATION_TIMEOUT):
        ask(made, RefusedError(INTEGRATION_TIMEOUT, "too slow"))
    assert made.backend_status == 504
    assert made.integration_ms is not None


def test_long_bodies_come_through_too() -> None:
    body = "x" * (INLINE + 1)
    answer, functions = ask(exchange(body=body.encode()), answered({"body": body}))
    assert functions.calls[0][1]["body"] == body
    assert answer.body == body.encode()


def test_a_binary_body_goes_as_base64_and_comes_back_from_it() -> None:
    proxy = replace(PROXY, binary=BinaryMediaTypes(["image/png"]))
    made = exchange(("Content-Type", "image/png"), ("Accept", "image/png"), body=b"\x89PNG")
    given = answered({"body": "iVBORw==", "isBase64Encoded": True})
    answer, functions = ask(made, given, proxy=proxy)
    sent = functions.calls[0][1]
    assert (sent["body"], sent["isBase64Encoded"]) == ("iVBORw==", True)
    assert answer.body == b"\x89PNG"
    with refusal(API_CONFIGURATION_ERROR):
        ask(made, answered({"body": "no base64", "isBase64Encoded": True}), proxy=proxy)


def test_what_is_not_there_is_null() -> None:
    made = event(path_parameters={})
    nulls = {
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    }
    assert {key for key, value in made.items() if value is None} == nulls
    assert made["requestContext"]["identity"]["userAgent"] is None


def test_stage_variables_are_told() -> None:
    made = event(api=replace(API, stage_variables={"colour": "blue"}))
    assert made["stageVariables"] == {"colour": "blue"}


def test_of_several_values_the_last_is_the_one() -> None:
    made = event(("X-A", "1"), ("X-A", "2"), query=(("q", "1"), ("r", ""), ("q", "2")))
    assert made["headers"]["X-A"] == "2"
    assert made["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert made["queryStringParameters"] == {"q": "2", "r": ""}
    assert made["multiValueQueryStringParameters"] == {"q": ["1", "2"], "r": [""]}


@pytest.mark.parametrize(
    "name", ["Connection", "content-length", "Expect", "TE", "Transfer-Encoding", "Upgrade"]
)
def test_headers_of_the_connection_do_not_reach_a_function(name: str) -> None:
    assert name not in event((name, "x"))["multiValueHeaders"]


def test_two_names_are_written_as_aws_writes_them_and_the_others_as_sent() -> None:
    made = event(("authorization", "a"), ("user-agent", "b"), ("tEsT-HEADeR", "c"))
    assert {"Authorization", "User-Agent", "tEsT-HEADeR"} <= made["headers"].keys()
    assert made["requestContext"]["identity"]["userAgent"] == "b"


def test_the_way_of_a_request_is_told_in_headers() -> None:
    made = event(
        ("X-Forwarded-For", "203.0.113.1"),
        ("x-forwarded-for", "203.0.113.2"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", "Root=mine"),
    )
    assert made["headers"] == {
        "X-Amzn-Trace-Id": IDS.trace,
        "X-Forwarded-For": "203.0.113.1, 203.0.113.2, 192.0.2.7",
        "X-Forwarded-Port": "8000",
        "X-Forwarded-Proto": "http",
    }


def test_the_context_keeps_the_path_as_sent_and_the_event_drops_the_stage() -> None:
    made = event(path="/v1//things/1/")
    assert made["path"] == "/things/1/"
    assert made["requestContext"]["path"] == "/v1//things/1/"


def test_a_key_is_told_with_its_id() -> None:
    made = exchange()
    made.api_key = ApiKey.of("the-key")
    identity = proxy_event(made)["requestContext"]["identity"]
    assert (identity["apiKey"], identity["apiKeyId"]) == ("the-key", made.api_key.key_id)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"", None), ("grün".encode(), "grün"), (b"gr\xfcn", "gr\ufffdn"), (b"\x89PNG", "\ufffdPNG")],
)
def test_a_body_that_is_not_utf_8_loses_what_is_not(body: bytes, text: str | None) -> None:
    assert event(body=body)["body"] == text


TEXT = st.text(st.characters(max_codepoint=255))


@given(st.lists(st.tuples(TEXT, TEXT)), st.lists(st.tuples(st.text(), st.text())), st.binary())
def test_every_request_makes_an_event_that_json_keeps(
    headers: list[tuple[str, str]], query: list[tuple[str, str]], body: bytes
) -> None:
    made = event(*headers, query=tuple(query), body=body)
    assert json.loads(json.dumps(made)) == made
