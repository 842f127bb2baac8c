"""The formats that a channel may have, and how each is read as rows with labels."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from types import MappingProxyType

import numpy as np

from model_server.rows import from_csv, from_libsvm, from_recordio
from model_server.rows.labelled import Floats, Labelled
from model_server.training import from_parquet


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is read; both functions raise UnreadableRowsError."""

    name: str
    columns: Callable[[bytes], int]
    """Counts the features."""
    read: Callable[[bytes, int], Iterator[Labelled]]
    """Gives rows with so many features, a part of the body at a time."""
    sparse: bool = False
    """Whether a row may leave out columns, so that only all files say how many there are."""


def _csv(body: bytes, columns: int) -> Iterator[Labelled]:
    for table in from_csv.read(body, columns + 1):
        yield _unweighted(table)


def _weighted_csv(body: bytes, columns: int) -> Iterator[Labelled]:
    for table in from_csv.read(body, columns + 2):
        yield Labelled(table[:, 2:], table[:, 0], table[:, 1])


def _parquet(body: bytes, columns: int) -> Iterator[Labelled]:
    yield _unweighted(from_parquet.read(body, columns + 1))


def _unweighted(table: Floats) -> Labelled:
    return Labelled(table[:, 1:], table[:, 0], np.ones(len(table), np.float32))


CSV = Format("csv", lambda body: from_csv.column_count(body) - 1, _csv)
WEIGHTED_CSV = Format("csv", lambda body: from_csv.column_count(body) - 2, _weighted_csv)
"""With weights in the column behind the labels (csv_weights)."""
LIBSVM = Format("libsvm", from_libsvm.column_count, from_libsvm.read_labelled, sparse=True)
PARQUET = Format("parquet", lambda body: from_parquet.column_count(body) - 1, _parquet)
RECORDIO = Format(
    "recordio-protobuf", from_recordio.column_count, from_recordio.read_labelled, sparse=True
)
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csv": CSV,
        "text/csv": CSV,
        "libsvm": LIBSVM,
        "text/libsvm": LIBSVM,
        "text/x-libsvm": LIBSVM,
        "parquet": PARQUET,
        "application/x-parquet": PARQUET,
        "recordio-protobuf": RECORDIO,
        "application/x-recordio-protobuf": RECORDIO,
    }
)
"""By ContentType (aws/sagemaker-xgboost-container data_utils.py)."""


def format_of(content_type: str) -> Format | None:
    """Give the format of a ContentType; None where it is not one of them.

    Of its parameters label_size must be 1, as in AWS's image; others say nothing here.
    """
    header = Message()
    header["content-type"] = content_type.lower()
    if header.get_param("label_size", "1") != "1":
        return None
    return FORMATS.get(content_type.partition(";")[0].strip().lower())
