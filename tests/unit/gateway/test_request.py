from typing import Any

import pytest

from gateway.request import HEADERS_AS_SENT, Request


def scope(**changes: object) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "raw_path": b"/v1/applications/a%2Fb",
        "query_string": b"a=%20",
        "headers": [(b"host", b"localhost:8000"), (b"x-a", b"1"), (b"x-a", b"\xe4")],
        "client": ("192.0.2.7", 40000),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
        **changes,
    }


def test_a_request_is_read_as_it_was_sent() -> None:
    assert Request.from_scope(scope()) == Request(
        method="GET",
        path="/v1/applications/a%2Fb",
        query="a=%20",
        headers=(("host", "localhost:8000"), ("x-a", "1"), ("x-a", "ä")),
        client="192.0.2.7",
        port=8000,
        scheme="http",
        http_version="1.1",
    )


def test_names_keep_their_case_where_the_server_tells_it() -> None:
    extensions = {HEADERS_AS_SENT: {"headers": [(b"X-A", b"1")]}}
    assert Request.from_scope(scope(extensions=extensions)).headers == (("X-A", "1"),)


def test_a_connection_without_addresses_is_read() -> None:
    request = Request.from_scope(scope(client=None, server=None))
    assert (request.client, request.port) == ("", 0)
    assert Request.from_scope(scope(server=("/run/gateway.sock", None))).port == 0


@pytest.mark.parametrize(
    ("raw_path", "path", "stage", "resource_path"),
    [
        (b"/v1/a", "/v1/a", "v1", "/a"),
        (b"//v1/a", "/v1/a", "v1", "/a"),
        (b"/v1//a", "/v1//a", "v1", "/a"),
        (b"/v1/a//b/", "/v1/a//b/", "v1", "/a//b/"),
        (b"/v1", "/v1", "v1", "/"),
        (b"/v1/", "/v1/", "v1", "/"),
        (b"/", "/", "", "/"),
        (b"", "/", "", "/"),
    ],
)
def test_the_stage_is_the_first_part_of_the_path(
    raw_path: bytes, path: str, stage: str, resource_path: str
) -> None:
    request = Request.from_scope(scope(raw_path=raw_path))
    assert (request.path, request.stage, request.resource_path) == (path, stage, resource_path)


def test_a_header_is_found_in_any_case_and_its_last_value_counts() -> None:
    extensions = {HEADERS_AS_SENT: {"headers": [(b"X-A", b"1"), (b"x-a", b"2")]}}
    request = Request.from_scope(scope(extensions=extensions))
    assert request.header("x-a") == "2"
    assert request.header("x-b") is None
