import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gateway_response import INTERNAL_SERVER_ERROR, Answer, RefusedError
from gateway.integration_response import answer

JSON = (b"Content-Type", b"application/json")


def of(**members: object) -> Answer:
    return answer(json.dumps(members).encode())


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, Answer(200, [JSON], b"")),
        ({"statusCode": None, "headers": None, "body": None}, Answer(200, [JSON], b"")),
        ({"statusCode": 201, "body": "ä"}, Answer(201, [JSON], "ä".encode())),
        ({"statusCode": "404"}, Answer(404, [JSON], b"")),
        ({"statusCode": 204, "body": "nobody reads it"}, Answer(204, [JSON], b"")),
        (
            {"body": "dGVzdC1kYXRh", "isBase64Encoded": True},
            Answer(200, [JSON], b"dGVzdC1kYXRh"),
        ),
        (
            {"headers": {"Access-Control-Max-Age": 0, "X-Score": 1.5}},
            Answer(200, [JSON, (b"Access-Control-Max-Age", b"0"), (b"X-Score", b"1.5")], b""),
        ),
        (
            {"headers": {"content-type": "text/csv", "X-Flag": True, "X-Off": False}},
            Answer(
                200,
                [(b"content-type", b"text/csv"), (b"X-Flag", b"true"), (b"X-Off", b"false")],
                b"",
            ),
        ),
        (
            {"headers": {"Date": "x", "Server": "y", "Transfer-Encoding": "z", "X": "ä"}},
            Answer(
                200,
                [
                    JSON,
                    (b"x-amzn-Remapped-Date", b"x"),
                    (b"x-amzn-Remapped-Server", b"y"),
                    (b"X", b"\xe4"),
                ],
                b"",
            ),
        ),
        ({"headers": {"x-amzn-RequestId": "forged"}}, Answer(200, [JSON], b"")),
        ({"body": "\ud800"}, Answer(200, [JSON], b"?")),
    ],
)
def test_a_proxy_response_becomes_an_answer(members: dict[str, object], expected: Answer) -> None:
    assert of(**members) == expected


def test_both_kinds_of_headers_are_merged() -> None:
    merged = of(
        headers={"set-cookie": "c=3", "X-One": "1", "x-same": "s"},
        multiValueHeaders={"Set-Cookie": ["a=1", "b=2"], "X-Same": ["s"]},
    )
    assert merged.headers == [
        JSON,
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"Set-Cookie", b"c=3"),
        (b"X-Same", b"s"),
        (b"X-One", b"1"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b'"text"',
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"statusCode": 200, "wrongValue": "value"}',
        b'{"errorMessage": "failed", "errorType": "ValueError"}',
        b'{"statusCode": "test"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 101}',
        b'{"statusCode": 600}',
        b'{"statusCode": true}',
        b'{"statusCode": 200.5}',
        b'{"headers": []}',
        b'{"headers": {"X": [1]}}',
        b'{"headers": {"X": null}}',
        b'{"headers": {"X": "a\\r\\nY: b"}}',
        b'{"headers": {"X": "\\u20ac"}}',
        b'{"headers": {"X Y": "a"}}',
        b'{"headers": {"": "a"}}',
        b'{"multiValueHeaders": {"X": "a"}}',
        b'{"multiValueHeaders": {"X": [null]}}',
        b'{"multiValueHeaders": "X"}',
        b'{"body": {"a": 1}}',
    ],
)
def test_another_shape_is_a_server_error(payload: bytes) -> None:
    with pytest.raises(RefusedError, match="malformed Lambda proxy response") as caught:
        answer(payload)
    assert caught.value.response == INTERNAL_SERVER_ERROR


DOCUMENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=8,
)
RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "statusCode": DOCUMENT,
        "headers": st.dictionaries(st.text(), st.text()) | DOCUMENT,
        "multiValueHeaders": st.dictionaries(st.text(), st.lists(st.text())) | DOCUMENT,
        "body": DOCUMENT,
    },
)


@given(RESPONSE | DOCUMENT)
def test_whatever_a_function_gives_is_sent_safely_or_refused(document: object) -> None:
    try:
        made = answer(json.dumps(document).encode())
    except RefusedError:
        return
    assert 200 <= made.status <= 599
    for name, value in made.headers:
        assert re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert not re.search(rb"[\r\n\0]", value)
