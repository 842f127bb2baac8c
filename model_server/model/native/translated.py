"""A booster whose scores come from native code; its contributions still come from itself."""

import ctypes
import logging
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model_server.model.booster import Model
from model_server.model.native import proof
from model_server.model.native.compiler import CompilationError, Library, compile_library
from model_server.model.native.proof import NotEqualError
from model_server.model.native.source import NotTranslatableError, Source, translate
from model_server.model.predictor import Floats, Predictor

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NativeCode:
    """The functions that a library exports, and the shape of what they take and give."""

    library: Library
    rows: Callable[[int, int, int], None]
    row: Callable[[bytes], float]
    """Without a moment for other threads: shorter than to ask for Python's lock again."""
    csv: Callable[[bytes, int], float]
    json: Callable[[bytes, int], float]
    """The same for texts."""
    pack: Callable[..., bytes]
    values: int

    def score(self, rows: Floats) -> Floats:
        """Predict: shape (n, columns) to (n,), or to (n, values) where a row gets several."""
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        scores = np.empty((len(rows), self.values), dtype=np.float32)
        self.rows(rows.ctypes.data, len(rows), scores.ctypes.data)
        return scores if self.values > 1 else scores.reshape(-1)

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row that gets one score. Raises OverflowError."""
        return self.row(self.pack(*values))


def native_or_not(model: Model, library: bytes | None = None) -> Predictor:
    """Give the model with native code where that can be had and is proven equal, else as it is.

    `library` is a library that came with the model, instead of one that is compiled now.
    """
    try:
        source = translate(model.booster, model.rounds)
        code = _load(library or compile_library(source.text), source)
        rows = 0
        difference = 0.0
        for part in proof.rows_to_prove(source.columns, source.thresholds):
            difference = max(difference, proof.prove(code.score, model.score, part))
            rows += len(part)
    except (NotTranslatableError, CompilationError, NotEqualError) as error:
        logger.warning("no native code: %s", error, extra={"model_version": model.version})
        return model
    except Exception as error:  # noqa: BLE001 - whatever it is, the booster predicts
        logger.warning(
            "no native code: %s: %s",
            type(error).__name__,
            error,
            extra={"model_version": model.version},
        )
        return model
    logger.info(
        "native code proven equal",
        extra={"model_version": model.version, "rows": rows, "largest_difference": difference},
    )
    return NativeModel(model, code)


@dataclass(frozen=True, slots=True)
class NativeModel:
    """A model whose scores are computed by native code; see `Predictor`."""

    model: Model
    code: NativeCode

    @property
    def columns(self) -> int:
        """Give the number of features."""
        return self.model.columns

    @property
    def names(self) -> tuple[str, ...]:
        """Give the features' names."""
        return self.model.names

    @property
    def objective(self) -> str:
        """Give XGBoost's name of the objective."""
        return self.model.objective

    @property
    def classes(self) -> int:
        """Give num_class of a multi-class objective, else 0."""
        return self.model.classes

    @property
    def version(self) -> str:
        """Give the digest of the booster's file."""
        return self.model.version

    def score(self, rows: Floats) -> Floats:
        """Predict; see `Predictor`."""
        return self.code.score(rows)

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row; see `Predictor`."""
        return self.code.score_row(values)

    def score_csv(self, text: bytes) -> float:
        """Predict for one line of csv; see `Predictor`."""
        return self.code.csv(text, len(text))

    def score_json(self, text: bytes) -> float:
        """Predict for a document of one row; see `Predictor`."""
        return self.code.json(text, len(text))

    def contributions(self, rows: Floats) -> Floats:
        """Explain; see `Predictor`."""
        return self.model.contributions(rows)


def _load(content: bytes, source: Source) -> NativeCode:
    """Raise CompilationError where the library cannot be loaded or exports no such functions."""
    library = Library(content)
    rows = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    row = ctypes.PYFUNCTYPE(ctypes.c_float, ctypes.c_char_p)
    text = ctypes.PYFUNCTYPE(ctypes.c_float, ctypes.c_char_p, ctypes.c_size_t)
    return NativeCode(
        library=library,
        rows=rows(library.address("score_rows")),
        row=row(library.address("score_row")),
        csv=text(library.address("score_csv")),
        json=text(library.address("score_json")),
        pack=struct.Struct(f"={source.columns}f").pack,
        values=source.values,
    )
