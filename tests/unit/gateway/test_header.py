import pytest

from gateway.header import is_sendable


@pytest.mark.parametrize(("name", "value"), [("X-A", "1"), ("x_a", ""), ("X", "a\tb ü")])
def test_a_header_of_http_can_be_sent(name: str, value: str) -> None:
    assert is_sendable(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("", "1"), ("X A", "1"), ("X:", "1"), ("X", "a\r\nSet-Cookie: b"), ("X", "\0"), ("X", "€")],
)
def test_what_would_break_http_cannot(name: str, value: str) -> None:
    assert not is_sendable(name, value)
