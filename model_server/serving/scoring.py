"""A model of ours as what answers invocations: what AWS calls algorithm mode."""

from collections.abc import Sequence
from http import HTTPStatus

import numpy as np

from model_server.model.predictor import Predictor
from model_server.serving.formats import Formats
from model_server.serving.invocation import Invocation, Prediction, prepare
from model_server.serving.metrics import Counted, Metrics
from model_server.serving.servable import Answer, SelfTestError
from model_server.serving.single_row import SingleRow
from model_server.serving.slices import LARGE_BYTES, Slices
from model_server.serving.wire import Header

INLINE_BYTES = 16_384
INLINE_EXPLAINED_BYTES = 1_024
"""Larger bodies are predicted off the event loop; below, the way there costs more than it frees."""
INLINE_CELLS = INLINE_BYTES
"""A sparse row may have more columns than bytes."""
INLINE_EXPLAINED_ROWS = 4
_NOTHING = Answer(b"", "", HTTPStatus.NO_CONTENT)
"""What AWS's XGBoost image answers to an empty body (serve.py)."""


class Scoring:
    """A predictor that takes and gives the formats of AWS's XGBoost image; see `Servable`."""

    def __init__(
        self, model: Predictor, formats: Formats, metrics: Metrics, slices: Slices
    ) -> None:
        self.version = model.version
        self._model = model
        self._formats = formats
        self._single_row = SingleRow(model, formats)
        self._count = metrics.count_rows
        self._counted = Counted(model, metrics)
        self._slices = slices
        self._row = np.zeros((1, model.columns), np.float32)
        self._expected = model.score(self._row)

    async def answer(self, invocation: Invocation, _headers: Sequence[Header]) -> Answer:
        """Predict, at once where the body is small. Raises the errors of `serving.errors`."""
        if not invocation.body:
            return _NOTHING
        if found := self._single_row.answer(invocation):
            body, writer = found
            self._count(1)
            return Answer(body, writer.content_type)
        prediction = prepare(self._counted, invocation, self._formats)
        writer = prediction.writer
        if self._is_small(prediction):
            body = prediction.whole()
        else:
            large = len(invocation.body) > LARGE_BYTES
            body = await self._slices.take(prediction.parts(), writer.whole, large=large)
        return Answer(body, writer.content_type)

    def test(self) -> None:
        """Predict the row of zeros again. Raises SelfTestError."""
        found = self._model.score(self._row)
        if not np.array_equal(found, self._expected, equal_nan=True):
            raise SelfTestError(f"a row of zeros scored {self._expected}, now {found}")

    def close(self) -> None:
        """Hold nothing more than memory, which goes with the last reference."""

    def _is_small(self, prediction: Prediction) -> bool:
        body = prediction.body
        if len(body) > (INLINE_EXPLAINED_BYTES if prediction.explained else INLINE_BYTES):
            return False
        # no format has more rows: a record of RecordIO begins with a line feed
        rows = 1 + max(map(body.count, (b"\n", b"[", b"{")))
        if prediction.explained and rows > INLINE_EXPLAINED_ROWS:
            return False
        return rows * self._model.columns <= INLINE_CELLS
