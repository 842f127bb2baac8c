from collections.abc import Mapping
from typing import Any

import pytest

from gateway.deployment import Route
from gateway.integrations.lambda_proxy import LambdaProxy
from gateway.integrations.mock import Mock
from gateway.openapi import Definition, DefinitionError, read
from tests.gateway_stand import (
    DEFINITION_TEXT,
    FUNCTION,
    INTEGRATION,
    api_document,
    document,
    operation,
)

VALIDATOR = "x-amazon-apigateway-request-validator"


def definition(root: Mapping[str, Any]) -> Definition:
    return read(root, {})


def routes(root: Mapping[str, Any]) -> tuple[Route, ...]:
    return definition(root).deployment.routes


def test_the_project_s_own_definition_is_read() -> None:
    made = definition(document(DEFINITION_TEXT))
    channels = ("webform", "mobile", "chat", "phone", "mail")
    preflight, *others = made.deployment.routes
    assert preflight.name == "OPTIONS /applications/webform"
    assert isinstance(preflight.integration, Mock)
    assert not preflight.needs_api_key
    assert [route.name for route in others] == [
        *(f"POST /applications/{channel}" for channel in channels),
        "GET /applications/{application_id}",
    ]
    for route in others:
        assert route.needs_api_key
        assert isinstance(route.integration, LambdaProxy)
        assert route.integration.target.timeout_s == 29.0
        assert route.integration.target.function_arn.endswith(":function:riskstack-etl")
    assert [set(route.models) for route in others] == [{"application/json"}] * 5 + [set()]
    assert set(made.customizations.by_type) == {"DEFAULT_4XX", "DEFAULT_5XX"}
    assert made.name == "riskstack"


def test_defaults_are_aws_s() -> None:
    (route,) = routes(api_document())
    assert isinstance(route.integration, LambdaProxy)
    assert route.integration.target.timeout_s == 29.0
    assert route.integration.target.function_arn == FUNCTION
    assert not route.integration.binary
    assert not route.needs_api_key
    assert route.authorizer is None
    assert not route.models


def test_ids_are_the_same_for_the_same_definition() -> None:
    first, again = (definition(api_document()).deployment for _ in range(2))
    other = definition(api_document({"/": {"get": operation()}})).deployment
    assert (first.api_id, first.deployment_id) == (again.api_id, again.deployment_id)
    assert first.api_id == other.api_id
    assert first.deployment_id != other.deployment_id


def test_any_method_and_greedy_paths_are_read() -> None:
    item = {"x-amazon-apigateway-any-method": operation()}
    (route,) = routes(api_document({"/things/{proxy+}": item}))
    assert route.name == "ANY /things/{proxy+}"


def test_binary_media_types_hold_for_every_integration() -> None:
    (route,) = routes(api_document(binary_media_types=["image/png"]))
    assert isinstance(route.integration, LambdaProxy)
    assert route.integration.binary.hold("image/png")


@pytest.mark.parametrize(("source", "expected"), [("HEADER", False), ("AUTHORIZER", True)])
def test_api_keys_come_from_a_header_or_an_authorizer(source: str, *, expected: bool) -> None:
    assert definition(api_document(api_key_source=source)).has_keys_from_authorizer is expected


VALIDATORS = {
    "all": {"validateRequestBody": True, "validateRequestParameters": True},
    "none": {},
}
VALIDATED: dict[str, Any] = {
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


def validated(**root: object) -> dict[str, Any]:
    return api_document(
        {"/things/{thing}": VALIDATED},
        components=COMPONENTS,
        request_validators=VALIDATORS,
        **root,
    )


def test_a_validator_says_what_is_checked() -> None:
    (route,) = routes(validated(request_validator="all"))
    assert route.required_headers == ("X-A",)
    assert route.required_query_parameters == ("page",)
    assert list(route.models) == ["application/json"]
    model = route.models["application/json"]
    assert model.fault('[{"a": 1}]') is None
    assert model.fault('[{"b": 1}]')


def test_an_operation_s_parameter_goes_before_its_path_s() -> None:
    post = VALIDATED["post"]
    parameters = [*post["parameters"], {"name": "X-A", "in": "header", "required": False}]
    paths = {"/things/{thing}": {**VALIDATED, "post": {**post, "parameters": parameters}}}
    document = {**validated(request_validator="all"), "paths": paths}
    (route,) = routes(document)
    assert route.required_headers == ()


@pytest.mark.parametrize("root", [{}, {"request_validator": "none"}])
def test_without_a_validator_nothing_is_checked(root: dict[str, str]) -> None:
    (route,) = routes(validated(**root))
    assert (route.required_headers, route.required_query_parameters) == ((), ())
    assert not route.models


def test_an_operation_chooses_its_own_validator() -> None:
    paths = {"/things": {"post": operation(None, **{VALIDATOR: "none"})}}
    assert routes(api_document(paths, request_validator="unknown", request_validators=VALIDATORS))


def of(path: str = "/things", **changes: object) -> dict[str, Any]:
    return api_document({path: {"post": operation(None, **changes)}})


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ([], "openapi: must be 3.0"),
        (api_document(openapi="3.1.0"), "openapi: must be 3.0"),
        (api_document(security=[]), "security: has no effect here"),
        (
            api_document(api_key_source="QUERY"),
            "x-amazon-apigateway-api-key-source: must be HEADER or AUTHORIZER",
        ),
        (
            api_document(binary_media_types="image/png"),
            "x-amazon-apigateway-binary-media-types: must be a list of texts",
        ),
        (api_document(policy={}), "x-amazon-apigateway-policy: is not emulated"),
        (
            api_document(endpoint_configuration={}),
            "x-amazon-apigateway-endpoint-configuration: is not emulated",
        ),
        (
            api_document(minimum_compression_size=1),
            "x-amazon-apigateway-minimum-compression-size: is not emulated",
        ),
        (
            of("/things", **{"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}),
            "paths./things.post.x-amazon-apigateway-auth: is not emulated",
        ),
        (
            api_document(components={"schemas": {"A": {"anyOf": [{"x-amazon-apigateway-x": 1}]}}}),
            "components.schemas.A.anyOf.0.x-amazon-apigateway-x: is not emulated",
        ),
        (api_document({"/things": {"trace": {}}}), "paths./things.trace: is not emulated"),
        (of("/{proxy+}/more"), "paths./{proxy+}/more: '{proxy+}' is not emulated"),
        (of("/things{id}"), "paths./things{id}: 'things{id}' is not emulated"),
        (
            api_document({"/things": {"post": {"responses": {}}}}),
            f"paths./things.post.{INTEGRATION}: is missing",
        ),
        (of("/things", **{VALIDATOR: "x"}), "'x' is not in x-amazon-apigateway-request-validators"),
        (of(parameters=[{"name": "c", "in": "cookie"}]), "cookies are not emulated"),
        (of(parameters=[{"name": "c"}]), "parameters: each must have a name and in"),
        ({"openapi": "3.0.1", "paths": {}}, "info.title and paths: are missing"),
        ({"openapi": "3.0.1", "info": {"title": "a"}}, "info.title and paths: are missing"),
    ],
)
def test_what_is_not_emulated_is_refused_by_its_place(root: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        definition(root)
    assert message in str(caught.value)


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
    with pytest.raises(DefinitionError) as caught:
        routes(with_model(schema))
    assert message in str(caught.value)


def with_model(schema: dict[str, object]) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": schema}}}
    ring = {"properties": {"next": {"$ref": "#/components/schemas/Ring"}}}
    return api_document(
        {"/things": {"post": operation(requestBody=body)}},
        components={"schemas": {"Ring": ring}},
        request_validator="all",
        request_validators=VALIDATORS,
    )


def test_a_member_of_a_model_may_be_called_ref() -> None:
    (route,) = routes(with_model({"properties": {"$ref": {"type": "string"}}}))
    assert route.models["application/json"].fault('{"$ref": 1}')
