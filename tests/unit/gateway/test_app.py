import asyncio
import threading
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from gateway.app import DisconnectedError, Gateway, read_body
from gateway.deployment import Deployment, Route
from gateway.gateway_response import (
    CONTENT_TOO_LONG,
    INTEGRATION_TIMEOUT,
    LARGEST_BODY,
    RefusedError,
)
from tests.gateway_stand import SETTINGS


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


class StuckFunctions:
    """Functions that answer only when they are let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def invoke(self, function_arn: str, event: bytes, timeout: float) -> bytes:  # noqa: ARG002 - as it is called
        self.go.wait(20)
        return b"{}"

    def close(self) -> None:
        self.go.set()


def test_a_caller_waits_no_longer_than_the_timeout_in_all() -> None:
    route = Route("GET", "/slow", "abc123", "arn", 0.05, needs_api_key=False)
    gateway = Gateway(SETTINGS, Deployment("api", "dep", [route]), StuckFunctions())
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope = {
        "method": "GET",
        "raw_path": b"/v1/slow",
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "http_version": "1.1",
    }
    asyncio.run(gateway(scope, receiver([part(b"", more=False)]), send))
    gateway.close()
    start, body = sent
    assert start["status"] == 504
    assert body["body"] == INTEGRATION_TIMEOUT.body
