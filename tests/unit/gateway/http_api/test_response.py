import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gateway_response import Answer
from gateway.http_api.response import MalformedError, answer

JSON = [(b"content-type", b"application/json")]
TEXT = [(b"content-type", b"text/plain;charset=UTF-8")]


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        # localstack's AWS-validated test_lambda_url_invocation
        (b'{"hello": "world"}', b'{"hello":"world"}'),
        (b'["hello", 3, true]', b'["hello",3,true]'),
        (b'"hello"', b"hello"),
        (b"3", b"3"),
        (b"3.1", b"3.1"),
        (b"true", b"true"),
        # the developer guide's example
        (b'"Hello from Lambda!"', b"Hello from Lambda!"),
        (b"null", b"null"),
        ('{"a": "\u00e9"}'.encode(), '{"a":"\u00e9"}'.encode()),
    ],
)
def test_a_plain_value_is_the_body_of_a_200(payload: bytes, body: bytes) -> None:
    assert answer(payload) == Answer(200, JSON, body)


def test_an_answer_of_the_format_is_taken_as_it_is() -> None:
    payload = {
        "cookies": ["a=1; Path=/", "b=2"],
        "isBase64Encoded": False,
        "statusCode": 201,
        "headers": {"Content-Type": "text/csv", "X-Count": 3, "X-Good": True},
        "body": "1,2",
        # another member is ignored, as DataDog/datadog-lambda-js#162 saw it
        "multiValueHeaders": {},
    }
    assert answer(json.dumps(payload).encode()) == Answer(
        201,
        [
            (b"content-type", b"text/csv"),
            (b"x-count", b"3"),
            (b"x-good", b"true"),
            (b"set-cookie", b"a=1; Path=/"),
            (b"set-cookie", b"b=2"),
        ],
        b"1,2",
    )


def test_a_body_without_a_type_is_text() -> None:
    assert answer(b'{"statusCode": "200", "body": "a"}') == Answer(200, TEXT, b"a")


def test_a_binary_body_is_decoded() -> None:
    payload = b'{"statusCode": 200, "body": "/wA=", "isBase64Encoded": true}'
    assert answer(payload) == Answer(200, TEXT, b"\xff\x00")


def test_what_has_no_body_has_none() -> None:
    assert answer(b'{"statusCode": 204, "body": "a"}').body == b""


def test_headers_that_the_gateway_sets_are_dropped() -> None:
    headers = {"Content-Length": "9", "Transfer-Encoding": "chunked", "apigw-requestid": "a"}
    payload = json.dumps({"statusCode": 200, "headers": headers}).encode()
    assert answer(payload) == Answer(200, TEXT, b"")


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"", "the function's answer is not JSON"),
        (b"NaN", "the function's answer is not JSON"),
        (b'{"statusCode": 99}', "statusCode is not the status of an answer"),
        (b'{"statusCode": "ok"}', "statusCode is not the status of an answer"),
        (b'{"statusCode": null}', "statusCode is not the status of an answer"),
        (b'{"statusCode": 200, "headers": []}', "headers is not an object"),
        (b'{"statusCode": 200, "cookies": "a=b"}', "cookies is not a list"),
        (b'{"statusCode": 200, "body": {}}', "body is not a text"),
        (b'{"statusCode": 200, "body": "?", "isBase64Encoded": true}', "body is not base64"),
        (
            b'{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}',
            "the header 'a' or its value cannot be sent",
        ),
        (
            b'{"statusCode": 200, "headers": {"a b": "c"}}',
            "the header 'a b' or its value cannot be sent",
        ),
    ],
)
def test_what_can_be_no_answer_is_malformed(payload: bytes, text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        answer(payload)
    assert str(caught.value) == text


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON_VALUES.filter(lambda value: not isinstance(value, dict) or "statusCode" not in value))
def test_a_plain_value_comes_back_as_it_was(value: object) -> None:
    body = answer(json.dumps(value).encode()).body
    expected = value.encode("utf-8", "replace") if isinstance(value, str) else None
    assert body == expected if expected is not None else json.loads(body) == value
