"""The gateway's other ways to answer, over real HTTP: MOCK, HTTP backends, custom functions."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from gateway.api_keys import ApiKey
from gateway.quota import Period, QuotaSettings
from gateway.server import LARGEST_HEAD
from gateway.stage import Stage, UsagePlan
from gateway.token_bucket import Limits
from tests.gateway_stand import (
    FUNCTION,
    FUNCTION_URI,
    KEY,
    STAGE,
    FunctionServer,
    Reply,
    api_document,
    gateway,
    operation,
)

TIMEOUT = 20
TOKEN = {"Authorization": "allow"}
ANY = "x-amazon-apigateway-any-method"
MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "200"}},
}
API_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}


@dataclass(frozen=True)
class Asked:
    """One request as a backend got it."""

    method: str
    target: str
    headers: Message
    body: bytes


class Backend:
    """An HTTP backend: keeps what it was asked, and answers so many hundreds as the path says."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.waits = threading.Event()
        self.waits.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Backend"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        yield self
        self.waits.set()
        self._server.shutdown()
        self._server.server_close()
        thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        backend = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                backend.asked.append(Asked(self.command, self.path, self.headers, body))
                backend.waits.wait(TIMEOUT)
                last = self.path.partition("?")[0].rpartition("/")[2]
                answer = b'{"said": "\xc3\xbc"}'
                with suppress(ConnectionError):
                    self.send_response(int(last) if last.isdecimal() else 200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("X-Backend", "1")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815 - as the server calls them

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Answering


@pytest.fixture(scope="module")
def functions() -> Iterator[FunctionServer]:
    with FunctionServer().running() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield server


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend().running() as running:
        yield running


Serve = Callable[..., str]


@pytest.fixture
def serve(functions: FunctionServer) -> Iterator[Serve]:
    """Give what serves an API and tells where."""
    functions.forget()
    with ExitStack() as running:

        def served(
            paths: Mapping[str, Mapping[str, Any]], stage: Stage = STAGE, **root: object
        ) -> str:
            port = running.enter_context(gateway(api_document(paths, **root), stage))
            return f"http://127.0.0.1:{port}/v1"

        yield served


def ask(method: str, url: str, **more: Any) -> requests.Response:  # noqa: ANN401 - as requests
    return requests.request(method, url, timeout=TIMEOUT, **more)


def test_the_form_may_be_sent_from_elsewhere(functions: FunctionServer) -> None:
    functions.forget()
    with gateway() as port:
        url = f"http://127.0.0.1:{port}/v1/applications/webform"
        preflight = ask(
            "OPTIONS",
            url,
            headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"},
        )
        refused = ask("POST", url, json={})
        body = ask("OPTIONS", url, headers={"Content-Type": "text/csv"})
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Methods"] == "OPTIONS,POST"
    assert "X-Api-Key" in preflight.headers["Access-Control-Allow-Headers"]
    assert "X-Amzn-Trace-Id" not in preflight.headers
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert (body.status_code, body.json()) == (415, {"message": "Unsupported Media Type"})
    assert not functions.calls


def test_an_http_backend_is_passed_to_as_it_is(serve: Serve, backend: Backend) -> None:
    proxy = operation(
        {
            "type": "http_proxy",
            "httpMethod": "ANY",
            "uri": f"{backend.url}/base/{{proxy}}?fixed=1",
            "requestParameters": {
                "integration.request.path.proxy": "method.request.path.proxy",
                "integration.request.header.X-Mapped": "method.request.header.X-Sent",
                "integration.request.querystring.stage": "context.stage",
            },
        },
        parameters=[
            {"name": "proxy", "in": "path", "required": True},
            {"name": "X-Sent", "in": "header"},
        ],
    )
    url = serve({"/{proxy+}": {ANY: proxy}})
    response = ask(
        "PUT",
        f"{url}/a/b%2Fc?q=1&q=2",
        data=b"\x00body",
        headers={"X-Sent": "yes", "User-Agent": "test/1", "Via": "1.1 other"},
    )
    (asked,) = backend.asked
    assert (asked.method, asked.body) == ("PUT", b"\x00body")
    assert asked.target == "/base/a/b%2Fc?fixed=1&q=1&q=2&stage=v1"
    assert asked.headers["X-Mapped"] == asked.headers["X-Sent"] == "yes"
    assert asked.headers["User-Agent"] == "test/1"
    assert asked.headers["Host"] == backend.url.removeprefix("http://")
    assert asked.headers["X-Amzn-Trace-Id"].startswith("Root=")
    assert "Via" not in asked.headers
    assert (response.status_code, response.content) == (200, b'{"said": "\xc3\xbc"}')
    assert response.headers["X-Backend"] == "1"
    assert response.headers["x-amzn-Remapped-Content-Length"] == "14"
    assert "X-Amzn-Trace-Id" not in response.headers


def test_repeated_headers_reach_an_http_backend_each(serve: Serve, backend: Backend) -> None:
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": backend.url}
    url = urlsplit(serve({"/": {"get": operation(proxy)}}))
    connection = HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)
    connection.putrequest("GET", url.path, skip_host=False)
    for name, value in [("X-Tag", "one"), ("Accept", "text/csv"), ("x-tag", "two")]:
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().read()
    connection.close()
    (asked,) = backend.asked
    assert asked.headers.get_all("X-Tag") == ["one", "two"]
    assert asked.headers.get_all("Accept") == ["text/csv"]


def test_an_http_backend_is_mapped(serve: Serve, backend: Backend) -> None:
    mapped = operation(
        {
            "type": "http",
            "httpMethod": "POST",
            "uri": f"{backend.url}/{{status}}",
            "requestParameters": {
                "integration.request.path.status": "method.request.path.status",
                "integration.request.querystring.q": "method.request.multivaluequerystring.q",
            },
            "requestTemplates": {"application/json": "{\"got\": $input.json('$.a')}"},
            "responses": {
                "default": {
                    "statusCode": "200",
                    "responseTemplates": {"application/json": "$input.path('$.said')"},
                    "responseParameters": {
                        "method.response.header.X-Said": "integration.response.header.X-Backend"
                    },
                },
                r"4\d{2}": {"statusCode": "400"},
            },
        },
        parameters=[{"name": "status", "in": "path"}, {"name": "q", "in": "query"}],
        responses={
            "200": {"description": "Done.", "headers": {"X-Said": {}}},
            "400": {"description": "Not."},
        },
    )
    url = serve({"/{status}": {"post": mapped}})
    good = ask("POST", f"{url}/201?q=1&q=2", json={"a": [1]}, headers={"X-Own": "1"})
    bad = ask("POST", f"{url}/404", json={"a": 1})
    first, _ = backend.asked
    assert (first.method, first.target, first.body) == ("POST", "/201?q=1&q=2", b'{"got": [1]}')
    assert "X-Own" not in first.headers
    assert first.headers["User-Agent"].startswith("AmazonAPIGateway_")
    assert (good.status_code, good.text, good.headers["X-Said"]) == (200, "ü", "1")
    assert "X-Backend" not in good.headers
    assert good.headers["X-Amzn-Trace-Id"]
    assert (bad.status_code, bad.json()) == (400, {"said": "ü"})


def test_a_get_has_no_body_and_its_templates_may_override(serve: Serve, backend: Backend) -> None:
    template = (
        '#set($context.requestOverride.header["X-Over"] = "header")'
        '#set($context.requestOverride.querystring["over"] = "query")'
        '#set($context.requestOverride.path["part"] = "a path")ignored'
    )
    mapped = operation(
        {
            "type": "http",
            "httpMethod": "GET",
            "uri": f"{backend.url}/{{part}}",
            "requestTemplates": {"application/json": template},
            "responses": {"default": {"statusCode": "200"}},
        }
    )
    assert ask("POST", serve({"/": {"post": mapped}}), data=b"{}").status_code == 200
    (asked,) = backend.asked
    assert (asked.method, asked.target, asked.body) == ("GET", "/a%20path?over=query", b"")
    assert asked.headers["X-Over"] == "header"


def to_backend(url: str, **members: object) -> dict[str, Any]:
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": url, **members}
    return {"/": {"get": operation(proxy)}}


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id"])
def test_some_headers_must_not_be_mapped(serve: Serve, backend: Backend, name: str) -> None:
    parameters = {f"integration.request.header.{name}": "'1'"}
    response = ask("GET", serve(to_backend(backend.url, requestParameters=parameters)))
    assert (response.status_code, response.text) == (500, '{"message": "Internal server error"}')
    assert response.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert not backend.asked


def test_a_head_does_not_go_to_a_backend(serve: Serve, backend: Backend) -> None:
    proxy = {"type": "http_proxy", "httpMethod": "ANY", "uri": backend.url}
    response = ask("HEAD", serve({"/": {ANY: operation(proxy)}}))
    assert (response.status_code, response.content) == (500, b"")
    assert not backend.asked


def test_a_slow_backend_is_not_waited_for(serve: Serve, backend: Backend) -> None:
    url = serve(to_backend(backend.url, timeoutInMillis=100))
    backend.waits.clear()
    response = ask("GET", url)
    assert (response.status_code, response.json()) == (
        504,
        {"message": "Endpoint request timed out"},
    )


def test_a_status_that_http_does_not_know_is_a_bad_answer(serve: Serve, backend: Backend) -> None:
    response = ask("GET", f"{serve(to_backend(f'{backend.url}/999'))}")
    assert (response.status_code, response.json()) == (502, {"message": "Internal server error"})


def test_a_backend_that_is_not_there_is_a_network_error(serve: Serve) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = serve(to_backend(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
        response = ask("GET", url)
    assert (response.status_code, response.json()) == (
        504,
        {"message": "Network error communicating with endpoint"},
    )


def test_a_function_may_be_behind_mappings(serve: Serve, functions: FunctionServer) -> None:
    custom = operation(
        {
            "type": "aws",
            "httpMethod": "POST",
            "uri": FUNCTION_URI.replace(":things/", ":${stageVariables.function}/"),
            "requestTemplates": {
                "application/json": '{"id": "$input.params(\'id\')", "body": $input.json(\'$\')}'
            },
            "passthroughBehavior": "never",
            "responses": {
                "default": {"statusCode": "200"},
                "No such.*": {
                    "statusCode": "404",
                    "responseTemplates": {
                        "application/json": '{"error": "$input.path(\'$.errorMessage\')"}'
                    },
                },
            },
        },
        responses={"200": {"description": "Done."}, "404": {"description": "None."}},
    )
    url = serve({"/{id}": {"post": custom}}, replace(STAGE, variables={"function": "things"}))
    functions.handler = lambda event: Reply(json.dumps(event).encode())
    echoed = ask("POST", f"{url}/7", json={"a": 1})
    assert echoed.json() == {"id": "7", "body": {"a": 1}}
    assert functions.calls[0].path == f"/2015-03-31/functions/{FUNCTION}/invocations"
    functions.handler = lambda _: Reply(
        b'{"errorMessage": "No such thing"}', headers={"X-Amz-Function-Error": "Unhandled"}
    )
    missing = ask("POST", f"{url}/8", json={})
    assert (missing.status_code, missing.json()) == (404, {"error": "No such thing"})
    assert ask("POST", f"{url}/9", data="a", headers={"Content-Type": "a/b"}).status_code == 415


def test_bytes_go_to_a_function_and_back(serve: Serve, functions: FunctionServer) -> None:
    url = serve({"/": {"post": operation()}}, binary_media_types=["image/png"])
    functions.handler = lambda event: Reply.proxy(body=event["body"], isBase64Encoded=True)
    headers = {"Content-Type": "image/png", "Accept": "image/png"}
    response = ask("POST", url, data=b"\x89PNG", headers=headers)
    assert functions.calls[0].event["isBase64Encoded"] is True
    assert response.content == b"\x89PNG"
    text = ask("POST", url, data=b"\x89PNG", headers={"Content-Type": "image/png"})
    assert text.content == base64.b64encode(b"\x89PNG")


def guarded(**members: object) -> dict[str, Any]:
    authorizer = {"type": "token", "authorizerUri": FUNCTION_URI, **members}
    scheme = {**API_KEY, "name": "Authorization", "x-amazon-apigateway-authorizer": authorizer}
    return {"securitySchemes": {"auth": scheme, "key": API_KEY}}


def authorizing(event: dict[str, Any]) -> Reply:
    """Answer as the function of AWS's guide does, and as the integration."""
    if event.get("type") != "TOKEN":
        return Reply.proxy(statusCode=200, body=json.dumps(event["requestContext"]))
    token = event["authorizationToken"]
    if token not in {"allow", "deny", "other"}:
        message = "Unauthorized" if token == "unauthorized" else "Error: Invalid token"  # noqa: S105 - a word of the example
        return Reply(
            json.dumps({"errorMessage": message}).encode(),
            headers={"X-Amz-Function-Error": "Unhandled"},
        )
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Deny" if token == "deny" else "Allow",  # noqa: S105 - the same
        "Resource": "arn:other" if token == "other" else event["methodArn"],  # noqa: S105 - the same
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return Reply(
        json.dumps(
            {
                "principalId": "user",
                "policyDocument": policy,
                "context": {"tier": "gold"},
                "usageIdentifierKey": KEY,
            }
        ).encode()
    )


@pytest.mark.parametrize(
    ("headers", "status", "error", "body"),
    [
        ({}, 401, "UnauthorizedException", '{"message":"Unauthorized"}'),
        (
            {"Authorization": "unauthorized"},
            401,
            "UnauthorizedException",
            '{"message":"Unauthorized"}',
        ),
        (
            {"Authorization": "deny"},
            403,
            "AccessDeniedException",
            (
                '{"Message":"User is not authorized to access this resource with an explicit deny'
                ' in an identity-based policy"}'
            ),
        ),
        (
            {"Authorization": "other"},
            403,
            "AccessDeniedException",
            (
                '{"Message":"User is not authorized to access this resource because no'
                ' identity-based policy allows the execute-api:Invoke action"}'
            ),
        ),
        (
            {"Authorization": "fail"},
            500,
            "AuthorizerConfigurationException",
            '{"message":null}',
        ),
    ],
)
def test_an_authorizer_refuses(
    serve: Serve,
    functions: FunctionServer,
    headers: dict[str, str],
    status: int,
    error: str,
    body: str,
) -> None:
    functions.handler = authorizing
    url = serve({"/": {"get": operation(security=[{"auth": []}])}}, components=guarded())
    response = ask("GET", url, headers=headers)
    assert (response.status_code, response.text) == (status, body)
    assert response.headers["x-amzn-ErrorType"] == error


def test_an_authorizer_allows_and_its_context_reaches_the_function(
    serve: Serve, functions: FunctionServer
) -> None:
    functions.handler = authorizing
    url = serve({"/": {"get": operation(security=[{"auth": []}])}}, components=guarded())
    for _ in range(2):
        told = ask("GET", url, headers=TOKEN).json()
        assert told["authorizer"].pop("integrationLatency") >= 0
        assert told["authorizer"] == {"principalId": "user", "tier": "gold"}
    kinds = [call.event.get("type") for call in functions.calls]
    assert kinds == ["TOKEN", None, None]


def test_an_api_key_may_come_from_the_authorizer(serve: Serve, functions: FunctionServer) -> None:
    functions.handler = authorizing
    keyed = operation(security=[{"auth": [], "key": []}])
    url = serve({"/": {"get": keyed}}, components=guarded(), api_key_source="AUTHORIZER")
    told = ask("GET", url, headers=TOKEN).json()
    assert told["identity"]["apiKeyId"] == ApiKey.of(KEY).key_id
    assert ask("GET", url, headers={"x-api-key": KEY}).status_code == 401


KEYED_MOCK = {"/": {"get": operation(MOCK, security=[{"key": []}])}}


@pytest.mark.parametrize(
    ("plan", "error", "body"),
    [
        (
            {"throttle": Limits(0.001, 1)},
            "TooManyRequestsException",
            '{"message":"Too Many Requests"}',
        ),
        (
            {"quota": QuotaSettings(1, Period.MONTH)},
            "LimitExceededException",
            '{"message":"Limit Exceeded"}',
        ),
    ],
)
def test_a_client_is_held_to_its_plan(
    serve: Serve, plan: dict[str, Any], error: str, body: str
) -> None:
    stage = Stage("v1", plans=(UsagePlan("clients", (ApiKey.of(KEY),), **plan),))
    url = serve(KEYED_MOCK, stage, components={"securitySchemes": {"key": API_KEY}})
    first, second = (ask("GET", url, headers={"x-api-key": KEY}) for _ in range(2))
    assert first.status_code == 200
    assert (second.status_code, second.text) == (429, body)
    assert second.headers["x-amzn-ErrorType"] == error


def test_a_method_is_held_to_the_stage_s_limit(serve: Serve) -> None:
    stage = Stage("v1", throttles={"/GET": Limits(0.001, 1)})
    paths = {"/": {"get": operation(MOCK), "post": operation(MOCK)}}
    url = serve(paths, stage)
    assert [ask("GET", url).status_code for _ in range(2)] == [200, 429]
    assert ask("POST", url).status_code == 200


def test_metrics_are_served_beside_the_stage(serve: Serve) -> None:
    stage = Stage("v1", detailed_metrics={"*/*": True})
    url = serve({"/things": {ANY: operation(MOCK)}}, stage)
    for path in ("/things", "/things", "/none"):
        ask("GET", url + path)
    own = url.removesuffix("/v1")
    ask("GET", own + "/v2/things")
    text = ask("GET", own + "/metrics")
    assert text.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    counted = {
        (one.name, one.labels["Resource"]): one.value
        for family in text_string_to_metric_families(text.text)
        for one in family.samples
        if not one.name.endswith("_bucket")
    }
    assert counted["Count_total", ""] == 3
    assert counted["Count_total", "/things"] == 2
    assert counted["Error4XX_total", ""] == 1
    assert counted["IntegrationLatency_count", ""] == 2


def test_headers_have_10240_bytes_and_no_more(serve: Serve) -> None:
    url = serve({"/": {"get": operation(MOCK)}})
    assert ask("GET", url, headers={"X-Long": "1" * 9_000}).status_code == 200
    response = ask("GET", url, headers={"X-Long": "1" * 10_240})
    assert response.status_code == 431
    assert response.text == "HTTP header is larger than 10240 bytes."


def test_a_head_without_an_end_is_not_kept(serve: Serve) -> None:
    url = urlsplit(serve({"/": {"get": operation(MOCK)}}))
    with socket.create_connection((url.hostname or "", url.port or 0), TIMEOUT) as connection:
        with suppress(ConnectionError):
            connection.sendall(b"GET /v1 HTTP/1.1\r\nX-Long: " + b"1" * (2 * LARGEST_HEAD))
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_customised_answer_without_a_body_leaves_the_connection_whole(serve: Serve) -> None:
    url = serve(
        {"/": {"get": operation(MOCK)}},
        gateway_responses={"MISSING_AUTHENTICATION_TOKEN": {"statusCode": 204}},
    )
    with requests.Session() as session:
        for path, status in (("/none", 204), ("/", 200)):
            assert session.get(f"{url}{path}", timeout=TIMEOUT).status_code == status


def test_a_mock_without_a_status_is_an_internal_error(serve: Serve) -> None:
    url = serve({"/": {"get": operation({**MOCK, "requestTemplates": {}})}})
    response = ask("GET", url)
    assert (response.status_code, response.json()) == (500, {"message": "Internal server error"})
