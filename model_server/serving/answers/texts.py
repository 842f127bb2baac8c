"""Fields as text: every number with the digits that tell it from the next, none as a word."""

from collections.abc import Sequence
from itertools import cycle
from math import isfinite

import numpy as np

from model_server.serving.answers.writer import Fields

NUMBER = "%.9g"
"""Nine digits tell every float32."""


def rows(fields: Fields, template: str, missing: Sequence[str]) -> str:
    """Fill the template of one row, with a NUMBER for each value, once for each row.

    `missing` has a text for each value of a row, written where the value is no finite number.
    """
    count = len(next(iter(fields.values())))
    flat = _flat(fields)
    if all(map(isfinite, flat)):
        return template * count % tuple(flat)
    texts = [
        NUMBER % value if isfinite(value) else instead
        for value, instead in zip(flat, cycle(missing), strict=False)
    ]
    return template.replace(NUMBER, "%s") * count % tuple(texts)


def slots(shape: tuple[int, ...], separator: str) -> str:
    """Give the template of a row's value of a shape: one NUMBER, or such in brackets."""
    if not shape:
        return NUMBER
    return "[" + separator.join([slots(shape[1:], separator)] * shape[0]) + "]"


def _flat(fields: Fields) -> list[float]:
    """Give all values, row by row, within a row field by field."""
    values = list(fields.values())
    if len(values) > 1:
        values = [np.column_stack([field.reshape(len(field), -1) for field in values])]
    flat: list[float] = values[0].ravel().tolist()
    return flat
