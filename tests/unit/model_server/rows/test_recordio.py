import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows.errors import UnreadableRowsError
from model_server.rows.recordio import frame, frames

MAGIC = bytes.fromhex("0a23d7ce")


def test_a_record_stands_after_magic_and_length_and_is_padded() -> None:
    assert frame(b"abcde") == MAGIC + b"\x05\0\0\0" + b"abcde" + b"\0\0\0"
    assert frame(b"abcd") == MAGIC + b"\x04\0\0\0" + b"abcd"


@given(st.lists(st.binary(max_size=20)))
def test_what_is_framed_comes_out(records: list[bytes]) -> None:
    assert list(frames(b"".join(map(frame, records)))) == records


def test_the_last_record_may_go_without_padding() -> None:
    assert list(frames(frame(b"abc")[:-1])) == [b"abc"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"abc", "row 1: expected the 8 bytes before a record, found 3"),
        (b"1,2,3,4,5", "row 1: expected RecordIO's magic number 0xced7230a, found 0x2c322c31"),
        (frame(b"") + MAGIC, "row 2: expected the 8 bytes before a record, found 4"),
        (frame(b"abc") + frame(b"12345")[:-4], "row 2: expected a record of 5 bytes, found 4"),
        (MAGIC + b"\xff" * 4, "row 1: expected a record of 4294967295 bytes, found 0"),
    ],
)
def test_a_broken_frame_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        list(frames(body))

    assert str(error.value) == message
