from typing import Any

import pytest

from gateway.api import Account
from gateway.http_api.cors import Cors
from gateway.http_api.definition import DefinitionError, read
from gateway.http_api.routes import Route
from gateway.lambda_client import Target

ACCOUNT = Account("eu-central-1", "123456789012")
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:things"
INVOCATION = f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{ARN}/invocations"
INTEGRATION = {
    "type": "AWS_PROXY",
    "httpMethod": "POST",
    "uri": ARN,
    "payloadFormatVersion": "2.0",
}


def definition(
    paths: dict[str, Any],
    **members: Any,  # noqa: ANN401 - what YAML holds
) -> dict[str, Any]:
    return {"openapi": "3.0.1", "info": {"title": "t"}, "paths": paths, **members}


def operation(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - what YAML holds
    return {"x-amazon-apigateway-integration": INTEGRATION | members}


def test_routes_are_read_with_their_functions_and_timeouts() -> None:
    document = definition(
        {
            "/things/{id}": {
                "get": operation(uri=INVOCATION, timeoutInMillis=50),
                "x-amazon-apigateway-any-method": operation(payloadFormatVersion=2.0),
            },
            "/{proxy+}": {"post": operation(type="aws_proxy", connectionType="INTERNET")},
            "/$default": {
                "x-amazon-apigateway-any-method": {"isDefaultRoute": True} | operation(),
            },
        }
    )
    read_in = read(document, ACCOUNT, {"a": "b"})
    assert read_in.routes == (
        Route("GET", "/things/{id}", Target(ARN, 0.05)),
        Route("ANY", "/things/{id}", Target(ARN, 30.0)),
        Route("POST", "/{proxy+}", Target(ARN, 30.0)),
        Route("ANY", "$default", Target(ARN, 30.0)),
    )
    assert (read_in.api.stage, read_in.api.stage_variables) == ("$default", {"a": "b"})
    assert read_in.cors is None


def test_an_integration_may_stand_in_the_components() -> None:
    document = definition(
        {
            "/a": {
                "get": {
                    "x-amazon-apigateway-integration": {
                        "$ref": "#/components/x-amazon-apigateway-integrations/one"
                    }
                }
            }
        },
        components={"x-amazon-apigateway-integrations": {"one": INTEGRATION}},
    )
    (route,) = read(document, ACCOUNT).routes
    assert route.target == Target(ARN, 30.0)


def test_cors_is_read() -> None:
    document = definition({}, **{"x-amazon-apigateway-cors": {"allowOrigins": ["*"], "maxAge": 0}})
    assert read(document, ACCOUNT).cors == Cors(("*",), (), (), (), 0, credentials=False)


def test_what_aws_ignores_is_ignored() -> None:
    described = operation() | {}
    described["x-other"] = 1
    methods = {"get": described | {"parameters": [], "responses": {200: {}, "default": {}}}}
    document = definition(
        {"/a": methods | {"parameters": [], "summary": "s"}}, security=[], tags=[]
    )
    assert len(read(document, ACCOUNT).routes) == 1


WHERE = "paths./a.get.x-amazon-apigateway-integration"


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"type": "HTTP_PROXY"}, "type: 'HTTP_PROXY' is not emulated"),
        ({"payloadFormatVersion": "1.0"}, "payloadFormatVersion: '1.0' is not emulated"),
        ({"connectionType": "VPC_LINK"}, "connectionType: 'VPC_LINK' is not emulated"),
        ({"connectionId": "a"}, "connectionId: is not emulated"),
        ({"integrationSubtype": "SQS-SendMessage"}, "integrationSubtype: is not emulated"),
        ({"requestParameters": {}}, "requestParameters: is not emulated"),
        ({"responseParameters": {}}, "responseParameters: is not emulated"),
        ({"credentials": "arn"}, "credentials: is not emulated"),
        ({"tlsConfig": {}}, "tlsConfig: is not emulated"),
        ({"httpMethod": "GET"}, "httpMethod: 'GET' is not emulated"),
        ({"timeoutInMillis": 30_001}, "timeoutInMillis: must be from 50 to 30000"),
        ({"uri": "http://a"}, "uri: is not a Lambda function or its invocation"),
    ],
)
def test_an_integration_that_is_not_emulated_is_refused(members: dict[str, Any], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(definition({"/a": {"get": operation(**members)}}), ACCOUNT)
    assert str(caught.value) == f"{WHERE}.{text}"


SECURED = [{"jwt": ["scope"]}]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"swagger": "2.0"}, "openapi: must be 3.0"),
        ([], "openapi: must be 3.0"),
        (
            definition({}, security=SECURED),
            "security: authorizers of an HTTP API are not emulated",
        ),
        (
            definition({"/a": {"get": operation() | {"security": SECURED}}}),
            "paths./a.get.security: authorizers of an HTTP API are not emulated",
        ),
        (
            definition({}, **{"x-amazon-apigateway-endpoint-configuration": {}}),
            "x-amazon-apigateway-endpoint-configuration: is not emulated",
        ),
        (
            definition({}, **{"x-amazon-apigateway-cors": []}),
            "x-amazon-apigateway-cors: must be an object",
        ),
        (
            definition({}, **{"x-amazon-apigateway-cors": {"a": 1}}),
            "x-amazon-apigateway-cors.a: is not emulated",
        ),
        (
            definition({"/a": {"get": operation() | {"x-amazon-apigateway-auth": {}}}}),
            "paths./a.get.x-amazon-apigateway-auth: is not emulated",
        ),
        (definition({"/a": {"get": {}}}), f"{WHERE}: is missing"),
        (
            definition({"/a": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/b"}}}}),
            f"{WHERE}: #/b is not in this file",
        ),
        (definition({"/a": {"trace": operation()}}), "paths./a.trace: is not emulated"),
        (
            definition({"/a/": {"get": operation()}}),
            "paths./a/: '' cannot be part of a route",
        ),
        (
            definition({"/{a+}/b": {"get": operation()}}),
            "paths./{a+}/b: '{a+}' cannot be part of a route",
        ),
        (
            definition({"/$default": {"get": operation()}}),
            (
                "paths./$default.get: the default route is /$default.x-amazon-apigateway-any-method"
                " with isDefaultRoute: true"
            ),
        ),
        (
            definition({"/a": {"get": operation() | {"isDefaultRoute": True}}}),
            (
                "paths./a.get: the default route is /$default.x-amazon-apigateway-any-method"
                " with isDefaultRoute: true"
            ),
        ),
    ],
)
def test_a_definition_that_is_not_emulated_is_refused(document: object, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(document, ACCOUNT)
    assert str(caught.value) == message
