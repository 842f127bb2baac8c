from typing import Any

import pytest
from botocore.session import get_session

from gateway.customization import Customizations
from gateway.openapi import gateway_responses
from gateway.openapi.document import DefinitionError
from tests.gateway_stand import api_document, exchange


def read(**responses: object) -> Customizations:
    document = api_document(gateway_responses=responses)
    return gateway_responses.customizations(document, {"colour": "blue"})


def test_a_response_is_read_with_status_headers_and_templates() -> None:
    made = read(
        INVALID_API_KEY={
            "statusCode": "429",
            "responseParameters": {
                "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
                "gatewayresponse.header.X-Path": "method.request.path.thing",
                "gatewayresponse.header.X-Colour": "stageVariables.colour",
            },
            "responseTemplates": {"Application/JSON": '{"stage": "$context.stage"}'},
        }
    ).by_type["INVALID_API_KEY"]
    assert made.status == 429
    assert {name: source(exchange()) for name, source in made.headers} == {
        "Access-Control-Allow-Origin": "*",
        "X-Path": "1",
        "X-Colour": "blue",
    }
    assert made.templates["application/json"].render(exchange()) == b'{"stage": "v1"}'


def test_an_api_may_customise_none() -> None:
    assert gateway_responses.customizations(api_document(), {}).by_type == {}


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        ({"NOT_FOUND": {}}, "NOT_FOUND: is not emulated"),
        # AWS cannot customise it either
        ({"REQUEST_TOO_LARGE": {}}, "REQUEST_TOO_LARGE: is not emulated"),
        ({"THROTTLED": {"headers": {}}}, "THROTTLED.headers: is not emulated"),
        ({"THROTTLED": {"statusCode": "abc"}}, "THROTTLED.statusCode: must be from 200 to 599"),
        ({"THROTTLED": {"statusCode": 100}}, "THROTTLED.statusCode: must be from 200 to 599"),
        (
            {"THROTTLED": {"responseParameters": {"gatewayresponse.path.a": "'x'"}}},
            "gatewayresponse.path.a: only gatewayresponse.header.<name> is emulated",
        ),
        (
            {"THROTTLED": {"responseParameters": {"gatewayresponse.header.a": "x"}}},
            "'x' is no mapping expression",
        ),
        (
            {
                "THROTTLED": {
                    "responseParameters": {"gatewayresponse.header.a": "method.request.body.a"}
                }
            },
            "gatewayresponse.header.a: the body of a refused request is not mapped",
        ),
        (
            {"THROTTLED": {"responseParameters": {"gatewayresponse.header.Content-Length": "'1'"}}},
            "gatewayresponse.header.Content-Length: the header 'Content-Length' cannot be set",
        ),
        (
            {"THROTTLED": {"responseParameters": {"gatewayresponse.header.a b": "'1'"}}},
            "gatewayresponse.header.a b: the header 'a b' cannot be set",
        ),
        (
            {"THROTTLED": {"responseTemplates": {"a/b": "$method.request.body.a"}}},
            "responseTemplates.a/b: the body of a refused request is not mapped",
        ),
        (
            {"THROTTLED": {"responseTemplates": {"a/b": "$input.body"}}},
            "THROTTLED.responseTemplates.a/b: $input is not emulated",
        ),
        (
            {"THROTTLED": {"responseTemplates": {"a/b": 1}}},
            "THROTTLED.responseTemplates: must be an object whose values are texts",
        ),
    ],
)
def test_what_is_not_emulated_is_refused(responses: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(**responses)
    assert message in str(caught.value)


def test_every_type_of_aws_s_is_known_but_one() -> None:
    model = get_session().get_service_model("apigateway").shape_for("GatewayResponseType")
    assert set(model.enum) - gateway_responses._TYPES == {"REQUEST_TOO_LARGE"}  # type: ignore[attr-defined] # of a StringShape
