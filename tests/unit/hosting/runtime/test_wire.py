"""HTTP on the client's side: bodies in pieces, clients that go, errors as SDKs read them."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive

from hosting.runtime import wire
from hosting.runtime.errors import ModelError
from hosting.runtime.wire import ClientGoneError, error_reply, read_body, until_gone

GONE: Message = {"type": "http.disconnect"}


def receiver(*messages: Message) -> Receive:
    rest = iter(messages)

    async def receive() -> Message:
        return next(rest)

    return receive


@given(st.lists(st.binary()))
def test_a_body_is_the_sum_of_its_pieces(pieces: list[bytes]) -> None:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    whole = b"".join(pieces)
    read = asyncio.run(read_body(receiver(*messages, {"type": "http.request"})))
    assert read == (whole, len(whole))


def test_of_a_body_over_the_limit_no_more_than_the_limit_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "PAYLOAD_LIMIT", 5)
    pieces = [b"123", b"456", b"7"]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    body, size = asyncio.run(read_body(receiver(*messages, {"type": "http.request"})))
    assert (len(body) <= 5, size) == (True, 7)


def test_a_client_that_goes_is_told_of() -> None:
    with pytest.raises(ClientGoneError):
        asyncio.run(read_body(receiver(GONE)))


def test_a_client_is_waited_for_until_it_goes() -> None:
    asyncio.run(until_gone(receiver({"type": "http.request"}, GONE)))


def test_an_error_goes_by_header_and_body() -> None:
    error = ModelError("m", original_status=500, original_message="o", log_stream_arn="arn")
    status, headers, body = error_reply(error)
    assert (status, dict(headers)[b"x-amzn-errortype"]) == (424, b"ModelError")
    assert json.loads(body) == error.members()
