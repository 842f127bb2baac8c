from typing import Any

import pytest

from gateway.authorizer import Authorizer, Kind
from gateway.openapi.document import DefinitionError, Document
from gateway.openapi.security import Security, SecurityReader
from tests.gateway_stand import FUNCTION, FUNCTION_URI, api_document, exchange

EXTENSION = "x-amazon-apigateway-authorizer"
API_KEY = {"type": "apiKey", "name": "X-API-Key", "in": "header"}


def scheme(**members: object) -> dict[str, Any]:
    authorizer = {"type": "token", "authorizerUri": FUNCTION_URI, **members}
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        EXTENSION: {name: value for name, value in authorizer.items() if value is not None},
    }


def request_scheme(identity_source: str | None, **members: object) -> dict[str, Any]:
    return scheme(type="request", identitySource=identity_source, **members)


def security(schemes: dict[str, Any], *requirements: dict[str, list[str]]) -> Security:
    document = Document(api_document(components={"securitySchemes": schemes}))
    return SecurityReader(document, {"colour": "blue"}).read("here", requirements)


def authorizer(made: dict[str, Any]) -> Authorizer:
    found = security({"auth": made}, {"auth": []}).authorizer
    assert found is not None
    return found


def test_an_operation_may_ask_for_nothing() -> None:
    assert security({}) == Security(needs_api_key=False, authorizer=None)


def test_an_operation_may_ask_for_a_key_an_authorizer_or_both() -> None:
    schemes = {"key": API_KEY, "auth": scheme()}
    assert security(schemes, {"key": []}) == Security(needs_api_key=True, authorizer=None)
    for both in (
        security(schemes, {"key": [], "auth": []}),
        security(schemes, {"key": []}, {"auth": []}),
    ):
        assert both.needs_api_key
        assert both.authorizer is not None


def test_a_token_authorizer_is_read() -> None:
    made = authorizer(
        scheme(identityValidationExpression="^x-[a-z]+", authorizerResultTtlInSeconds=60)
    )
    assert (made.name, made.kind, made.function_arn) == ("auth", Kind.TOKEN, FUNCTION)
    assert made.validation is not None
    assert made.validation.pattern == "^x-[a-z]+"
    assert made.ttl == 60
    # a header's name has no case to a token
    assert made.identity(exchange(("AUTHORIZATION", "x-abc"))) == ("x-abc",)


def test_a_request_authorizer_is_read() -> None:
    made = authorizer(
        request_scheme(
            "method.request.header.Auth, method.request.querystring.q,"
            " stageVariables.colour, context.httpMethod"
        )
    )
    assert (made.kind, made.ttl) == (Kind.REQUEST, 300)
    sent = exchange(("auth", "a"), query=(("q", "1"),))
    assert made.identity(sent) == ("a", "1", "blue", "POST")


def test_without_a_cache_a_request_needs_no_identity() -> None:
    made = authorizer(request_scheme(None, authorizerResultTtlInSeconds=0))
    assert made.identity(exchange()) == ()


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"type": "oauth2"}, "here.security: 'auth' is neither an apiKey in the header x-api-key"),
        ({**API_KEY, "in": "query"}, "here.security: 'auth' is neither an apiKey"),
        ({**scheme(), "type": "http"}, "securitySchemes.auth.type: must be apiKey"),
        (
            {**scheme(), "x-amazon-apigateway-authtype": "awsSigv4"},
            "x-amazon-apigateway-authtype: 'awsSigv4' is not emulated",
        ),
        (scheme(type="cognito_user_pools"), "type: 'cognito_user_pools' is not emulated"),
        (scheme(type="jwt"), "type: 'jwt' is not emulated"),
        (scheme(authorizerCredentials="arn"), "authorizerCredentials: is not emulated"),
        (scheme(authorizerUri=FUNCTION), "authorizerUri: is not the invocation of a Lambda"),
        (scheme(authorizerResultTtlInSeconds=3601), "must be from 0 to 3600"),
        (scheme(identityValidationExpression="("), "identityValidationExpression: "),
        ({**scheme(), "in": "query"}, "a token comes in a header"),
        (request_scheme(None), "identitySource: is missing"),
        (
            request_scheme("method.request.path.id"),
            "identitySource: 'method.request.path.id' is not emulated",
        ),
        (request_scheme("context.nothing"), "identitySource: $context.nothing is not known"),
        (
            request_scheme("method.request.header.A", identityValidationExpression="x"),
            "identityValidationExpression: is for a token alone",
        ),
    ],
)
def test_what_is_not_emulated_is_refused(made: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        security({"auth": made}, {"auth": []})
    assert message in str(caught.value)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"here\.security: 'none' is neither"):
        security({}, {"none": []})


def test_only_one_authorizer_can_be_asked() -> None:
    with pytest.raises(DefinitionError, match="a and b: only one authorizer can be asked"):
        security({"a": scheme(), "b": scheme()}, {"a": []}, {"b": []})
