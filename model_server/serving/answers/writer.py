"""What a format of answers is: parts of bytes, a slice of rows each, that join to a body."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Fields: TypeAlias = Mapping[str, npt.NDArray[np.floating]]
"""What a slice of rows is answered, by name: at least one field, all of the same n > 0 rows.

A field has one value a row, shape (n,), or lists, shapes (n, k) and (n, k, m). Where a value is
not a number, or infinite, there is none.
"""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes an answer in parts, a slice of rows each."""

    content_type: str
    part: Callable[[Fields], bytes]
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    single: bytes = b""
    """The whole body for one finite score, with a place for it; empty where there is no such."""

    def whole(self, parts: Iterable[bytes]) -> bytes:
        """Put the parts together to the body."""
        return self.head + self.separator.join(parts) + self.tail
