import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.problem import InvalidSubmissionError
from etl.request import ProxyEvent, Request, proxy_event


def event(body: str | None, *, binary: bool = False, **headers: str) -> ProxyEvent:
    return {
        "resource": "/applications/webform",
        "httpMethod": "POST",
        "headers": {name.replace("_", "-"): text for name, text in headers.items()},
        "pathParameters": None,
        "body": body,
        "isBase64Encoded": binary,
    }


def test_a_proxy_event_is_read() -> None:
    request = Request.from_event(event("a=b", CONTENT_type="text/CSV; charset=UTF-8"))
    assert (request.method, request.resource) == ("POST", "/applications/webform")
    assert request.path_parameters == {}
    assert request.body == b"a=b"
    assert request.media_type == "text/csv"


def test_an_http_api_s_event_is_read_as_a_proxy_event() -> None:
    request = Request.from_event(
        proxy_event(
            {
                "routeKey": "GET /applications/{application_id}",
                "headers": {"content-type": "text/csv"},
                "pathParameters": {"application_id": "app-1"},
                "body": "YQ==",
                "isBase64Encoded": True,
            }
        )
    )
    assert request == Request(
        method="GET",
        resource="/applications/{application_id}",
        path_parameters={"application_id": "app-1"},
        headers={"content-type": "text/csv"},
        body=b"a",
        binary=True,
    )


def test_the_default_route_is_no_resource() -> None:
    event = proxy_event({"routeKey": "$default"})
    assert (event["httpMethod"], event["resource"]) == ("$default", "")


def test_null_members_are_empty() -> None:
    request = Request.from_event({"headers": None, "body": None})
    assert (request.body, request.headers) == (b"", {})
    assert request.media_type == "application/json"


def test_a_base64_body_is_decoded() -> None:
    request = Request.from_event(event(base64.b64encode(b"\xff\x00").decode(), binary=True))
    assert request.body == b"\xff\x00"


@pytest.mark.parametrize("body", ["not base64!", "YQ", "\ud800"])
def test_a_body_that_is_not_base64_is_refused(body: str) -> None:
    with pytest.raises(InvalidSubmissionError, match="body: is not base64"):
        Request.from_event(event(body, binary=True))


def test_a_body_with_half_a_character_is_bytes_that_no_reader_takes() -> None:
    with pytest.raises(InvalidSubmissionError, match="body: is not utf-8"):
        Request.from_event(event("\ud800")).text()


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/csv", b"\xef\xbb\xbf\xc3\xa9", "é"),
        ("text/csv; charset=utf-8", b"\xc3\xa9", "é"),
        ('text/csv; header=present; Charset="UTF-8"', b"\xc3\xa9", "é"),
        ("text/csv; charset=windows-1252", b"\x80\xe9", "€é"),
        ("text/csv; charset=ISO-8859-1", b"\x80\xe9", "€é"),
        ("text/csv; charset=us-ascii", b"e", "e"),
    ],
)
def test_text_is_decoded_by_its_charset(content_type: str, body: bytes, text: str) -> None:
    binary = base64.b64encode(body).decode()
    request = Request.from_event(event(binary, binary=True, content_type=content_type))
    assert request.text() == text


@pytest.mark.parametrize("charset", ["windows-1252", "iso-8859-1", "us-ascii", "utf-7"])
def test_what_came_as_text_was_decoded_before(charset: str) -> None:
    request = Request.from_event(event("\ufeffé", content_type=f"text/csv; charset={charset}"))
    assert request.text() == "é"


def test_an_unknown_charset_is_refused_with_those_that_are_read() -> None:
    request = Request.from_event(event("eA==", binary=True, content_type="text/csv; charset=utf-7"))
    with pytest.raises(InvalidSubmissionError, match="charset that is not read; expected utf-8"):
        request.text()


def test_the_idempotency_key_is_found_in_any_case() -> None:
    assert Request.from_event(event("", IDEMPOTENCY_KEY=" k1 ")).idempotency_key() == "k1"
    assert Request.from_event(event("", idempotency_key="k1")).idempotency_key() == "k1"
    assert Request.from_event(event("")).idempotency_key() is None


def test_an_empty_idempotency_key_is_refused() -> None:
    with pytest.raises(InvalidSubmissionError, match="Idempotency-Key: is empty"):
        Request.from_event(event("", idempotency_key="")).idempotency_key()


@given(st.text(), st.booleans(), st.text())
def test_any_body_is_text_or_refused(body: str, binary: bool, content_type: str) -> None:
    try:
        request = Request.from_event(event(body, binary=binary, content_type=content_type))
        assert isinstance(request.text(), str)
    except InvalidSubmissionError as error:
        assert [problem.field for problem in error.problems] == ["body"]  # noqa: PT017 - or text
