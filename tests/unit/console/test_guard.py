import pytest
from starlette.datastructures import Headers

from console.guard import FORM_LIMIT, is_own_host, refusal
from console.review import NOTE_LIMIT

HOST = {"host": "127.0.0.1:8001"}
FORM = HOST | {"content-length": "20"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "http://127.0.0.1:8001", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"content-length": str(FORM_LIMIT)},
    ],
)
def test_a_form_of_this_site_passes(headers: dict[str, str]) -> None:
    assert refusal("POST", Headers(FORM | headers)) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8002"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8001"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    refused = refusal("POST", Headers(FORM | headers))
    assert refused is not None
    assert refused[0] == 403


@pytest.mark.parametrize(
    ("length", "status"), [(str(FORM_LIMIT + 1), 413), ("", 411), ("many", 411), ("²", 411)]
)
def test_a_form_must_be_small_and_say_so(length: str, status: int) -> None:
    refused = refusal("POST", Headers(HOST | {"content-length": length}))
    assert refused is not None
    assert refused[0] == status


def test_the_longest_note_fits_into_a_form() -> None:
    assert len("%F0%9F%98%80") * NOTE_LIMIT < FORM_LIMIT - 1000


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_is_never_refused(method: str) -> None:
    assert refusal(method, Headers({"sec-fetch-site": "cross-site"})) is None


HOSTS = {"127.0.0.1", "localhost"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8001", "localhost:9000", "LocalHost"])
def test_the_consoles_own_names_pass(host: str) -> None:
    assert is_own_host(Headers({"host": host}), HOSTS)


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["evil.example:8001"],
        ["localhost.evil.example"],
        ["127.0.0.1.evil.example:8001"],
        ["[::1]:8001"],
        [""],
        [],
        ["localhost", "evil.example"],
    ],
)
def test_any_other_name_is_none_of_them(hosts: list[str]) -> None:
    headers = Headers(raw=[(b"host", host.encode()) for host in hosts])
    assert not is_own_host(headers, HOSTS)
