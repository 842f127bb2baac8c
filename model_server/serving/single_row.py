"""The usual request, one row of plain numbers for one score, answered by the shortest way.

It decides nothing: what it does not know at once it leaves to `invocation`, which gives the same
answer to what both know.
"""

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from math import inf, isfinite, nan
from typing import TypeAlias

import numpy as np

from model_server.model.predictor import Predictor
from model_server.rows import from_csv, from_json
from model_server.serving import accept, content_type
from model_server.serving.answers.writer import Writer
from model_server.serving.formats import Formats
from model_server.serving.invocation import EXPLAIN, Invocation

Parse: TypeAlias = Callable[[bytes, int], list[float] | None]

LARGEST = 4_096
"""Bytes of a body that is tried."""
_PARSERS: Mapping[object, Parse] = {
    from_csv.read: from_csv.one_row,
    from_json.read: from_json.one_row,
}


class SingleRow:
    """Answers single rows for a model."""

    def __init__(self, model: Predictor, formats: Formats) -> None:
        self._model = model
        self._scorers: Mapping[Parse, Callable[[bytes], float]] = {
            from_csv.one_row: model.score_csv,
            from_json.one_row: model.score_json,
        }
        self._way = lru_cache(maxsize=256)(partial(_way, formats))
        row = np.zeros((1, model.columns), np.float32)
        self._one_score = model.score(row).shape == (1,) and not formats.selected

    def answer(self, invocation: Invocation) -> tuple[bytes, Writer] | None:
        """Give the body of the answer and its writer, or None."""
        body = invocation.body
        if not self._one_score or len(body) > LARGEST or EXPLAIN in invocation.attributes:
            return None
        way = self._way(invocation.content_type, invocation.accept)
        if way is None:
            return None
        parse, writer = way
        score = self._scorers[parse](body)
        if not isfinite(score):
            score = self._read_and_score(parse, body)
        return (writer.single % score, writer) if isfinite(score) else None

    def _read_and_score(self, parse: Parse, body: bytes) -> float:
        values = parse(body, self._model.columns)
        if values is None or inf in values or -inf in values:
            return nan
        try:
            return self._model.score_row(values)
        except (OverflowError, struct.error):  # the second of a whole number
            return nan


def _way(formats: Formats, type_: str, accepted: str) -> tuple[Parse, Writer] | None:
    try:
        parse = _PARSERS.get(content_type.reader(type_))
        writer = accept.writer(accepted, formats)
    except ValueError:
        return None
    return (parse, writer) if parse and writer.single else None
