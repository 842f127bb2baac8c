from typing import Any

import pytest

from gateway.integration import Integration
from gateway.integrations.http import Http, HttpProxy
from gateway.integrations.lambda_custom import LambdaCustom
from gateway.integrations.lambda_proxy import LambdaProxy
from gateway.integrations.mock import Mock
from gateway.lambda_client import Target
from gateway.mapping.content import ContentHandling
from gateway.mapping.request import Passthrough
from gateway.media_type import BinaryMediaTypes
from gateway.openapi.document import DefinitionError
from gateway.openapi.integrations import IntegrationReader
from tests.gateway_stand import FUNCTION, FUNCTION_URI, exchange

VARIABLES = {"function": "things", "host": "backend.example.com"}
DECLARED = {("path", "thing"), ("header", "X-A"), ("query", "q"), ("cookie", "c")}
RESPONSES: dict[Any, Any] = {
    "200": {"description": "Done.", "headers": {"X-B": {}, "Content-Type": {}}},
    404: {"description": "None."},
    "999": {"description": "No status of HTTP."},
}


def integration(**members: object) -> Integration:
    node = {name.replace("__", "."): value for name, value in members.items()}
    reader = IntegrationReader(VARIABLES, BinaryMediaTypes())
    return reader.read("here", node, DECLARED, RESPONSES)


def function(kind: str = "aws_proxy", **members: object) -> Integration:
    return integration(**{"type": kind, "httpMethod": "POST", "uri": FUNCTION_URI, **members})


def backend(kind: str = "http", **members: object) -> Integration:
    uri = "http://${stageVariables.host}/{thing}"
    return integration(**{"type": kind, "httpMethod": "GET", "uri": uri, **members})


def test_a_lambda_proxy_is_read() -> None:
    made = function(
        uri=FUNCTION_URI.replace(":things/", ":${stageVariables.function}/"),
        timeoutInMillis=50,
        passthroughBehavior="never",
        connectionType="INTERNET",
    )
    assert isinstance(made, LambdaProxy)
    assert made.target == Target(FUNCTION, 0.05)
    assert made.is_traced


def test_an_alias_of_a_function_is_read() -> None:
    made = function(uri=FUNCTION_URI.replace("/invocations", ":live/invocations"))
    assert isinstance(made, LambdaProxy)
    assert made.target.function_arn == f"{FUNCTION}:live"


def test_a_custom_lambda_is_read() -> None:
    made = function(
        "AWS",
        passthroughBehavior="WHEN_NO_TEMPLATES",
        contentHandling="CONVERT_TO_TEXT",
        requestTemplates={"application/json": "{}"},
        requestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
        responses={
            "default": {"statusCode": 200},
            "No.*": {
                "statusCode": "404",
                "responseTemplates": {"Application/JSON": "none"},
                "contentHandling": "CONVERT_TO_BINARY",
            },
        },
    )
    assert isinstance(made, LambdaCustom)
    assert made.target == Target(FUNCTION, 29.0)
    assert made.request.passthrough is Passthrough.WHEN_NO_TEMPLATES
    assert made.request.content_handling is ContentHandling.CONVERT_TO_TEXT
    default, missing = made.response.responses
    assert (default.pattern, default.status) == (None, 200)
    assert missing.pattern is not None
    assert (missing.pattern.pattern, missing.status) == ("No.*", 404)
    assert missing.templates["application/json"].constant == "none"
    assert missing.content_handling is ContentHandling.CONVERT_TO_BINARY


def test_an_http_integration_is_read_with_its_parameters() -> None:
    made = backend(
        requestParameters={
            "integration.request.path.thing": "method.request.path.thing",
            "integration.request.header.X-C": "method.request.multivalueheader.X-A",
            "integration.request.querystring.q": "method.request.multivaluequerystring.q",
            "integration.request.querystring.b": "method.request.body.b",
            "integration.request.querystring.s": "'static'",
            "integration.request.querystring.v": "stageVariables.host",
        },
        responses={
            "2..": {
                "statusCode": "200",
                "responseParameters": {"method.response.header.x-b": "context.stage"},
            }
        },
    )
    assert isinstance(made, Http)
    assert (made.method, made.uri) == ("GET", "http://backend.example.com/{thing}")
    sent = exchange(("X-A", "1"), body=b'{"b": 2}', query=(("q", "3"), ("q", "4")))
    assert made.request.mapped(sent, "path") == {"thing": "1"}
    assert made.request.mapped(sent, "header") == {"X-C": "1"}
    assert made.request.mapped(sent, "querystring") == {
        "q": ["3", "4"],
        "b": "2",
        "s": "static",
        "v": "backend.example.com",
    }
    (response,) = made.response.responses
    assert [name for name, _ in response.headers] == ["x-b"]


def test_an_http_proxy_takes_the_caller_s_method() -> None:
    made = backend("http_proxy", httpMethod="any")
    assert isinstance(made, HttpProxy)
    assert made.method is None
    assert not made.is_traced


def test_a_mock_is_read() -> None:
    made = integration(
        type="mock",
        requestTemplates={"application/json": '{"statusCode": 200}'},
        responses={"default": {"statusCode": "200"}},
    )
    assert isinstance(made, Mock)
    assert not made.is_traced


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"type": "vpc"}, "here.type: 'vpc' is not emulated"),
        ({}, "here.type: 'none' is not emulated"),
        ({"type": "mock", "credentials": "arn"}, "here.credentials: is not emulated"),
        ({"type": "mock", "cacheKeyParameters": []}, "here.cacheKeyParameters: is not emulated"),
        ({"type": "http_proxy", "tlsConfig": {}}, "here.tlsConfig: is not emulated"),
        ({"type": "http_proxy", "responses": {}}, "here.responses: is not emulated"),
        ({"type": "aws_proxy", "requestTemplates": {}}, "here.requestTemplates: is not emulated"),
        ({"type": "http", "connectionType": "VPC_LINK"}, "only INTERNET is emulated"),
        ({"type": "mock", "timeoutInMillis": 29001}, "timeoutInMillis: must be from 50 to 29000"),
        ({"type": "mock", "timeoutInMillis": "1000"}, "timeoutInMillis: must be from 50 to 29000"),
        ({"type": "aws_proxy", "httpMethod": "GET"}, "here.httpMethod: 'GET' is not emulated"),
        ({"type": "aws_proxy", "httpMethod": "POST"}, "here.uri: must be a text"),
        (
            {"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION},
            "here.uri: is not the invocation of a Lambda function",
        ),
        (
            {
                "type": "aws",
                "httpMethod": "POST",
                "uri": "arn:aws:apigateway:eu-central-1:sqs:path/1/queue",
            },
            "here.uri: is not the invocation of a Lambda function",
        ),
        (
            {"type": "http_proxy", "httpMethod": "GET", "uri": "http://${stageVariables.none}/"},
            "here.uri: the stage has no variable none",
        ),
        (
            {"type": "http_proxy", "httpMethod": "GET", "uri": "ftp://host/"},
            "here.uri: must begin with http:// or https:// and a host",
        ),
        (
            {"type": "http_proxy", "httpMethod": "GET", "uri": "http://host{thing}/"},
            "here.uri: must begin with http:// or https:// and a host",
        ),
        ({"type": "http_proxy", "uri": "http://host/"}, "here.httpMethod: is missing"),
        (
            {"type": "http_proxy", "uri": "http://host/", "httpMethod": "HEAD"},
            "here.httpMethod: HEAD to an HTTP backend is not emulated",
        ),
        ({"type": "mock", "passthroughBehavior": "x"}, "passthroughBehavior: 'X' is not emulated"),
        ({"type": "mock", "contentHandling": "x"}, "here.contentHandling: 'x' is not emulated"),
        ({"type": "mock", "requestTemplates": []}, "must be an object whose values are texts"),
        ({"type": "mock", "requestTemplates": {"$default": ""}}, "$default: is no media type"),
        (
            {"type": "mock", "requestTemplates": {"a/b": "#if(true)"}},
            "here.requestTemplates.a/b: line 1",
        ),
        ({"type": "mock", "responses": []}, "here.responses: must be an object"),
    ],
)
def test_what_is_not_emulated_is_refused(members: dict[str, object], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        integration(**members)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expression", "message"),
    [
        ("header.X", "'x'", "maps to nothing of an integration's request"),
        (
            "integration.request.header.X",
            "method.request.header.x-a",
            "method.request.header.x-a is not declared in the operation's parameters",
        ),
        ("integration.request.header.X", "x", "'x' is no mapping expression"),
        ("integration.request.header.Host", "'x'", "a mapped Host is not emulated"),
        ("integration.request.header.X", "context.x", "is no variable of $context"),
    ],
)
def test_a_parameter_that_cannot_be_mapped_is_refused(
    name: str, expression: str, message: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        backend(requestParameters={name: expression})
    assert message in str(caught.value)


def test_only_the_invocation_type_is_mapped_to_a_function() -> None:
    with pytest.raises(DefinitionError, match=r"querystring.q does nothing to an invocation"):
        function("aws", requestParameters={"integration.request.querystring.q": "'1'"})


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        ({"default": {}}, "statusCode: None is not in the operation's responses"),
        ({"default": {"statusCode": "500"}}, "statusCode: 500 is not in the operation's responses"),
        ({"default": {"statusCode": "999"}}, "statusCode: must be from 200 to 599"),
        ({"default": []}, "responses.default: must be an object"),
        ({"default": {"statusCode": "200", "x": 1}}, "responses.default.x: is not emulated"),
        ({"(": {"statusCode": "200"}}, "responses.(: is no regular expression"),
        (
            {"default": {"statusCode": 200, "responseParameters": {"header.X-B": "'x'"}}},
            "header.X-B: is not a header of the operation's response 200",
        ),
        (
            {
                "default": {
                    "statusCode": 404,
                    "responseParameters": {"method.response.header.X-B": "'x'"},
                }
            },
            "X-B: is not a header of the operation's response 404",
        ),
        (
            {
                "default": {
                    "statusCode": 200,
                    "responseParameters": {"method.response.header.X-B": "method.request.path.x"},
                }
            },
            "'method.request.path.x' is no mapping expression",
        ),
    ],
)
def test_a_response_that_cannot_be_given_is_refused(
    responses: dict[str, object], message: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        integration(type="mock", responses=responses)
    assert message in str(caught.value)
