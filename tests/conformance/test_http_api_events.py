"""The event of an HTTP API against what AWS documents and was seen to send, compared whole.

Sources: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs";
Lambda developer guide, sample-apps/nodejs-apig/event-v2.json, recorded on AWS.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventV2Model
from openapi_spec_validator import validate

from gateway.api import Account, Api
from gateway.http_api.definition import read
from gateway.http_api.event import Incoming, event
from gateway.http_api.routes import DEFAULT, Match, Route
from gateway.http_api.stage_template import read as read_template
from gateway.lambda_client import Target
from gateway.request import Request
from gateway.request_ids import RequestIds

ROOT = Path(__file__).parents[2]
DEFINITION = ROOT / "gateway" / "http-api.yaml"
ACCOUNT = Account("us-east-1", "123456789012")

# without what a client certificate and a JWT authorizer add, neither of which is emulated
DOCUMENTED: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/my/path",
    "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
    "cookies": ["cookie1", "cookie2"],
    "headers": {
        "header1": "value1",
        "header2": "value1,value2",
    },
    "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
    "requestContext": {
        "accountId": "123456789012",
        "apiId": "api-id",
        "domainName": "id.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "id",
        "http": {
            "method": "POST",
            "path": "/my/path",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "agent",
        },
        "requestId": "id",
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        # the example's own is of another day
        "timeEpoch": 1584039838390,
    },
    "body": "Hello from Lambda",
    "pathParameters": {"parameter1": "value1"},
    "isBase64Encoded": False,
    "stageVariables": {"stageVariable1": "value1", "stageVariable2": "value2"},
}
# what the example leaves out and the recorded event has
ALWAYS = {
    "content-length": "17",
    "content-type": "text/plain",
    "host": "id.execute-api.us-east-1.amazonaws.com",
    "user-agent": "agent",
    "x-amzn-trace-id": "Root=1-2-3",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
POSTED = Request(
    method="POST",
    path="/my/path",
    query="parameter1=value1&parameter1=value2&parameter2=value",
    headers=(
        ("Host", "id.execute-api.us-east-1.amazonaws.com"),
        ("User-Agent", "agent"),
        ("Connection", "keep-alive"),
        ("Cookie", "cookie1; cookie2"),
        ("Content-Type", "text/plain"),
        ("Header1", "value1"),
        ("Header2", "value1"),
        ("header2", "value2"),
    ),
    client="192.0.2.1",
    port=443,
    scheme="https",
    http_version="1.1",
)
API = Api(
    account=ACCOUNT,
    name="an API",
    api_id="api-id",
    deployment_id="deployment",
    stage=DEFAULT,
    stage_variables={"stageVariable1": "value1", "stageVariable2": "value2"},
)
MATCH = Match(Route("ANY", DEFAULT, Target("arn", 30.0)), {"parameter1": "value1"})
IDS = RequestIds("a-uuid", "id", "Root=1-2-3;Parent=4;Sampled=0")
ARRIVED = datetime(2020, 3, 12, 19, 3, 58, 390_000, tzinfo=UTC).timestamp()


def made(request: Request, body: bytes = b"Hello from Lambda") -> dict[str, Any]:
    return dict(event(API, MATCH, Incoming(request, IDS, ARRIVED, body)))


def with_headers(*headers: tuple[str, str]) -> Request:
    return replace(POSTED, headers=headers)


def test_the_documented_event_is_made_whole() -> None:
    headers = dict(sorted({**DOCUMENTED["headers"], **ALWAYS}.items()))
    found = made(POSTED)
    assert found == DOCUMENTED | {"headers": headers}
    assert list(found["headers"]) == list(headers)
    APIGatewayProxyEventV2Model.model_validate(found)


def test_the_recorded_event_is_made_whole() -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/80.0.3987.132"
    host = "r3pmxmplak.execute-api.us-east-2.amazonaws.com"
    key = "ANY /nodejs-apig-function-1G3XMPLZXVXYI"
    path = "/default/nodejs-apig-function-1G3XMPLZXVXYI"
    recorded = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": "",
        "cookies": ["s_fid=7AABXMPL1AFD9BBF-0643XMPL09956DE2", "regStatus=pre-register"],
        "headers": {
            "accept": "text/html",
            "content-length": "0",
            "host": host,
            "sec-fetch-user": "?1",
            "user-agent": agent,
            "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for": "205.255.255.176",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": host,
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "205.255.255.176",
                "userAgent": agent,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": key,
            "stage": "default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1583817383220,
        },
        # the recording, of the service's first week, has true; later events have false
        "isBase64Encoded": False,
    }
    request = Request(
        method="GET",
        path=path,
        query="",
        headers=(
            ("Host", host),
            ("User-Agent", agent),
            ("Accept", "text/html"),
            ("Sec-Fetch-User", "?1"),
            ("Cookie", "s_fid=7AABXMPL1AFD9BBF-0643XMPL09956DE2; regStatus=pre-register"),
        ),
        client="205.255.255.176",
        port=443,
        scheme="https",
        http_version="1.1",
    )
    found = event(
        replace(API, api_id="r3pmxmplak", stage="default", stage_variables={}),
        Match(Route("ANY", "/nodejs-apig-function-1G3XMPLZXVXYI", Target("arn", 30.0)), {}),
        Incoming(
            request,
            RequestIds(
                "a-uuid", "JKJaXmPLvHcESHA=", "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e;P=1"
            ),
            1583817383.220,
        ),
    )
    assert found == recorded


@pytest.mark.parametrize(
    ("content_type", "body", "text", "binary"),
    [
        # ministackorg/ministack#766, measured on AWS
        ("text/csv; charset=utf-8", b"\xc3\xa9", "\u00e9", False),
        ("application/json", b"{}", "{}", False),
        ("Application/XML", b"<a/>", "<a/>", False),
        ("application/javascript", b"1", "1", False),
        ("application/x-www-form-urlencoded", b"a=b", "YT1i", True),
        ("application/octet-stream", b"\xff", "/w==", True),
        ("application/problem+json", b"{}", "e30=", True),
        (None, b"a", "YQ==", True),
    ],
)
def test_a_body_is_text_by_its_type(
    content_type: str | None, body: bytes, text: str, *, binary: bool
) -> None:
    headers = [("Content-Type", content_type)] if content_type else []
    found = made(with_headers(*headers), body)
    assert (found["body"], found["isBase64Encoded"]) == (text, binary)


def test_a_compressed_body_is_binary() -> None:
    request = with_headers(("Content-Type", "text/plain"), ("Content-Encoding", "gzip"))
    assert made(request, b"a")["isBase64Encoded"] is True


def test_members_without_a_value_are_left_out() -> None:
    bare = replace(with_headers(), query="")
    api = replace(API, stage_variables={})
    found = event(api, replace(MATCH, path_parameters={}), Incoming(bare, IDS, ARRIVED))
    assert set(found) == {
        "version",
        "routeKey",
        "rawPath",
        "rawQueryString",
        "headers",
        "requestContext",
        "isBase64Encoded",
    }
    json.dumps(found)


def test_a_path_is_decoded_and_a_query_is_not() -> None:
    found = made(replace(POSTED, path="/a%2Fb", query="a=%20b&a="))
    assert found["rawPath"] == found["requestContext"]["http"]["path"] == "/a/b"
    assert (found["rawQueryString"], found["queryStringParameters"]) == (
        "a=%20b&a=",
        {"a": " b,"},
    )


def test_a_caller_s_trace_and_addresses_are_kept() -> None:
    found = made(with_headers(("X-Amzn-Trace-Id", "Root=1"), ("X-Forwarded-For", "10.0.0.1")))
    assert found["headers"]["x-amzn-trace-id"] == "Root=1"
    assert found["headers"]["x-forwarded-for"] == "10.0.0.1, 192.0.2.1"


def test_the_definition_is_openapi_and_can_be_run() -> None:
    validate(yaml.safe_load(DEFINITION.read_text(encoding="utf-8")))
    rest = yaml.safe_load(DEFINITION.with_name("openapi.yaml").read_text(encoding="utf-8"))
    declared = read_template(ROOT / "deploy" / "app.yaml", ACCOUNT, "v1")
    routes = {route.key for route in read(declared.definition, ACCOUNT).routes}
    expected = {
        f"{method.upper()} {path}"
        for path, item in rest["paths"].items()
        for method in item.keys() & {"get", "post"}
        if path.startswith("/applications")
    }
    assert routes == expected
