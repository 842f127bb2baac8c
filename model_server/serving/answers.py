"""The formats of an answer: text/csv and application/json, in the shapes of AWS's XGBoost image.

What AWS's image has no form for, contributions, follows the score in the same row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes an answer in parts, a slice of rows each.

    `part` takes scores, shape (n,), and contributions, shape (n, columns + 1) with the bias last,
    or None where nobody asked.
    """

    content_type: str
    part: Callable[[Floats, Floats | None], str]
    head: str = ""
    separator: str = ""
    tail: str = ""

    def whole(self, parts: Iterable[str]) -> bytes:
        """Put the parts together to the body."""
        return (self.head + self.separator.join(parts) + self.tail).encode()


def _csv(scores: Floats, contributions: Floats | None) -> str:
    if contributions is None:
        return "\n".join(_texts(scores, "")) + "\n"
    rows = np.column_stack((scores, contributions))
    return "".join(",".join(_texts(row, "")) + "\n" for row in rows)


def _json(scores: Floats, contributions: Floats | None) -> str:
    texts = _texts(scores, "null")
    if contributions is None:
        return ",".join([f'{{"score":{text}}}' for text in texts])
    return ",".join(
        f'{{"score":{text},"contributions":[{",".join(values[:-1])}],"bias":{values[-1]}}}'
        for text, row in zip(texts, contributions, strict=True)
        if (values := _texts(row, "null"))
    )


def _texts(values: Floats, missing: str) -> list[str]:
    """Write each number with the 9 digits that tell every float32; never nan or inf."""
    texts = [format(value, ".9g") for value in values.tolist()]
    if np.isfinite(values).all():
        return texts
    return [
        text if finite else missing
        for text, finite in zip(texts, np.isfinite(values).tolist(), strict=True)
    ]


CSV = Writer("text/csv; charset=utf-8", _csv)
JSON = Writer("application/json", _json, head='{"predictions":[', separator=",", tail="]}")
