"""The gateway's mappings against what AWS was seen to do with the same templates.

Source: localstack's AWS-validated tests (tests/aws/services/apigateway), named in each test; the
recorded values are compared whole.
"""

import asyncio
import json
from typing import Any

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import BAD_MAPPING, Answer, RefusedError
from gateway.http_backend import HttpBackends, HttpRequest
from gateway.integration import Backends
from gateway.lambda_client import Invocation
from gateway.mapping.parameters import BackendAnswer
from gateway.openapi import read
from tests.gateway_stand import (
    FUNCTION_URI,
    Invocations,
    answered,
    api_document,
    exchange,
    header,
    operation,
)


class Echo(HttpBackends):
    """A backend that answers with the body it got, as that of the recorded tests."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[HttpRequest] = []

    async def ask(self, request: HttpRequest, timeout_s: float) -> BackendAnswer:  # noqa: ARG002 - as it is called
        self.asked.append(request)
        return BackendAnswer(200, (("Content-Type", "application/json"),), request.body)


def answer(
    integration: dict[str, object],
    made: Exchange,
    *,
    http: HttpBackends | None = None,
    functions: Invocations | None = None,
    **changes: object,
) -> Answer:
    """Give what an integration answers to a request."""
    root = api_document({"/things/{thing}": {"post": operation(integration, **changes)}})
    (route,) = read(root, {}).deployment.routes
    backends = Backends(functions or Invocations(), http or Echo())
    return asyncio.run(route.integration.answer(made, backends))


def mapped(request: str | None, response: str | None, kind: str = "http") -> dict[str, object]:
    """Give an integration with a template each way."""
    where = {"httpMethod": "POST", "uri": "http://backend.example.com"} if kind == "http" else {}
    json_only = {"application/json": response} if response is not None else {}
    return {
        "type": kind,
        **where,
        "requestTemplates": {} if request is None else {"application/json": request},
        "responses": {"default": {"statusCode": "200", "responseTemplates": json_only}},
    }


PATH = '#set($result = $input.path("$.json"))'
WHOLE = (
    '{"body": $result, "nested": $result.nested, "isNull": #if( $result == $null )"true"#else'
    '"false"#end, "isEmptyString": #if( $result == "" )"true"#else"false"#end}'
)
RESULT = f"{PATH}$result"
NESTED = f"{PATH}$result.nested"
FIRST = f"{PATH}$result[0]"
TO_STRING = f"{PATH}$result.toString()"
LIST_VALUE = f'#set($result = $input.path("$.json.listValue")){WHOLE}'


@pytest.mark.parametrize(
    ("template", "sent", "recorded"),
    [
        (RESULT, {"foo": "bar"}, "{foo=bar}"),
        (RESULT, [{"foo": "bar"}], '[{"foo":"bar"}]'),
        (NESTED, {"nested": {"foo": "bar"}}, "{foo=bar}"),
        (NESTED, {"nested": [{"foo": "bar"}]}, '[{"foo":"bar"}]'),
        (FIRST, [{"foo": "bar"}], "{foo=bar}"),
        (FIRST, [[{"foo": "bar"}]], '[{"foo":"bar"}]'),
        (RESULT, {"foo": [{"nested": "bar"}]}, '{foo=[{"nested":"bar"}]}'),
        (
            RESULT,
            {"bigger": "dict", "to": "test", "with": "separators"},
            "{bigger=dict, to=test, with=separators}",
        ),
        (TO_STRING, {"foo": "bar"}, "{foo=bar}"),
        (TO_STRING, {"list": [{"foo": "bar"}]}, '{list=[{"foo":"bar"}]}'),
        (
            f'#set($result = $input.path("$.nonExisting")){WHOLE}',
            None,
            '{"body": , "nested": , "isNull": "true", "isEmptyString": "true"}',
        ),
        (
            LIST_VALUE,
            {"listValue": []},
            '{"body": [], "nested": , "isNull": "false", "isEmptyString": "false"}',
        ),
        (
            LIST_VALUE,
            {"listValue": None},
            '{"body": , "nested": , "isNull": "true", "isEmptyString": "true"}',
        ),
    ],
)
def test_paths_are_printed_as_recorded_on_aws(template: str, sent: object, recorded: str) -> None:
    """test_input_path_template_formatting; its backend echoes what it gets under `json`."""
    body = json.dumps({"json": sent}).encode()
    made = answer(mapped(None, template), exchange(body=body))
    assert made.body.decode() == recorded


RAW = "#set($result = $input.body)$result"
IN_TEXT = "Action=SendMessage&MessageBody=$input.body"
MEMBER = "#set($result = $input.body.testAccess)$result"
ENCODED = (
    "EncodedBody=$util.urlEncode($input.body)"
    "&EncodedBodyAccess=$util.urlEncode($input.body.testAccess)"
)
SENT = "Action=SendMessage&MessageBody="


@pytest.mark.parametrize(
    ("request_template", "response_template", "empty", "of_json", "of_text"),
    [
        (RAW, RAW, "{}", '{"some": "value"}', "some raw data"),
        (IN_TEXT, RAW, f"{SENT}{{}}", f'{SENT}{{"some": "value"}}', f"{SENT}some raw data"),
        (RAW, IN_TEXT, f"{SENT}{{}}", f'{SENT}{{"some": "value"}}', f"{SENT}some raw data"),
        (
            IN_TEXT,
            IN_TEXT,
            f"{SENT}{SENT}{{}}",
            f'{SENT}{SENT}{{"some": "value"}}',
            f"{SENT}{SENT}some raw data",
        ),
        (MEMBER, RAW, "{}", "{}", "{}"),
        (
            ENCODED,
            RAW,
            "EncodedBody=%7B%7D&EncodedBodyAccess=",
            "EncodedBody=%7B%22some%22%3A+%22value%22%7D&EncodedBodyAccess=",
            "EncodedBody=some+raw+data&EncodedBodyAccess=",
        ),
    ],
)
def test_bodies_are_put_in_as_recorded_on_aws(
    request_template: str, response_template: str, empty: str, of_json: str, of_text: str
) -> None:
    """test_input_body_formatting."""
    bodies = {b"": empty, b'{"some": "value"}': of_json, b"some raw data": of_text}
    for body, recorded in bodies.items():
        made = answer(mapped(request_template, response_template), exchange(body=body))
        assert made.body.decode() == recorded


OVERRIDING = """
#set($context.responseOverride.status = 444)
#set($context.responseOverride.header.foo = "bar")
#set($context.responseOverride.custom = "is also passed around")
{
  "statusCode": 200
}
"""
OVERRIDDEN = """
#set($statusOverride = $context.responseOverride.status)
#set($fooHeader = $context.responseOverride.header.foo)
#set($custom = $context.responseOverride.custom)
{
    "statusOverride": "$statusOverride",
    "fooHeader": "$fooHeader",
    "custom": "$custom"
}
"""


@pytest.mark.parametrize(
    ("template", "recorded"),
    [
        (
            OVERRIDDEN,
            {"custom": "is also passed around", "fooHeader": "bar", "statusOverride": "444"},
        ),
        (None, None),
    ],
)
def test_an_answer_is_overridden_from_the_request_template(
    template: str | None, recorded: object
) -> None:
    """test_integration_mock_with_response_override_in_request_template."""
    made = answer(mapped(OVERRIDING, template, "mock"), exchange())
    assert (made.status, header(made, "foo")) == (444, "bar")
    assert (json.loads(made.body) if made.body else None) == recorded


PUTTING = """
#set($paramName = "foo")
#set($context.requestOverride.querystring[$paramName] = "bar")
#set($paramPutName = "putfoo")
$context.requestOverride.querystring.put($paramPutName, "putBar")
#set($context["requestOverride"].querystring["nestedfoo"] = "nestedFoo")
{
  "statusCode": 200
}
"""
PUT = """
#set($value = $context.requestOverride.querystring["foo"])
#set($value2 = $context.requestOverride.querystring["putfoo"])
#set($value3 = $context.requestOverride.querystring["nestedfoo"])
{
    "value": "$value",
    "value2": "$value2",
    "value3": "$value3"
}
"""


def test_maps_are_written_as_recorded_on_aws() -> None:
    """test_integration_mock_with_vtl_map_assignation."""
    made = answer(mapped(PUTTING, PUT, "mock"), exchange())
    assert made.status == 200
    assert json.loads(made.body) == {
        "value": "bar",
        "value2": "putBar",
        "value3": "nestedFoo",
    }


def test_a_status_that_is_no_json_is_read_as_aws_reads_it() -> None:
    """test_integration_mock_with_path_param: a template that the CDK writes."""
    made = answer(mapped("{statusCode: 200}", None, "mock"), exchange())
    assert (made.status, made.body) == (200, b"")


@pytest.mark.parametrize("passthrough", ["when_no_match", "when_no_templates", "never"])
def test_a_mock_answers_as_recorded_on_aws(passthrough: str) -> None:
    """test_mock_integration_response."""
    integration = mapped('{"statusCode": 200}', '{"statusCode": 200, "id": 42}', "mock")
    made = answer({**integration, "passthroughBehavior": passthrough}, exchange())
    assert json.loads(made.body) == {"statusCode": 200, "id": 42}


REMAPPED = (
    "Authorization",
    "Connection",
    "Content-Length",
    "Content-MD5",
    "Date",
    "Expect",
    "Host",
    "Max-Forwards",
    "Proxy-Authenticate",
    "Server",
    "Trailer",
    "Upgrade",
    "User-Agent",
    "WWW-Authenticate",
)
KEPT = (
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Age",
    "Content-Encoding",
    "Content-Type",
    "Pragma",
    "Range",
    "Referer",
    "TE",
    "Via",
    "Warn",
)


def test_the_headers_of_an_answer_are_those_recorded_on_aws() -> None:
    """TestApiGatewayHeaderRemapping.test_apigateway_header_remapping_http[HTTP]."""
    names = (*REMAPPED, *KEPT, "Transfer-Encoding")
    integration = mapped(None, None)
    integration["responses"] = {
        "default": {
            "statusCode": "200",
            "responseParameters": {
                f"method.response.header.{name}": f"'response_param_{name}'" for name in names
            },
        }
    }
    declared = {"200": {"description": "Done.", "headers": {name: {} for name in names}}}
    made = answer(integration, exchange(body=b"{}"), responses=declared)
    assert {name.decode(): value.decode() for name, value in made.headers} == {
        **{f"x-amzn-Remapped-{name}": f"response_param_{name}" for name in REMAPPED},
        **{name: f"response_param_{name}" for name in KEPT},
    }


def test_the_headers_of_a_request_are_those_recorded_on_aws() -> None:
    """The same test, no-param-integration: `Accept: application/json` and AWS's own."""
    http = Echo()
    made = exchange(("X-Own", "1"), ("Accept", "text/html"), ("Authorization", "Unauthorized"))
    answer(mapped(None, None), made, http=http)
    (asked,) = http.asked
    assert dict(asked.headers) == {
        "Accept": "application/json",
        "User-Agent": f"AmazonAPIGateway_{made.api.api_id}",
        "X-Amzn-Apigateway-Api-Id": made.api.api_id,
        "X-Amzn-Trace-Id": made.ids.trace,
    }


SENT_HEADERS = {
    "Accept": "application/json",
    "Accept-Charset": "UTF-8",
    "Accept-Encoding": "br",
    "Age": "request_Age",
    "Authorization": "Unauthorized",
    "Content-Type": "application/json",
    "Date": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Pragma": "cache",
    "Range": "bytes=500-999",
    "Referer": "https://example.com/",
    "User-Agent": "localStack/0.0",
    "Warn": "299 localStack/0.0",
}
DROPPED_HEADERS = {
    "Connection": "close",
    "Content-Encoding": "deflate",
    "Content-Length": "0",
    "Content-MD5": "x",
    "Expect": "x",
    "Host": "api.example.com",
    "Max-Forwards": "10",
    "Proxy-Authenticate": "x",
    "Server": "x",
    "TE": "x",
    "Trailer": "x",
    "Transfer-Encoding": "x",
    "Upgrade": "x",
    "Via": "x",
    "WWW-Authenticate": "x",
}


def test_a_proxied_request_has_the_headers_recorded_on_aws() -> None:
    """The same test, HTTP_PROXY, no-param-integration."""
    http = Echo()
    made = exchange(*SENT_HEADERS.items(), *DROPPED_HEADERS.items())
    proxy: dict[str, object] = {
        "type": "http_proxy",
        "httpMethod": "POST",
        "uri": "http://backend.example.com",
    }
    answer(proxy, made, http=http)
    (asked,) = http.asked
    assert dict(asked.headers) == {
        **SENT_HEADERS,
        "X-Amzn-Apigateway-Api-Id": made.api.api_id,
        "X-Amzn-Trace-Id": made.ids.trace,
    }


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding"])
def test_headers_that_must_not_be_mapped_fail_as_recorded_on_aws(kind: str, name: str) -> None:
    """The same test, content-length and transfer-encoding."""
    integration = mapped(None, None)
    if kind == "http_proxy":
        integration = {name: integration[name] for name in ("httpMethod", "uri")}
    integration["type"] = kind
    integration["requestParameters"] = {f"integration.request.header.{name}": "'1'"}
    with pytest.raises(RefusedError) as caught:
        answer(integration, exchange())
    assert caught.value.response == BAD_MAPPING


def custom(**members: object) -> dict[str, object]:
    return {"type": "aws", "httpMethod": "POST", "uri": FUNCTION_URI, **members}


FAILED = {
    "errorMessage": "Error: Raising four hundred from within the Lambda function",
    "errorType": "Exception",
    "requestId": "7b1c",
    "stackTrace": ["  File ...\n"],
}


@pytest.mark.parametrize(
    ("given", "status", "recorded"),
    [
        (answered("Pass"), 200, "Pass"),
        (answered(FAILED, "Unhandled"), 400, FAILED),
        (
            answered({**FAILED, "errorMessage": "Error: Raising five hundred"}, "Unhandled"),
            500,
            {**FAILED, "errorMessage": "Error: Raising five hundred"},
        ),
    ],
)
def test_errors_are_selected_as_recorded_on_aws(
    given: Invocation, status: int, recorded: object
) -> None:
    """test_lambda_selection_patterns."""
    responses = {
        "default": {"statusCode": "200"},
        ".*four hundred.*": {"statusCode": "400"},
        ".*five hundred.*": {"statusCode": "500"},
    }
    declared = {code: {"description": "x"} for code in ("200", "400", "500")}
    functions = Invocations(given)
    made = answer(custom(responses=responses), exchange(), functions=functions, responses=declared)
    assert (made.status, json.loads(made.body)) == (status, recorded)


def test_a_custom_function_gets_what_its_template_makes() -> None:
    """test_lambda_aws_integration_with_request_template."""
    functions = Invocations(answered({"param1": "foobar"}))
    template = json.dumps({"param1": "$input.params('param1')"})
    integration = custom(
        requestTemplates={"application/json": template},
        responses={"default": {"statusCode": "200"}},
    )
    made = answer(integration, exchange(query=(("param1", "foobar"),)), functions=functions)
    assert functions.calls[0][1] == {"param1": "foobar"}
    assert json.loads(made.body) == {"param1": "foobar"}


IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/wIAAgkBAyMAlYwAAAAASUVORK5CYII="
)
IMAGES = ["image/png", "*/test"]
WIDER = ["image/png", "application/*", "image/jpg"]


@pytest.mark.parametrize(
    ("types", "accept", "is_encoded", "is_binary"),
    [
        ([], "image/png", True, False),
        (IMAGES, "image/png", True, True),
        (IMAGES, "image/jpg", True, False),
        (IMAGES, "image/*", True, False),
        (IMAGES, "*/test", True, False),
        (IMAGES, "random/test", True, False),
        (IMAGES, "*/*", True, False),
        (IMAGES, "image/webp,image/png,*/*;q=0.8", True, False),
        (IMAGES, "image/png,image/*,*/*;q=0.8", True, True),
        (IMAGES, "image/png", False, False),
        (WIDER, "application/whatever", True, True),
        (WIDER, "application/*", True, True),
        (WIDER, "image/jpg", True, True),
        (WIDER, "application", True, False),
        (WIDER, None, True, False),
    ],
)
def test_bytes_come_back_as_recorded_on_aws(
    types: list[str], accept: str | None, *, is_encoded: bool, is_binary: bool
) -> None:
    """test_aws_proxy_binary_response; only the caller's Accept header counts."""
    root: dict[str, Any] = api_document(
        {"/things/{thing}": {"post": operation()}}, binary_media_types=types
    )
    (route,) = read(root, {}).deployment.routes
    given = {"body": IMAGE, "isBase64Encoded": is_encoded, "headers": {"Content-Type": "a/b"}}
    backends = Backends(Invocations(answered(given)), HttpBackends())
    sent = exchange(*([("Accept", accept)] if accept else []))
    made = asyncio.run(route.integration.answer(sent, backends))
    assert made.body.startswith(b"\x89PNG" if is_binary else b"iVBORw")
