"""Records of an object, and the payloads that they are sent in.

Facts: SplitType, BatchStrategy and MaxPayloadInMB in the service model (botocore). Not: what the
container makes of a payload.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from hosting.jobs.transform.parameters import MB, Parameters, Strategy


class TooLargeError(ValueError):
    """A record, or an object that is not split, is over MaxPayloadInMB: raise that or split."""


def lines(stream: BinaryIO) -> Iterator[bytes]:
    r"""Give the records of SplitType Line, each without its `\n`."""
    for line in stream:
        yield line.removesuffix(b"\n")


def payloads(records: Iterable[bytes], parameters: Parameters) -> Iterator[list[bytes]]:
    """Give the records of one request after another.

    MULTI_RECORD takes as many as fit, SINGLE_RECORD takes one. Raises TooLargeError.
    """
    limit = parameters.payload_limit
    batch: list[bytes] = []
    size = 0
    for record in records:
        _check(len(record), parameters)
        # each record but the first brings the newline before it
        grown = size + len(record) + (1 if batch else 0)
        full = parameters.strategy is Strategy.SINGLE_RECORD or (
            limit is not None and grown > limit
        )
        if batch and full:
            yield batch
            batch, grown = [], len(record)
        batch.append(record)
        size = grown
    if batch:
        yield batch


def whole(stream: BinaryIO, parameters: Parameters) -> bytes:
    """Give the one payload of SplitType None. Raises TooLargeError."""
    limit = parameters.payload_limit
    body = stream.read() if limit is None else stream.read(limit + 1)
    _check(len(body), parameters)
    return body


def _check(size: int, parameters: Parameters) -> None:
    if parameters.payload_limit is not None and size > parameters.payload_limit:
        raise TooLargeError(
            f"Too much data for max payload size: {parameters.payload_mb} MB "
            f"are {parameters.payload_mb * MB} bytes"
        )
