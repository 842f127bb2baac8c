import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from gateway.body import DisconnectedError, read_body
from gateway.gateway_response import CONTENT_TOO_LONG, LARGEST_BODY, RefusedError


def receiver(messages: Iterable[Message]) -> Receive:
    coming = iter(messages)

    async def receive() -> Message:
        return next(coming)

    return receive


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_read_to_its_end() -> None:
    messages = [part(b"a", more=True), {"type": "http.request", "more_body": True}]
    receive = receiver([*messages, part(b"b", more=False)])
    assert asyncio.run(read_body(receive)) == b"ab"


def test_a_body_of_the_largest_length_is_read() -> None:
    body = bytes(LARGEST_BODY)
    assert asyncio.run(read_body(receiver([part(body, more=False)]))) == body


def test_a_longer_body_is_not_read_on() -> None:
    coming = iter(
        [part(bytes(LARGEST_BODY), more=True), part(b"1", more=True), part(b"2", more=False)]
    )
    with pytest.raises(RefusedError) as caught:
        asyncio.run(read_body(receiver(coming)))
    assert caught.value.response == CONTENT_TOO_LONG
    assert next(coming) == part(b"2", more=False)


def test_a_caller_that_goes_away_is_noticed() -> None:
    with pytest.raises(DisconnectedError):
        asyncio.run(read_body(receiver([part(b"a", more=True), {"type": "http.disconnect"}])))
