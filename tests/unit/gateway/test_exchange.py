import pytest

from gateway.gateway_response import BAD_JSON
from tests.gateway_stand import exchange, refusal


@pytest.mark.parametrize(
    ("body", "document"),
    [(b' {"a": [1]} ', {"a": [1]}), (b"[1]", [1]), (b'"a"', "a"), (b"a=1", {}), (b"", {})],
)
def test_a_body_that_looks_like_json_is_read_as_json(body: bytes, document: object) -> None:
    made = exchange(body=body)
    assert made.document() == document
    assert made.document() is made.document()


@pytest.mark.parametrize("body", [b"{", b"'a'", b"[" * 100_000])
def test_a_body_that_only_looks_so_is_refused(body: bytes) -> None:
    with refusal(BAD_JSON):
        exchange(body=body).document()
