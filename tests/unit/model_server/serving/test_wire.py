import asyncio
from collections.abc import Iterable, MutableMapping
from typing import Any

import pytest

from model_server.serving import wire
from model_server.serving.errors import TooLargeError
from model_server.serving.wire import Disconnected, SlowBodyError, read_body, respond

Message = MutableMapping[str, Any]
GONE: Message = {"type": "http.disconnect"}


def body_of(*chunks: bytes) -> list[Message]:
    return [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]


def read(messages: Iterable[Message], limit: int = 100) -> bytes:
    incoming = iter(messages)

    async def receive() -> Message:
        try:
            return next(incoming)
        except StopIteration:
            await asyncio.Event().wait()
            raise

    return asyncio.run(read_body(receive, limit))


def sent(*answer: Any) -> list[Message]:  # noqa: ANN401 - respond's arguments
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(respond(send, *answer))
    return messages


def test_a_body_in_pieces_is_one_body() -> None:
    assert read(body_of(b"1,2\n")) == read(body_of(b"1,", b"", b"2\n")) == b"1,2\n"
    assert read([{"type": "http.request"}]) == b""


@pytest.mark.parametrize("pieces", [(b"12345",), (b"1234", b"5"), (b"1", b"2345", b"6")])
def test_a_body_is_refused_once_it_is_too_large(pieces: tuple[bytes, ...]) -> None:
    assert read(body_of(b"12", b"34"), limit=4) == b"1234"
    with pytest.raises(TooLargeError, match="over 4 bytes"):
        read(body_of(*pieces, b"never read"), limit=4)


def test_nobody_is_waited_for_who_left() -> None:
    with pytest.raises(Disconnected):
        read([GONE])
    with pytest.raises(Disconnected):
        read([body_of(b"1,", b"2")[0], GONE])


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0)

    for messages in ([], [body_of(b"1,", b"2")[0]]):
        with pytest.raises(SlowBodyError, match="did not come in within 0 s"):
            read(messages)


def test_a_body_that_comes_later_is_waited_for() -> None:
    async def run() -> bytes:
        there = asyncio.Event()
        incoming = iter(body_of(b"1,", b"2"))

        async def receive() -> Message:
            await there.wait()
            return next(incoming)

        reading = asyncio.create_task(read_body(receive, 100))
        await asyncio.sleep(0)
        there.set()
        return await reading

    assert asyncio.run(run()) == b"1,2"


def test_an_answer_states_its_type_and_length() -> None:
    start, body = sent(200, "text/csv", b"0.5\n", [(b"x-a", b"b")])

    assert start["headers"] == [
        (b"content-length", b"4"),
        (b"content-type", b"text/csv"),
        (b"x-a", b"b"),
    ]
    assert (start["status"], body["body"]) == (200, b"0.5\n")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_neither(status: int) -> None:
    start, body = sent(status, "text/csv", b"never sent", [(b"x-a", b"b")])

    assert start["headers"] == [(b"x-a", b"b")]
    assert body["body"] == b""
