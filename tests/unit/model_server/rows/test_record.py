"""The message's fields against bytes that are put together by hand from the documented schema."""

import struct

import pytest

from model_server.rows import record


def field(number: int, content: bytes) -> bytes:
    """Give a length-delimited field: what a message, a map entry and a packed list are."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def entry(tensor: bytes) -> bytes:
    return field(1, b"values") + field(2, tensor)


@pytest.mark.parametrize(
    ("name", "number", "values"),
    [
        ("float32_tensor", 2, struct.pack("<2f", 1.5, -2)),
        ("float64_tensor", 3, struct.pack("<2d", 1.5, -2)),
        ("int32_tensor", 7, bytes([3, 5])),
    ],
)
def test_tensors_have_the_documented_numbers(name: str, number: int, values: bytes) -> None:
    tensor = field(1, values) + field(2, bytes([4, 0])) + field(3, bytes([9]))

    value = record.parse(field(1, entry(field(number, tensor)))).features["values"]

    assert value.WhichOneof("value") == name
    found = getattr(value, name)
    assert list(found.values) == ([3, 5] if name == "int32_tensor" else [1.5, -2])
    assert list(found.keys) == [4, 0]
    assert list(found.shape) == [9]


def test_labels_have_the_documented_number() -> None:
    content = field(2, entry(field(2, field(1, struct.pack("<f", 1)))))

    parsed = record.parse(content)

    assert list(parsed.label["values"].float32_tensor.values) == [1]
    assert not parsed.features


def test_bytes_and_notes_are_known() -> None:
    content = field(1, entry(field(9, field(1, b"jpeg") + field(2, b"image/jpeg"))))
    notes = field(3, b"uid") + field(4, b"{}") + field(5, b"{}")

    parsed = record.parse(content + notes)

    assert parsed.features["values"].WhichOneof("value") == "bytes"
    assert parsed.SerializeToString() == content + notes


def test_what_is_written_is_packed_and_numbered_so() -> None:
    message = record.new()
    message.label["score"].float32_tensor.values.extend([0.5])

    assert message.SerializeToString() == field(
        2, field(1, b"score") + field(2, field(2, field(1, struct.pack("<f", 0.5))))
    )


@pytest.mark.parametrize("content", [b"\xff", b"\x0a\x05abc", b"\x0a\x03abc"])
def test_another_content_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a Record message of protobuf$"):
        record.parse(content)
