from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from gateway.app import DEFINITION
from gateway.deployment import Deployment
from gateway.openapi import Account, DefinitionError, read

ACCOUNT = Account(region="eu-central-1", account_id="123456789012")
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:things"
PREFIX = "x-amazon-apigateway"


def operation(**changes: object) -> dict[str, Any]:
    return {
        "responses": {"200": {"description": "Done."}},
        f"{PREFIX}-integration": integration(),
        **changes,
    }


def integration(**changes: object) -> dict[str, Any]:
    return {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {
            "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31"
            "/functions/arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:things/invocations"
        },
        **changes,
    }


def definition(
    more: Mapping[str, object] | None = None, *, path: str = "/things", item: object = None
) -> str:
    return yaml.safe_dump(
        {
            "openapi": "3.0.1",
            "info": {"title": "things", "version": "1"},
            "paths": {path: item or {"post": operation()}},
            **(more or {}),
        }
    )


def deployment(text: str) -> Deployment:
    return read(text, ACCOUNT)


def refuses(text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(text, ACCOUNT)
    assert message in str(caught.value)


def test_the_project_s_own_definition_is_read() -> None:
    routes = deployment(DEFINITION.read_text(encoding="utf-8")).routes
    channels = ("webform", "mobile", "chat", "phone", "mail")
    assert [route.name for route in routes] == [
        *(f"POST /applications/{channel}" for channel in channels),
        "GET /applications/{application_id}",
    ]
    for route in routes:
        assert route.needs_api_key
        assert route.timeout == 29.0
        assert route.function_arn == FUNCTION.replace("things", "riskstack-etl")
    assert [set(route.models) for route in routes] == [{"application/json"}] * 5 + [set()]


def test_defaults_are_aws_s() -> None:
    (route,) = deployment(definition()).routes
    assert route.timeout == 29.0
    assert route.function_arn == FUNCTION
    assert not route.needs_api_key
    assert not route.models


def test_ids_are_the_same_for_the_same_definition() -> None:
    first, again = deployment(definition()), deployment(definition())
    other = deployment(definition(item={"get": operation()}))
    assert (first.api_id, first.deployment_id) == (again.api_id, again.deployment_id)
    assert first.api_id == other.api_id
    assert first.deployment_id != other.deployment_id


def test_a_root_a_plain_uri_and_a_timeout_are_read() -> None:
    uri = (
        "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"
        f"{FUNCTION}:live/invocations"
    )
    item = {"get": operation(**{f"{PREFIX}-integration": integration(uri=uri, timeoutInMillis=50)})}
    (route,) = deployment(definition(path="/", item=item)).routes
    assert route.name == "GET /"
    assert route.timeout == 0.05
    assert route.function_arn == f"{FUNCTION}:live"


VALIDATORS = {
    "all": {"validateRequestBody": True, "validateRequestParameters": True},
    "none": {},
}
ALL = {f"{PREFIX}-request-validator": "all", f"{PREFIX}-request-validators": VALIDATORS}
VALIDATED = {
    "parameters": [
        {"name": "thing", "in": "path", "required": True},
        {"name": "X-A", "in": "header", "required": True},
    ],
    "post": operation(
        parameters=[
            {"$ref": "#/components/parameters/Page"},
            {"name": "X-B", "in": "header"},
        ],
        requestBody={
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Outer"}},
                "text/plain": {},
            }
        },
    ),
}
COMPONENTS = {
    "parameters": {"Page": {"name": "page", "in": "query", "required": True}},
    "schemas": {
        "Outer": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
        "Inner": {"type": "object", "required": ["a"]},
    },
}


def validated(more: Mapping[str, object]) -> str:
    return definition(
        {"components": COMPONENTS, f"{PREFIX}-request-validators": VALIDATORS, **more},
        path="/things/{thing}",
        item=VALIDATED,
    )


def test_a_validator_says_what_is_checked() -> None:
    (route,) = deployment(validated(ALL)).routes
    assert route.required_headers == ("X-A",)
    assert route.required_query_parameters == ("page",)
    assert list(route.models) == ["application/json"]
    model = route.models["application/json"]
    assert model.accepts('[{"a": 1}]')
    assert not model.accepts('[{"b": 1}]')


@pytest.mark.parametrize("validator", [{}, {f"{PREFIX}-request-validator": "none"}])
def test_without_a_validator_nothing_is_checked(validator: dict[str, str]) -> None:
    (route,) = deployment(validated(validator)).routes
    assert (route.required_headers, route.required_query_parameters) == ((), ())
    assert not route.models


def test_an_operation_chooses_its_own_validator() -> None:
    item = {"post": operation(**{f"{PREFIX}-request-validator": "none"})}
    text = definition({**ALL, f"{PREFIX}-request-validator": "unknown"}, item=item)
    assert deployment(text).routes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "openapi: must be 3.0"),
        (definition({"openapi": "3.1.0"}), "openapi: must be 3.0"),
        (definition({"security": []}), "security: has no effect here"),
        (definition({f"{PREFIX}-api-key-source": "AUTHORIZER"}), "only HEADER is emulated"),
        (
            definition({f"{PREFIX}-binary-media-types": ["*/*"]}),
            f"{PREFIX}-binary-media-types: is not emulated",
        ),
        (
            definition(item={"post": operation(**{f"{PREFIX}-auth": {"type": "NONE"}})}),
            f"paths./things.post.{PREFIX}-auth: is not emulated",
        ),
        (
            definition(item={f"{PREFIX}-any-method": operation()}),
            f"paths./things.{PREFIX}-any-method: is not emulated",
        ),
        (
            definition({"components": {"schemas": {"A": {"anyOf": [{f"{PREFIX}-x": 1}]}}}}),
            f"components.schemas.A.anyOf.0.{PREFIX}-x: is not emulated",
        ),
        (definition(item={"trace": {"responses": {}}}), "paths./things.trace: is not emulated"),
        (definition(path="/things/{proxy+}"), "'{proxy+}' is not emulated"),
        (definition(path="/things{id}"), "'things{id}' is not emulated"),
        (
            definition(item={"post": {"responses": {}}}),
            f"paths./things.post.{PREFIX}-integration: is missing",
        ),
        (
            definition(item={"post": operation(**{f"{PREFIX}-request-validator": "x"})}),
            "'x' is not in x-amazon-apigateway-request-validators",
        ),
        (
            definition(item={"post": operation(parameters=[{"name": "c", "in": "cookie"}])}),
            "cookies are not emulated",
        ),
        (
            definition(item={"post": operation(security=[{"iam": []}])}),
            "'iam' is not an apiKey in the header x-api-key",
        ),
    ],
)
def test_what_is_not_emulated_is_refused_by_its_place(text: str, message: str) -> None:
    refuses(text, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "mock"}, "type: 'mock' is not emulated"),
        ({"type": "http_proxy"}, "type: 'http_proxy' is not emulated"),
        ({"httpMethod": "GET"}, "httpMethod: 'GET' is not emulated"),
        ({"passthroughBehavior": "never"}, "passthroughBehavior: 'never' is not emulated"),
        ({"credentials": "arn:aws:iam::1:role/x"}, "credentials: is not emulated"),
        ({"timeoutInMillis": 29001}, "timeoutInMillis: must be from 50 to 29000"),
        ({"timeoutInMillis": "1000"}, "timeoutInMillis: must be from 50 to 29000"),
        ({"uri": FUNCTION}, "uri: is not the invocation of a Lambda function"),
        ({"uri": None}, "uri: must be a text or Fn::Sub with a text"),
        ({"uri": {"Fn::GetAtt": "F.Arn"}}, "uri: must be a text or Fn::Sub with a text"),
        ({"uri": {"Fn::Sub": "${EtlFunction.Arn}"}}, "uri: ${EtlFunction.Arn} is not emulated"),
    ],
)
def test_an_integration_that_is_not_emulated_is_refused(
    changes: dict[str, object], message: str
) -> None:
    item = {"post": operation(**{f"{PREFIX}-integration": integration(**changes)})}
    refuses(definition(item=item), f"paths./things.post.{PREFIX}-integration.{message}")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "texts"}, "requestBody.content.application/json$.type: 'texts'"),
        ({"$ref": "#/components/schemas/None"}, "#/components/schemas/None: is not in this file"),
        ({"$ref": "other.yaml#/A"}, "other.yaml#/A: is not in this file"),
        ({"$ref": "#/components/schemas/Ring"}, "a model that holds itself is not emulated"),
    ],
)
def test_a_model_that_cannot_be_compiled_is_refused(
    schema: dict[str, object], message: str
) -> None:
    item = {"post": operation(requestBody={"content": {"application/json": {"schema": schema}}})}
    ring = {"properties": {"next": {"$ref": "#/components/schemas/Ring"}}}
    refuses(
        definition({**ALL, "components": {"schemas": {"Ring": ring}}}, item=item),
        message,
    )


def test_a_member_of_a_model_may_be_called_ref() -> None:
    schema = {"properties": {"$ref": {"type": "string"}}}
    item = {"post": operation(requestBody={"content": {"application/json": {"schema": schema}}})}
    (route,) = deployment(definition(ALL, item=item)).routes
    assert not route.models["application/json"].accepts('{"$ref": 1}')
