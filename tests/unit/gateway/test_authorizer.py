import re
from typing import Any

import pytest

from gateway.authorizer import Authorizer, Kind, Result, Results, method_arn, read_result
from gateway.exchange import Exchange
from gateway.gateway_response import (
    AUTHORIZER_CONFIGURATION_ERROR,
    UNAUTHORIZED,
    URI_TOO_LONG,
    RefusedError,
)
from gateway.policy import Policy
from tests.gateway_stand import answered, exchange, refusal

ARN = "arn:aws:execute-api:eu-central-1:123456789012:fe92dfe331/v1/POST/things/1"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}],
}


def token(made: Exchange) -> str | None:
    return made.request.header("authorization")


def page(made: Exchange) -> str | None:
    return dict(made.query).get("page")


TOKEN = Authorizer("tokens", Kind.TOKEN, "arn", (token,), re.compile("Bearer .+"))
REQUEST = Authorizer("requests", Kind.REQUEST, "arn", (token, page))


def test_the_identity_is_what_the_sources_give() -> None:
    made = exchange(("Authorization", "Bearer x"), query=(("page", "2"),))
    assert TOKEN.identity(made) == ("Bearer x",)
    assert REQUEST.identity(made) == ("Bearer x", "2")


@pytest.mark.parametrize("headers", [(), (("Authorization", ""),), (("Authorization", "Basic x"),)])
def test_a_token_that_is_missing_or_none_is_unauthorized(
    headers: tuple[tuple[str, str], ...],
) -> None:
    with refusal(UNAUTHORIZED):
        TOKEN.identity(exchange(*headers))


@pytest.mark.parametrize("query", [(), (("page", ""),)])
def test_every_identity_source_must_be_there(query: tuple[tuple[str, str], ...]) -> None:
    with refusal(UNAUTHORIZED):
        REQUEST.identity(exchange(("Authorization", "x"), query=query))


def test_a_method_has_an_arn() -> None:
    assert method_arn(exchange()) == ARN
    assert method_arn(exchange(path="/v1")) == ARN.removesuffix("things/1")


def test_an_arn_of_more_than_1600_bytes_is_too_long() -> None:
    room = 1600 - len(ARN.removesuffix("1"))
    method_arn(exchange(path="/v1/things/" + "1" * room))
    with refusal(URI_TOO_LONG):
        method_arn(exchange(path="/v1/things/" + "1" * (room + 1)))


def result(**changes: object) -> Result:
    return read_result(answered({"principalId": "user", "policyDocument": POLICY, **changes}))


def test_a_result_is_read_with_its_context_as_text() -> None:
    context = {"stringKey": "value", "numberKey": 1, "floatKey": 1.5, "booleanKey": True}
    assert result(context=context, usageIdentifierKey="the-key") == Result(
        Policy.read(POLICY),
        {
            "principalId": "user",
            "stringKey": "value",
            "numberKey": "1",
            "floatKey": "1.5",
            "booleanKey": "true",
        },
        "the-key",
    )


def test_context_and_key_may_be_missing() -> None:
    assert result(context=None) == Result(Policy.read(POLICY), {"principalId": "user"}, None)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"principalId": None}, "principalId must be a text"),
        ({"principalId": ""}, "principalId must be a text"),
        ({"policyDocument": None}, "policyDocument has no Statement"),
        ({"context": []}, "context must be an object"),
        ({"context": {"a": []}}, "context.a must be a text, a number or a boolean"),
        ({"context": {"a": None}}, "context.a must be a text, a number or a boolean"),
        ({"usageIdentifierKey": 1}, "usageIdentifierKey must be a text"),
    ],
)
def test_a_bad_result_is_a_configuration_error(changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(RefusedError, match=cause) as caught:
        result(**changes)
    assert caught.value.response == AUTHORIZER_CONFIGURATION_ERROR


@pytest.mark.parametrize("document", [None, "Allow", []])
def test_what_is_no_object_is_a_configuration_error(document: object) -> None:
    with refusal(AUTHORIZER_CONFIGURATION_ERROR):
        read_result(answered(document))


def test_a_function_may_say_unauthorized() -> None:
    with refusal(UNAUTHORIZED):
        read_result(answered({"errorMessage": "Unauthorized"}, "Unhandled"))


@pytest.mark.parametrize("document", [{"errorMessage": "Unauthorized user"}, {}, None])
def test_any_other_error_is_a_configuration_error(document: object) -> None:
    with refusal(AUTHORIZER_CONFIGURATION_ERROR):
        read_result(answered(document, "Unhandled"))


def test_a_result_holds_for_its_time_and_its_caller() -> None:
    results = Results(ttl=300)
    results.keep(("a",), result(), now=10.0)
    assert results.find(("a",), now=309.9) == result()
    assert results.find(("a",), now=310.0) is None
    assert results.find(("b",), now=10.0) is None


def test_without_a_time_or_an_identity_nothing_is_kept() -> None:
    never, nobody = Results(ttl=0), Results(ttl=300)
    never.keep(("a",), result(), now=0.0)
    nobody.keep((), result(), now=0.0)
    assert never.find(("a",), now=0.0) is None
    assert nobody.find((), now=0.0) is None


def test_the_oldest_result_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.authorizer.REMEMBERED", 2)
    results = Results(ttl=300)
    for name in ("a", "b", "a", "c"):
        results.keep((name,), result(), now=0.0)
    assert [name for name in "abc" if results.find((name,), now=1.0)] == ["a", "c"]
