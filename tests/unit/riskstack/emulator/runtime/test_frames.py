import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.runtime.frames import Unpacker, pack, read

HEADS = st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.booleans())
FRAMES = st.lists(st.tuples(HEADS, st.binary()), max_size=5)


@given(FRAMES)
def test_a_stream_gives_what_was_packed(frames: list[tuple[dict[str, Any], bytes]]) -> None:
    stream = io.BytesIO(b"".join(pack(head, body) for head, body in frames))
    assert [read(stream) for _ in frames] == frames
    assert read(stream) is None


@given(FRAMES, st.integers(1, 50))
def test_pieces_give_what_was_packed(frames: list[tuple[dict[str, Any], bytes]], size: int) -> None:
    packed = b"".join(pack(head, body) for head, body in frames)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    unpacker = Unpacker()
    assert [frame for piece in pieces for frame in unpacker.feed(piece)] == frames
