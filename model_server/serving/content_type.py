"""Which reader a Content-Type asks for."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model_server.rows import from_csv, from_json
from model_server.serving.errors import UnsupportedContentTypeError

Reader: TypeAlias = Callable[[bytes, int], Iterator[npt.NDArray[np.float32]]]
"""Takes a body and the number of columns, gives slices of rows."""

READERS: Mapping[str, Reader] = {
    "text/csv": from_csv.read,
    "csv": from_csv.read,
    "application/json": from_json.read,
}
_PARAMETERS = frozenset({"charset=utf-8", "charset=us-ascii", "header=absent"})


@lru_cache(maxsize=64)
def reader(content_type: str) -> Reader:
    """Give the reader. Raises UnsupportedContentTypeError, also for an unknown parameter."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in READERS:
        raise UnsupportedContentTypeError(
            f"Content-Type {content_type!r}: expected text/csv or application/json"
        )
    for parameter in parameters:
        if parameter.replace('"', "") not in _PARAMETERS:
            raise UnsupportedContentTypeError(
                f"Content-Type {content_type!r}: the parameter {parameter!r} is not supported"
            )
    return READERS[media_type]
