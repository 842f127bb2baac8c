from typing import Any

import pytest

from gateway.gateway_response import Headers
from gateway.http_api.cors import Cors, CorsError

ORIGIN = "https://www.example.com"
# the example of the developer guide, "x-amazon-apigateway-cors object"
EXAMPLE = {
    "allowOrigins": ["https://www.example.com"],
    "allowCredentials": True,
    "exposeHeaders": ["x-apigateway-header", "x-amz-date", "content-type"],
    "maxAge": 3600,
    "allowMethods": ["GET", "OPTIONS", "POST"],
    "allowHeaders": ["x-apigateway-header", "x-amz-date", "content-type"],
}
ON_EACH_ANSWER = [
    (b"access-control-allow-origin", b"https://www.example.com"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", b"x-apigateway-header,x-amz-date,content-type"),
]


def test_a_preflight_gets_every_header() -> None:
    assert Cors.read(EXAMPLE).preflight(ORIGIN) == [
        *ON_EACH_ANSWER,
        (b"access-control-allow-methods", b"GET,OPTIONS,POST"),
        (b"access-control-allow-headers", b"x-apigateway-header,x-amz-date,content-type"),
        (b"access-control-max-age", b"3600"),
    ]


def test_an_answer_gets_those_that_it_needs_and_loses_the_function_s_own() -> None:
    given: Headers = [(b"Access-Control-Allow-Origin", b"*"), (b"content-type", b"text/plain")]
    cors = Cors.read(EXAMPLE)
    assert cors.applied(given, ORIGIN) == [(b"content-type", b"text/plain"), *ON_EACH_ANSWER]
    assert cors.applied(given, None) == [(b"content-type", b"text/plain")]


def test_another_origin_gets_no_header() -> None:
    cors = Cors.read(EXAMPLE)
    assert cors.preflight("https://evil.example") == []
    assert cors.applied([], "https://evil.example") == []


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (["*"], "https://a.example", b"*"),
        (["https://*"], "https://a.example", b"https://a.example"),
        (["https://*"], "http://a.example", None),
        (["http://*"], "http://a.example", b"http://a.example"),
        (["https://a.example"], "https://a.example.evil", None),
        ([], "https://a.example", None),
    ],
)
def test_an_origin_is_allowed_by_name_by_scheme_or_in_any_case(
    origins: list[str], origin: str, allowed: bytes | None
) -> None:
    headers = dict(Cors.read({"allowOrigins": origins}).preflight(origin))
    assert headers.get(b"access-control-allow-origin") == allowed


def test_what_is_not_configured_is_not_sent() -> None:
    assert Cors.read({"allowOrigins": ["*"]}).preflight("a") == [
        (b"access-control-allow-origin", b"*")
    ]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"allowOrigin": ["*"]}, "allowOrigin: is not emulated"),
        ({"allowOrigins": "*"}, "allowOrigins: must be a list of texts"),
        ({"allowMethods": [1]}, "allowMethods: must be a list of texts"),
        ({"maxAge": True}, "maxAge: must be a whole number"),
        ({"maxAge": 86_401}, "maxAge: must be from -1 to 86400"),
        ({"allowCredentials": "yes"}, "allowCredentials: must be true or false"),
        (
            {"allowOrigins": ["*"], "allowCredentials": True},
            "allow-credentials is not supported if 'allow-origin' is *",
        ),
    ],
)
def test_what_cannot_be_is_refused(document: dict[str, Any], text: str) -> None:
    with pytest.raises(CorsError) as caught:
        Cors.read(document)
    assert str(caught.value) == text
