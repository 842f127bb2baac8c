import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.auditor import (
    NAME_LIMIT,
    InvalidNameError,
    checked_name,
    from_cookie,
    local_path,
    to_cookie,
)

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=NAME_LIMIT)


@given(NAMES.filter(lambda text: text.isprintable() and text.strip()))
def test_a_name_survives_its_cookie(text: str) -> None:
    name = checked_name(text)
    value = to_cookie(name)
    assert value.isascii()
    assert not set(value) & set(' ",;\\')
    assert from_cookie(value) == name


def test_blanks_in_a_name_become_single() -> None:
    assert checked_name("  Grace \t  Hopper\n") == "Grace Hopper"


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * (NAME_LIMIT + 1), "Gra\x00ce", "Grace\u202elian", "\ud800"]
)
def test_a_name_must_be_visible_and_short(text: str) -> None:
    with pytest.raises(InvalidNameError, match="1 to 60 visible characters"):
        checked_name(text)


@pytest.mark.parametrize("value", [None, "", "%00", "%20", "x" * 61])
def test_a_cookie_without_a_name_is_nobody(value: str | None) -> None:
    assert from_cookie(value) is None


@pytest.mark.parametrize(
    "path", ["/", "/applications/app-1", "/?status=accepted&after=2026-03-02T08:40:00Z~app%201"]
)
def test_sign_in_returns_to_this_site(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "a/b"]
)
def test_sign_in_returns_nowhere_else(path: str) -> None:
    assert local_path(path) == "/"
