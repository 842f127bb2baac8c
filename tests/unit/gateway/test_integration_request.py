import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api_keys import ApiKeys
from gateway.deployment import Route
from gateway.integration_request import Api, ProxyEvent, decode, proxy_event
from gateway.method_request import Admitted
from gateway.request import Request
from gateway.request_ids import RequestIds

ROUTE = Route(
    method="POST",
    resource="/things/{thing}",
    resource_id="abc123",
    function_arn="arn",
    timeout=29.0,
    needs_api_key=True,
)
API = Api(account_id="123456789012", api_id="fe92dfe331", deployment_id="36ee36", stage="v1")
IDS = RequestIds(request="id-1", extended="ext=", trace="Root=1-2-3;Parent=4;Sampled=0")
AT = datetime(2026, 3, 4, 19, 15, 17, 135_000, tzinfo=UTC)


def event(
    *headers: tuple[str, str],
    query: tuple[tuple[str, str], ...] = (),
    body: str = "",
    path: str = "/v1/things/1",
) -> ProxyEvent:
    request = Request("POST", path, "", headers, "192.0.2.7", 8000, "http", "1.1")
    return proxy_event(Admitted(request, ROUTE, {"thing": "1"}, query, None), API, IDS, AT, body)


def test_what_is_not_there_is_null() -> None:
    bare = Request("POST", "/v1/things/1", "", (), "192.0.2.7", 8000, "http", "1.1")
    made = proxy_event(Admitted(bare, ROUTE, {}, (), None), API, IDS, AT, "")
    nulls = {
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    }
    assert {key for key, value in made.items() if value is None} == nulls
    assert made["requestContext"]["identity"]["userAgent"] is None


def test_of_several_values_the_last_is_the_one() -> None:
    made = event(("X-A", "1"), ("X-A", "2"), query=(("q", "1"), ("r", ""), ("q", "2")))
    assert made["headers"]["X-A"] == "2"
    assert made["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert made["queryStringParameters"] == {"q": "2", "r": ""}
    assert made["multiValueQueryStringParameters"] == {"q": ["1", "2"], "r": [""]}


@pytest.mark.parametrize(
    "name", ["Connection", "content-length", "Expect", "TE", "Transfer-Encoding", "Upgrade"]
)
def test_headers_of_the_connection_do_not_reach_a_function(name: str) -> None:
    assert name not in event((name, "x"))["multiValueHeaders"]


def test_two_names_are_written_as_aws_writes_them_and_the_others_as_sent() -> None:
    made = event(("authorization", "a"), ("user-agent", "b"), ("tEsT-HEADeR", "c"))
    assert {"Authorization", "User-Agent", "tEsT-HEADeR"} <= made["headers"].keys()
    assert made["requestContext"]["identity"]["userAgent"] == "b"


def test_the_way_of_a_request_is_told_in_headers() -> None:
    made = event(
        ("X-Forwarded-For", "203.0.113.1"),
        ("x-forwarded-for", "203.0.113.2"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", "Root=mine"),
    )
    assert made["headers"] == {
        "X-Amzn-Trace-Id": IDS.trace,
        "X-Forwarded-For": "203.0.113.1, 203.0.113.2, 192.0.2.7",
        "X-Forwarded-Port": "8000",
        "X-Forwarded-Proto": "http",
    }


def test_the_context_keeps_the_path_as_sent_and_the_event_drops_the_stage() -> None:
    made = event(path="/v1//things/1/")
    assert made["path"] == "/things/1/"
    assert made["requestContext"]["path"] == "/v1//things/1/"


def test_the_time_is_told_twice() -> None:
    context = event()["requestContext"]
    assert context["requestTime"] == "04/Mar/2026:19:15:17 +0000"
    assert context["requestTimeEpoch"] == 1772651717135


def test_the_domain_is_the_host_that_was_asked() -> None:
    context = event(("Host", "abc.example.com"))["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == ("abc.example.com", "abc")


def test_a_key_is_told_with_its_id() -> None:
    key = ApiKeys(["the-key"]).find("the-key")
    assert key is not None
    request = Request("POST", "/v1/things/1", "", (), "192.0.2.7", 8000, "http", "1.1")
    made = proxy_event(Admitted(request, ROUTE, {}, (), key), API, IDS, AT, "")
    identity = made["requestContext"]["identity"]
    assert (identity["apiKey"], identity["apiKeyId"]) == ("the-key", key.key_id)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"", ""), ("grün".encode(), "grün"), (b"gr\xfcn", "gr\ufffdn"), (b"\x89PNG", "\ufffdPNG")],
)
def test_a_body_that_is_not_utf_8_loses_what_is_not(body: bytes, text: str) -> None:
    assert decode(body) == text


TEXT = st.text(st.characters(max_codepoint=255))


@given(st.lists(st.tuples(TEXT, TEXT)), st.lists(st.tuples(st.text(), st.text())), st.binary())
def test_every_request_makes_an_event_that_json_keeps(
    headers: list[tuple[str, str]], query: list[tuple[str, str]], body: bytes
) -> None:
    made = event(*headers, query=tuple(query), body=decode(body))
    assert json.loads(json.dumps(made)) == made
