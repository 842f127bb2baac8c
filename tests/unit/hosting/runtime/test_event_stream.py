"""The event stream's frames, as botocore's own reader takes them."""

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from hosting.runtime.event_stream import exception, payload_part


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_pieces_come_back_however_the_bytes_arrive(pieces: list[bytes], step: int) -> None:
    stream = b"".join(map(payload_part, pieces))
    buffer = EventStreamBuffer()
    read: list[Any] = []
    for start in range(0, len(stream), step):
        buffer.add_data(stream[start : start + step])
        read += list(buffer)
    assert [message.payload for message in read] == pieces
    assert all(
        message.headers
        == {
            ":event-type": "PayloadPart",
            ":content-type": "application/octet-stream",
            ":message-type": "event",
        }
        for message in read
    )


def test_an_error_is_a_message_of_its_own_kind() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(exception("ModelStreamError", {"ErrorCode": "StreamBroken", "Message": "é"}))
    message: Any
    [message] = list(buffer)
    assert message.headers == {
        ":exception-type": "ModelStreamError",
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    assert json.loads(message.payload) == {"ErrorCode": "StreamBroken", "Message": "é"}
