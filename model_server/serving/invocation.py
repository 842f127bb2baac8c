"""One invocation as a function: headers and body in, the parts of the answer out. No I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import xgboost

from model_server.model import Model
from model_server.serving import accept, content_type
from model_server.serving.answers import Writer
from model_server.serving.content_type import Reader
from model_server.serving.errors import PredictionError

EXPLAIN = "explain=contributions"
"""What the custom attributes hold where contributions are wanted."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a client wants: a body that is not empty, and the headers that count, "" if absent."""

    content_type: str
    accept: str
    attributes: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Prediction:
    """An invocation whose headers are understood."""

    model: Model
    body: bytes
    reader: Reader
    writer: Writer
    explained: bool

    def parts(self) -> Iterator[str]:
        """Read, predict and write slice by slice, so that a caller can stop in between.

        Raises UnreadableRowsError, WrongColumnCountError and PredictionError.
        """
        for rows in self.reader(self.body, self.model.columns):
            try:
                scores = self.model.score(rows)
                contributions = self.model.contributions(rows) if self.explained else None
            except xgboost.core.XGBoostError as error:
                reason = str(error).partition("\n")[0]
                raise PredictionError(f"Unable to evaluate payload provided: {reason}") from error
            yield self.writer.part(scores, contributions)


def prepare(model: Model, invocation: Invocation) -> Prediction:
    """Choose writer and reader. Raises NotAcceptableError and UnsupportedContentTypeError."""
    return Prediction(
        model=model,
        body=invocation.body,
        writer=accept.writer(invocation.accept),
        reader=content_type.reader(invocation.content_type),
        explained=EXPLAIN in re.split(r"\s*[,;]\s*", invocation.attributes.strip()),
    )
