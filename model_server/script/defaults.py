"""What stands in for the functions that a customer did not write.

The shapes are those of AWS's images: a DMatrix for a Booster, a JSON list or lines of CSV out
(aws/sagemaker-xgboost-container serving.py, aws/sagemaker-inference-toolkit encoder.py). Beyond
them every format that this image reads is read, and `model_fn` may be left out: then the model is
loaded as without a script, takes rows of float32 and gives its scores.
"""

import io
import json
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xgboost

from model_server.model.booster import counting_rounds
from model_server.model.predictor import Predictor
from model_server.rows.from_csv import column_count
from model_server.script.errors import ScriptError
from model_server.serving import content_type
from model_server.serving.errors import NotAcceptableError, UnsupportedContentTypeError

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
TEXTS = (JSON, CSV)
"""Bodies of exactly these types reach the functions as str, all others as bytes."""
Rows = npt.NDArray[np.float32]


class Own:
    """A model of ours, where there is no model_fn."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def read(self, body: bytes, kind: str) -> Rows:
        """Give the rows. Raises the errors of `serving.errors`."""
        model = self._predictor
        return _stacked(content_type.reader(kind)(body, model.columns, model.names), model.columns)

    def predict(self, rows: object) -> Rows:
        """Give the scores of an array of float32 with the model's columns. Raises ScriptError."""
        columns = self._predictor.columns
        numbers = np.ascontiguousarray(rows, np.float32)
        if numbers.ndim != 2 or numbers.shape[1] != columns:  # noqa: PLR2004 - rows and columns
            raise ScriptError(
                f"the default predict_fn takes rows of {columns} columns, found {numbers.shape}"
            )
        return self._predictor.score(numbers)


class Theirs:
    """What a model_fn gave; the defaults know what to do with an XGBoost Booster."""

    def __init__(self, model: object) -> None:
        self._model = model

    def read(self, body: bytes, kind: str) -> xgboost.DMatrix:
        """Give a DMatrix. Raises the errors of `serving.errors`."""
        reader = content_type.reader(kind)
        if isinstance(self._model, xgboost.Booster):
            columns = self._model.num_features()
        elif kind.partition(";")[0].strip().lower() == CSV:
            columns = column_count(body)
        else:
            raise UnsupportedContentTypeError(
                f"Content-Type {kind!r}: write an input_fn for this model, the default reads {CSV}"
            )
        return xgboost.DMatrix(_stacked(reader(body, columns, ()), columns), nthread=1)

    def predict(self, data: object) -> Rows:
        """Give the scores. Raises ScriptError for a model that is no Booster."""
        if not isinstance(self._model, xgboost.Booster):
            raise ScriptError(
                f"model_fn gave a {type(self._model).__name__}: write a predict_fn for it, "
                "the default is for xgboost.Booster"
            )
        if not isinstance(data, xgboost.DMatrix):
            raise ScriptError(
                f"input_fn gave a {type(data).__name__}: the default predict_fn takes a DMatrix"
            )
        scores: Rows = self._model.predict(
            data, iteration_range=(0, counting_rounds(self._model)), validate_features=False
        )
        return scores


def _stacked(parts: Iterable[Rows], columns: int) -> Rows:
    return np.concatenate([np.empty((0, columns), np.float32), *parts])


def write(prediction: object, accept: str) -> tuple[bytes, str]:
    """Give the body and its type: the first of an Accept header that can be written.

    Raises NotAcceptableError.
    """
    for part in accept.split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in _WRITERS:
            return _WRITERS[kind](prediction), kind
    raise NotAcceptableError(
        f"Accept {accept!r}: the default output_fn writes {', '.join(_WRITERS)}"
    )


def _json(prediction: object) -> bytes:
    return json.dumps(np.asarray(prediction).tolist()).encode()


def _csv(prediction: object) -> bytes:
    file = io.StringIO()
    np.savetxt(file, np.asarray(prediction), delimiter=",", fmt="%s")
    return file.getvalue().encode()


def _npy(prediction: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(prediction), allow_pickle=False)
    return file.getvalue()


_WRITERS = {JSON: _json, CSV: _csv, NPY: _npy}
