"""Which reader a Content-Type asks for: the types of AWS's XGBoost image, and JSON.

A body without a Content-Type is libsvm, as AWS's image has it (data_utils.py). Parquet, which AWS's
image knows by name too, is refused by both at inference.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

from model_server.rows import from_csv, from_json, from_jsonlines, from_libsvm, from_recordio
from model_server.rows.errors import UnreadableRowsError
from model_server.rows.matrix import Floats
from model_server.serving.errors import UnsupportedContentTypeError

Reader: TypeAlias = Callable[[bytes, int, Sequence[str]], Iterator[Floats]]
"""Takes a body, the model's number of columns and its names, gives slices of rows."""

_CSV = ("text/csv", "csv")
READERS: Mapping[str, Reader] = {
    "text/csv": from_csv.read,
    "csv": from_csv.read,
    "text/libsvm": from_libsvm.read,
    "text/x-libsvm": from_libsvm.read,
    "libsvm": from_libsvm.read,
    "application/x-recordio-protobuf": from_recordio.read,
    "recordio-protobuf": from_recordio.read,
    "application/json": from_json.read,
    "application/jsonlines": from_jsonlines.read,
}
_CHARSETS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin-1": "latin-1",
    "latin1": "latin-1",
}


@lru_cache(maxsize=256)
def reader(content_type: str) -> Reader:
    """Give the reader. Raises UnsupportedContentTypeError, also for an unknown parameter."""
    media_type, *pieces = (piece.strip().lower() for piece in content_type.split(";"))
    if not media_type and not pieces:
        return _read_undeclared
    if media_type not in READERS:
        raise UnsupportedContentTypeError(
            f"Content-Type {content_type!r}: expected one of {', '.join(READERS)}"
        )
    parameters: dict[str, str] = {}
    for piece in filter(None, pieces):
        name, _, value = (part.strip() for part in piece.partition("="))
        if name in parameters or not _supported(media_type, name, value := value.strip('"')):
            raise UnsupportedContentTypeError(
                f"Content-Type {content_type!r}: the parameter {piece!r} is not supported"
            )
        parameters[name] = value
    if media_type not in _CSV or not parameters:
        return READERS[media_type]
    dialect = from_csv.Dialect(
        header=parameters.get("header") == "present",
        label="label_size" in parameters,
        charset=_CHARSETS[parameters.get("charset", "utf-8")],
    )
    return from_csv.read if dialect == from_csv.PLAIN else partial(from_csv.read, dialect=dialect)


def _read_undeclared(body: bytes, columns: int, names: Sequence[str]) -> Iterator[Floats]:
    try:
        yield from from_libsvm.read(body, columns, names)
    except UnreadableRowsError as error:
        raise UnreadableRowsError(
            f"{error}; a body without a Content-Type is read as libsvm"
        ) from error


def _supported(media_type: str, name: str, value: str) -> bool:
    """Tell whether a format has the parameter: all but csv are UTF-8, or no text at all."""
    if name == "charset":
        return value in _CHARSETS and (_CHARSETS[value] != "latin-1" or media_type in _CSV)
    if media_type not in _CSV:
        return False
    # AWS's image refuses another label_size; header is RFC 4180's
    return (name, value) in {("header", "present"), ("header", "absent"), ("label_size", "1")}
