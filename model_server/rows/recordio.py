"""SageMaker's RecordIO framing: a magic number, a length, the record, zeros up to four bytes.

Both numbers are little-endian, of 32 bits (aws/sagemaker-containers `_recordio.py`). Records that
dmlc's own format splits into parts are not read; SageMaker's writers make none.
"""

import struct
from collections.abc import Iterator

from model_server.rows.errors import UnreadableRowsError

MAGIC = 0xCED7230A
_HEAD = struct.Struct("<II")
_ALIGNMENT = 4


def frame(record: bytes) -> bytes:
    """Give the record in its frame."""
    return _HEAD.pack(MAGIC, len(record)) + record + bytes(-len(record) % _ALIGNMENT)


def frames(body: bytes) -> Iterator[bytes]:
    """Give the records one by one. Raises UnreadableRowsError, counting records from 1."""
    start = 0
    row = 1
    while start < len(body):
        if start + _HEAD.size > len(body):
            raise UnreadableRowsError(
                f"row {row}: expected the {_HEAD.size} bytes before a record, "
                f"found {len(body) - start}"
            )
        magic, length = _HEAD.unpack_from(body, start)
        if magic != MAGIC:
            raise UnreadableRowsError(
                f"row {row}: expected RecordIO's magic number {MAGIC:#x}, found {magic:#x}"
            )
        start += _HEAD.size
        end = start + length
        # the last record may come without its padding
        if end > len(body):
            raise UnreadableRowsError(
                f"row {row}: expected a record of {length} bytes, found {len(body) - start}"
            )
        yield body[start:end]
        start = end + -length % _ALIGNMENT
        row += 1
