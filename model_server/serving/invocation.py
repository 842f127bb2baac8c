"""One invocation as a function: headers and body in, the parts of the answer out. No I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import xgboost

from model_server.model.predictor import Floats, Predictor
from model_server.serving import accept, content_type, selection
from model_server.serving.answers.writer import Fields, Writer
from model_server.serving.content_type import Reader
from model_server.serving.errors import PredictionError
from model_server.serving.formats import PLAIN, Formats

EXPLAIN = "explain=contributions"
"""What the custom attributes hold where contributions are wanted."""


class Invocation(NamedTuple):
    """What a client wants: a body that is not empty, and the headers that count, "" if absent."""

    content_type: str
    accept: str
    attributes: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Prediction:
    """An invocation whose headers are understood."""

    model: Predictor
    body: bytes
    reader: Reader
    writer: Writer
    explained: bool
    selected: tuple[str, ...] = ()

    def parts(self) -> Iterator[bytes]:
        """Read, predict and write slice by slice, so that a caller can stop in between.

        Raises UnreadableRowsError, WrongColumnCountError, WrongNamesError and PredictionError.
        """
        for rows in self.reader(self.body, self.model.columns, self.model.names):
            try:
                scores = self.model.score(rows)
                contributions = self.model.contributions(rows) if self.explained else None
            except xgboost.core.XGBoostError as error:
                reason = str(error).partition("\n")[0]
                raise PredictionError(f"Unable to evaluate payload provided: {reason}") from error
            yield self.writer.part(self._fields(scores, contributions))

    def whole(self) -> bytes:
        """Give the body of the answer at once. Raises as `parts`."""
        return self.writer.whole(self.parts())

    def _fields(self, scores: Floats, contributions: Floats | None) -> Fields:
        fields: dict[str, selection.Values] = {"score": scores}
        if self.selected:
            model = self.model
            fields = selection.select(self.selected, model.objective, model.classes, scores)
        if contributions is not None:
            fields["contributions"] = contributions[..., :-1]
            fields["bias"] = contributions[..., -1]
        return fields


def prepare(model: Predictor, invocation: Invocation, formats: Formats = PLAIN) -> Prediction:
    """Choose writer and reader before anything is predicted.

    Raises NotAcceptableError, UnsupportedContentTypeError and UnsupportedObjectiveError.
    """
    if formats.selected:
        selection.check(model.objective)
    attributes = invocation.attributes
    return Prediction(
        model=model,
        body=invocation.body,
        writer=accept.writer(invocation.accept, formats),
        reader=content_type.reader(invocation.content_type),
        explained=EXPLAIN in attributes and EXPLAIN in re.split(r"\s*[,;]\s*", attributes.strip()),
        selected=formats.selected,
    )
