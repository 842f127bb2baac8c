import pytest

from gateway.gateway_response import API_CONFIGURATION_ERROR
from gateway.mapping.content import ContentHandling, convert_answer, convert_request, from_base64
from tests.gateway_stand import refusal

BINARY, TEXT = ContentHandling.CONVERT_TO_BINARY, ContentHandling.CONVERT_TO_TEXT
BYTES, BASE64 = b"\x89PNG", "iVBORw=="


@pytest.mark.parametrize(
    ("body", "is_binary", "handling", "expected"),
    [
        (b"a", False, None, "a"),
        (b"\xff", False, None, "\ufffd"),
        (BASE64.encode(), False, BINARY, BYTES),
        (b"a", False, TEXT, "a"),
        (BYTES, True, None, BYTES),
        (BYTES, True, BINARY, BYTES),
        (BYTES, True, TEXT, BASE64),
    ],
)
def test_a_request_is_converted_as_aws_s_table_says(
    body: bytes, *, is_binary: bool, handling: ContentHandling | None, expected: bytes | str
) -> None:
    assert convert_request(body, handling, is_binary=is_binary) == expected


@pytest.mark.parametrize(
    ("body", "is_binary", "accepts_binary", "handling", "expected"),
    [
        (b"a", False, False, None, "a"),
        (BASE64.encode(), False, False, BINARY, BYTES),
        (b"a", False, False, TEXT, "a"),
        (BASE64.encode(), False, True, None, BYTES),
        (BASE64.encode(), False, True, BINARY, BYTES),
        (b"a", False, True, TEXT, "a"),
        (BYTES, True, False, None, BASE64),
        (BYTES, True, False, BINARY, BYTES),
        (BYTES, True, False, TEXT, BASE64),
        (BYTES, True, True, None, BYTES),
        (BYTES, True, True, BINARY, BYTES),
        (BYTES, True, True, TEXT, BASE64),
    ],
)
def test_an_answer_is_converted_as_aws_s_table_says(
    body: bytes,
    *,
    is_binary: bool,
    accepts_binary: bool,
    handling: ContentHandling | None,
    expected: bytes | str,
) -> None:
    made = convert_answer(body, handling, is_binary=is_binary, accepts_binary=accepts_binary)
    assert made == expected


@pytest.mark.parametrize("text", ["a", "not base64!", b"\xff\xff\xff\xff", "ü"])
def test_what_is_no_base64_is_a_configuration_error(text: str | bytes) -> None:
    with refusal(API_CONFIGURATION_ERROR):
        from_base64(text)
