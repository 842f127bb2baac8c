"""The gateway against what AWS documents and was seen to do: events, errors, the definition.

Sources: API Gateway developer guide; botocore's service models; localstack's AWS-validated tests
(tests/aws/services/apigateway), whose recorded values stand here with the unstable ones put in.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
import yaml
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.parser.models import (
    ApiGatewayAuthorizerRequest,
    APIGatewayProxyEventModel,
)
from botocore.model import StructureShape
from openapi_spec_validator import validate

from gateway import gateway_response as responses
from gateway.api import Account, Api
from gateway.api_keys import ApiKey
from gateway.authorizer import Authorizer, Kind, method_arn
from gateway.deployment import Deployment, Route
from gateway.exchange import Exchange
from gateway.gateway_response import GatewayResponse, bad_request_parameters
from gateway.integration_response import answer
from gateway.integrations.lambda_proxy import proxy_event, request_parts
from gateway.method_request import find_route
from gateway.openapi import read
from gateway.request import Request
from gateway.request_ids import make
from tests.gateway_stand import DEFINITION, NoIntegration, document

DEFINED: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
DEPLOYMENT = read(document(DEFINITION.read_text(encoding="utf-8")), {}).deployment
IDS = make("0d0f5a6e-8c1b-4b6e-9c3d-0a1b2c3d4e5f", "Root=1-2-3;Parent=4;Sampled=0")
AT = datetime(2020, 3, 4, 19, 15, 17, 135_000, tzinfo=UTC)
API = Api(Account("us-east-1", "111111111111"), "things", "abc", "dep123", "stage")

RECORDED_IDENTITY = {
    "accessKey": None,
    "accountId": None,
    "caller": None,
    "cognitoAuthenticationProvider": None,
    "cognitoAuthenticationType": None,
    "cognitoIdentityId": None,
    "cognitoIdentityPoolId": None,
    "principalOrgId": None,
    "sourceIp": "192.0.2.7",
    "user": None,
    "userAgent": "python-requests/testing",
    "userArn": None,
}


def sent(
    method: str,
    path: str,
    resource: str,
    *headers: tuple[str, str],
    body: str = "",
    api: Api = API,
) -> Exchange:
    """Give a request to an API of one resource that has found it."""
    path, _, query = path.partition("?")
    request = Request.from_scope(
        {
            "method": method,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "client": ("192.0.2.7", 4000),
            "server": ("127.0.0.1", 443),
            "scheme": "https",
            "http_version": "1.1",
        }
    )
    route = Route(method, resource, "resid1", NoIntegration())
    exchange = Exchange(api, request, IDS, AT.timestamp(), body=body.encode())
    find_route(exchange, Deployment("abc", "dep123", [route]))
    return exchange


def event(
    method: str,
    path: str,
    resource: str,
    *headers: tuple[str, str],
    body: str = "",
) -> dict[str, Any]:
    """Give the event of a request to an API of one resource in the stage `stage`."""
    exchange = sent(method, path, resource, *headers, body=body)
    made: dict[str, Any] = json.loads(json.dumps(proxy_event(exchange)))
    return made


def test_a_get_makes_the_event_that_was_recorded_on_aws() -> None:
    """test_lambda_aws_proxy_integration, without the headers of CloudFront."""
    sent = {
        "Host": "abc.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "python-requests/testing",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "Connection": "keep-alive",
        "tEsT-HEADeR": "aValUE",
        "authorization": "random-value",
    }
    headers = {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Authorization": "random-value",
        "Host": "abc.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "python-requests/testing",
        "X-Amzn-Trace-Id": IDS.trace,
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "tEsT-HEADeR": "aValUE",
    }
    assert event("GET", "//stage//proxy-value/", "/{proxy}", *sent.items()) == {
        "body": None,
        "headers": headers,
        "httpMethod": "GET",
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "path": "/proxy-value/",
        "pathParameters": {"proxy": "proxy-value"},
        "queryStringParameters": None,
        "requestContext": {
            "accountId": "111111111111",
            "apiId": "abc",
            "deploymentId": "dep123",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abc",
            "extendedRequestId": IDS.extended,
            "httpMethod": "GET",
            "identity": RECORDED_IDENTITY,
            "path": "/stage//proxy-value/",
            "protocol": "HTTP/1.1",
            "requestId": IDS.request,
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": "resid1",
            "resourcePath": "/{proxy}",
            "stage": "stage",
        },
        "resource": "/{proxy}",
        "stageVariables": None,
    }


def test_encoded_parameters_are_read_as_recorded_on_aws() -> None:
    """test_lambda_aws_proxy_integration: params-encoding and path-encoded-email."""
    made = event(
        "GET",
        "/stage/test%2Balias@gmail.com?dateTimeOffset=2023-06-12T18:05:10.123456+00:00"
        "&email=test%2Balias@gmail.com&plus=test+alias@gmail.com&url=https://www.google.com/"
        "&whitespace=foo%20bar&zhash=abort/",
        "/{email}",
    )
    assert made["path"] == "/test%2Balias@gmail.com"
    assert made["pathParameters"] == {"email": "test%2Balias@gmail.com"}
    assert made["queryStringParameters"] == {
        "dateTimeOffset": "2023-06-12T18:05:10.123456 00:00",
        "email": "test+alias@gmail.com",
        "plus": "test alias@gmail.com",
        "url": "https://www.google.com/",
        "whitespace": "foo bar",
        "zhash": "abort/",
    }


def test_repeated_parameters_are_read_as_recorded_on_aws() -> None:
    """test_lambda_aws_proxy_integration: params-encoding-multi."""
    made = event(
        "POST",
        "/stage/hardcoded?category=electronics&category=books&price=10&price=20&price=30",
        "/hardcoded",
        ("aUThorization", "Bearer token123;API key456"),
        ("Content-Type", "application/json;charset=utf-8"),
        body='{"message": "hello world"}',
    )
    assert made["headers"]["Authorization"] == "Bearer token123;API key456"
    assert made["headers"]["Content-Type"] == "application/json;charset=utf-8"
    assert made["body"] == '{"message": "hello world"}'
    assert made["pathParameters"] is None
    assert made["queryStringParameters"] == {"category": "books", "price": "30"}
    assert made["multiValueQueryStringParameters"] == {
        "category": ["electronics", "books"],
        "price": ["10", "20", "30"],
    }


def test_aws_s_own_classes_read_the_event() -> None:
    made = event("POST", "/stage/things/7?q=1&q=2", "/things/{id}", ("Host", "h"), body="{}")
    read_by_class = APIGatewayProxyEvent(made)
    assert read_by_class.path_parameters == {"id": "7"}
    assert read_by_class.multi_value_query_string_parameters == {"q": ["1", "2"]}
    assert read_by_class.request_context.identity.source_ip == "192.0.2.7"
    model = APIGatewayProxyEventModel.model_validate(made)
    assert model.requestContext.requestTimeEpoch == AT


def token(exchange: Exchange) -> str | None:
    return exchange.request.header("authorizationtoken")


def test_a_token_authorizer_gets_the_event_of_the_guide() -> None:
    """API Gateway developer guide, "Input to a Lambda authorizer"."""
    api = Api(Account("us-west-2", "123456789012"), "things", "ymy8tbxw7b", "dep123", "dev")
    exchange = sent("GET", "/dev/", "/", ("authorizationToken", "allow"), api=api)
    authorizer = Authorizer("auth", Kind.TOKEN, "arn", (token,))
    made = authorizer.event(method_arn(exchange), authorizer.identity(exchange), dict)
    assert json.loads(made) == {
        "type": "TOKEN",
        "authorizationToken": "allow",
        "methodArn": "arn:aws:execute-api:us-west-2:123456789012:ymy8tbxw7b/dev/GET/",
    }


def test_a_request_authorizer_gets_the_event_of_aws_s_own_test_data() -> None:
    """aws/aws-lambda-go events/testdata/apigw-custom-auth-request-type-request.json.

    Without what CloudFront adds; its `requestContext` is abridged and stands here whole.
    """
    api = Api(
        Account("us-east-1", "123456789012"),
        "things",
        "s4x3opwd6i",
        "dep123",
        "test",
        {"StageVar1": "stageValue1"},
    )
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/x-www-form-urlencoded",
        "HeaderAuth1": "headerValue1",
        "Host": "s4x3opwd6i.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "python-requests/testing",
        "X-AMZ-Date": "20170718T062915Z",
    }
    exchange = sent(
        "GET", "/test/request?QueryString1=queryValue1", "/request", *headers.items(), api=api
    )
    authorizer = Authorizer("auth", Kind.REQUEST, "arn", ())
    made = authorizer.event(method_arn(exchange), (), lambda: request_parts(exchange))
    seen = {
        **headers,
        "X-Amzn-Trace-Id": IDS.trace,
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    assert json.loads(made) == {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:s4x3opwd6i/test/GET/request",
        "resource": "/request",
        "path": "/request",
        "httpMethod": "GET",
        "headers": seen,
        "multiValueHeaders": {name: [value] for name, value in seen.items()},
        "queryStringParameters": {"QueryString1": "queryValue1"},
        "multiValueQueryStringParameters": {"QueryString1": ["queryValue1"]},
        "pathParameters": {},
        "stageVariables": {"StageVar1": "stageValue1"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "s4x3opwd6i",
            "deploymentId": "dep123",
            "domainName": "s4x3opwd6i.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "s4x3opwd6i",
            "extendedRequestId": IDS.extended,
            "httpMethod": "GET",
            "identity": RECORDED_IDENTITY,
            "path": "/test/request",
            "protocol": "HTTP/1.1",
            "requestId": IDS.request,
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": "resid1",
            "resourcePath": "/request",
            "stage": "test",
        },
    }
    assert ApiGatewayAuthorizerRequest.model_validate_json(made).methodArn.endswith("/request")


@pytest.mark.parametrize(
    ("response", "status", "error_type", "body"),
    [
        # test_routing_not_found
        (
            responses.MISSING_AUTHENTICATION_TOKEN,
            403,
            "MissingAuthenticationTokenException",
            b'{"message":"Missing Authentication Token"}',
        ),
        # ministack#1746, all three
        (responses.FORBIDDEN, 403, "ForbiddenException", b'{"message":"Forbidden"}'),
        (
            responses.THROTTLED,
            429,
            "TooManyRequestsException",
            b'{"message":"Too Many Requests"}',
        ),
        (responses.QUOTA_EXCEEDED, 429, "LimitExceededException", b'{"message":"Limit Exceeded"}'),
        # OWASP/Serverless-Goat#14, jetbridge/sls-flask#10
        (responses.NO_SUCH_STAGE, 403, "ForbiddenException", b'{"message":"Forbidden"}'),
        # recorded in many answers, 26 bytes each
        (responses.UNAUTHORIZED, 401, "UnauthorizedException", b'{"message":"Unauthorized"}'),
        # recorded in 2026; until 2025 both texts were shorter
        (
            responses.EXPLICIT_DENY,
            403,
            "AccessDeniedException",
            (
                b'{"Message":"User is not authorized to access this resource with an explicit deny'
                b' in an identity-based policy"}'
            ),
        ),
        (
            responses.NO_ALLOW,
            403,
            "AccessDeniedException",
            (
                b'{"Message":"User is not authorized to access this resource because no'
                b' identity-based policy allows the execute-api:Invoke action"}'
            ),
        ),
        # aws/aws-lambda-go#81, serverless/examples#305
        (
            responses.AUTHORIZER_CONFIGURATION_ERROR,
            500,
            "AuthorizerConfigurationException",
            b'{"message":null}',
        ),
        # localstack `integration_request`, `parameters_mapping` and `integrations/http`
        (
            responses.UNSUPPORTED_MEDIA_TYPE,
            415,
            "BadRequestException",
            b'{"message": "Unsupported Media Type"}',
        ),
        (
            responses.BAD_JSON,
            400,
            "BadRequestException",
            b'{"message": "Invalid JSON in request body"}',
        ),
        (
            responses.NETWORK_FAILURE,
            504,
            "InternalServerErrorException",
            b'{"message": "Network error communicating with endpoint"}',
        ),
        # TestApiGatewayHeaderRemapping: 36 bytes
        (
            responses.BAD_MAPPING,
            500,
            "InternalServerErrorException",
            b'{"message": "Internal server error"}',
        ),
        (
            responses.API_CONFIGURATION_ERROR,
            500,
            "InternalServerErrorException",
            b'{"message": "Internal server error"}',
        ),
        # developer guide, "Output from a Lambda authorizer"
        (responses.URI_TOO_LONG, 414, None, b'{"message":"Request URI too long"}'),
        # ntsblog.homedev.com.au
        (
            responses.HEADERS_TOO_LONG,
            431,
            None,
            b"HTTP header is larger than 10240 bytes.",
        ),
        # test_api_gateway_request_validator
        (
            responses.BAD_REQUEST_BODY,
            400,
            "BadRequestException",
            b'{"message": "Invalid request body"}',
        ),
        (
            bad_request_parameters(["x-header-param", "issuer", "qs1"]),
            400,
            "BadRequestException",
            b'{"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}',
        ),
        # test_aws_proxy_response_payload_format_validation; TestApiGatewayHeaderRemapping: 36 bytes
        (
            responses.INTERNAL_SERVER_ERROR,
            502,
            "InternalServerErrorException",
            b'{"message": "Internal server error"}',
        ),
        # repost.aws QUL-z6rJbmR4meafB7MzYXxw
        (
            responses.INTEGRATION_FAILURE,
            500,
            "InternalServerErrorException",
            b'{"message": "Internal server error"}',
        ),
        (
            responses.INTEGRATION_TIMEOUT,
            504,
            "InternalServerErrorException",
            b'{"message": "Endpoint request timed out"}',
        ),
        # koki-develop/lgtm-generator#10, both
        (
            responses.REQUEST_TOO_LARGE,
            413,
            "BadRequestException",
            b'{"message": "Request Too Long"}',
        ),
        (
            responses.CONTENT_TOO_LONG,
            413,
            None,
            b"HTTP content length exceeded 10485760 bytes.",
        ),
    ],
)
def test_errors_are_aws_s_to_the_byte(
    response: GatewayResponse, status: int, error_type: str | None, body: bytes
) -> None:
    made = response.answer()
    assert (made.status, made.body) == (status, body)
    assert dict(made.headers).get(b"x-amzn-ErrorType", b"").decode() == (error_type or "")


@pytest.mark.parametrize(
    ("payload", "status", "headers", "body"),
    [
        ({"statusCode": 200}, 200, [], b""),
        (
            {"statusCode": 200, "headers": {"test-header": "value", "header-bool": True}},
            200,
            [(b"test-header", b"value"), (b"header-bool", b"true")],
            b"",
        ),
        ({"statusCode": 200, "headers": None}, 200, [], b""),
        (
            {"statusCode": 200, "body": "dGVzdC1kYXRh", "isBase64Encoded": True},
            200,
            [],
            b"dGVzdC1kYXRh",
        ),
        ({"statusCode": 200, "body": "dGVzdC1kYXRh"}, 200, [], b"dGVzdC1kYXRh"),
        (
            {"statusCode": 200, "multiValueHeaders": {"test-multi": ["value1", "value2"]}},
            200,
            [(b"test-multi", b"value1"), (b"test-multi", b"value2")],
            b"",
        ),
        (
            {
                "statusCode": 200,
                "multiValueHeaders": {"tesT-Multi": ["value-multi"]},
                "headers": {"test-multi": "value-solo"},
            },
            200,
            [(b"tesT-Multi", b"value-multi"), (b"tesT-Multi", b"value-solo")],
            b"",
        ),
        ({"statusCode": "201"}, 201, [], b""),
        ({"headers": {"test-header": "value"}}, 200, [(b"test-header", b"value")], b""),
    ],
)
def test_proxy_responses_are_answered_as_recorded_on_aws(
    payload: dict[str, object], status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """test_aws_proxy_response_payload_format_validation; what it refuses is in the unit tests."""
    made = answer(json.dumps(payload).encode())
    assert (made.status, made.body) == (status, body)
    assert made.headers == [(b"Content-Type", b"application/json"), *headers]


def test_the_definition_is_valid_openapi() -> None:
    validate(DEFINED)


def schemas(node: object) -> Iterator[dict[str, Any]]:
    """Give a schema and all within it."""
    assert isinstance(node, dict)
    yield node
    for part in node.get("properties", {}).values():
        yield from schemas(part)
    if "items" in node:
        yield from schemas(node["items"])


def test_models_use_only_what_draft_4_and_openapi_share() -> None:
    shared = {"type", "required", "properties", "items", "description"}
    for name, model in DEFINED["components"]["schemas"].items():
        # developer guide, "Important notes": model names are alphanumeric
        assert name.isalnum()
        for schema in schemas(model):
            assert schema.keys() <= shared
            assert schema.get("type") in {None, "string", "object", "array", "boolean"}


def test_the_definition_keeps_to_what_an_import_takes() -> None:
    """Developer guide, "Important notes": security and references within operations."""
    for item in DEFINED["paths"].values():
        for method, operation in item.items():
            # a browser sends no key with its preflight
            assert operation.get("security") == (None if method == "options" else [{"api_key": []}])
            assert not any("$ref" in response for response in operation["responses"].values())
            assert all("schema" in one for one in operation.get("parameters", ()))
    assert "&" not in DEFINITION.read_text(encoding="utf-8"), "CloudFormation knows no aliases"


MODELS = {
    route.resource.rpartition("/")[2]: route.models
    for route in DEPLOYMENT.routes
    if route.method != "OPTIONS"
}

LEX: dict[str, object] = {
    "messageVersion": "1.0",
    "invocationSource": "FulfillmentCodeHook",
    "inputMode": "Text",
    "responseContentType": "text/plain; charset=utf-8",
    "sessionId": "c0f",
    "inputTranscript": "yes that's right",
    "invocationLabel": "",
    "bot": {"id": "ABCDEFGHIJ", "name": "ApplyBot", "localeId": "en_US", "version": "3"},
    "interpretations": [{"intent": {"name": "ApplyForLoan", "slots": {}}, "nluConfidence": 0.93}],
    "proposedNextState": {"dialogAction": {"type": "Close"}},
    "requestAttributes": None,
    "sessionState": {
        "sessionAttributes": {},
        "intent": {"name": "ApplyForLoan", "state": "ReadyForFulfillment", "slots": None},
    },
    "transcriptions": [],
    "somethingNew": [1],
}
CONNECT: dict[str, object] = {
    "Name": "ContactFlowEvent",
    "Details": {
        "ContactData": {
            "Attributes": {"Income": "42000"},
            "Channel": "VOICE",
            "ContactId": "5ca32fbd-8f92-46af-92a5-6b0f970f0efe",
            "CustomerEndpoint": None,
            "Queue": None,
        },
        "Parameters": {},
    },
}
TEXTRACT: dict[str, object] = {
    "DocumentMetadata": {"Pages": 1},
    "Blocks": [{"BlockType": "PAGE", "Id": "p1", "Geometry": {}}],
    "AnalyzeDocumentModelVersion": "1.0",
}
MOBILE: dict[str, object] = {
    "schema": "mobile/2",
    "client_ref": "6f1c",
    "submitted_at": "2026-03-01T09:00:00Z",
    "application": {"fullName": "Ana", "income": 4200000},
    "device": {"client": {}},
    "geo": None,
    "offline_queued": True,
}
NATIVE: dict[str, object] = {
    "webform": {},
    "mobile": MOBILE,
    "chat": LEX,
    "phone": CONNECT,
    "mail": TEXTRACT,
}


@pytest.mark.parametrize("channel", NATIVE)
def test_each_channel_s_native_payload_passes_its_model(channel: str) -> None:
    model = MODELS[channel]["application/json"]
    assert model.fault(json.dumps(NATIVE[channel])) is None


@pytest.mark.parametrize(
    ("channel", "payload"),
    [
        ("webform", []),
        ("mobile", {**MOBILE, "application": []}),
        ("mobile", {**MOBILE, "schema": 2}),
        ("mobile", {"schema": "mobile/2"}),
        ("chat", {**LEX, "sessionState": {}}),
        ("chat", {key: value for key, value in LEX.items() if key != "sessionId"}),
        ("phone", {**CONNECT, "Details": {}}),
        ("phone", {**CONNECT, "Details": {"ContactData": {}}}),
        ("mail", {"DocumentMetadata": {"Pages": 1}}),
        ("mail", {**TEXTRACT, "Blocks": [{"Id": "p1"}]}),
    ],
)
def test_another_structure_does_not(channel: str, payload: object) -> None:
    assert MODELS[channel]["application/json"].fault(json.dumps(payload))


def test_textract_s_result_is_what_botocore_says() -> None:
    model = botocore.session.get_session().get_service_model("textract")
    declared = DEFINED["components"]["schemas"]["Mail"]["properties"]
    result, block = model.shape_for("AnalyzeDocumentResponse"), model.shape_for("Block")
    assert isinstance(result, StructureShape)
    assert isinstance(block, StructureShape)
    assert declared.keys() - {"DocumentId"} <= result.members.keys()
    assert declared["Blocks"]["items"]["properties"].keys() <= block.members.keys()


def test_a_known_key_is_told_to_the_function_as_aws_tells_it() -> None:
    """Developer guide, "$context variables": identity.apiKey and identity.apiKeyId."""
    exchange = sent("GET", "/stage/things/7", "/things/{id}")
    exchange.api_key = ApiKey.of("the-key-of-a-client")
    identity = proxy_event(exchange)["requestContext"]["identity"]
    assert identity == {
        **RECORDED_IDENTITY,
        "userAgent": None,
        "apiKey": exchange.api_key.value,
        "apiKeyId": exchange.api_key.key_id,
    }
