"""A model that is ready to predict: loading, scores, contributions per feature.

Only `xgboost-model` in XGBoost's own format is loaded. A pickle is refused: it runs code.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xgboost

from model_server import trial

FILE_NAME = "xgboost-model"
TRIAL_SECONDS = 120
_PICKLE = b"\x80"

Floats = npt.NDArray[np.float32]


class ModelError(ValueError):
    """The model cannot be served: put a model that `Booster.save_model` wrote into the folder."""


@dataclass(frozen=True, slots=True)
class Model:
    """A booster, and what a request must know about it. Predictions may run in several threads."""

    booster: xgboost.Booster
    columns: int
    rounds: int
    """How many rounds of trees count: up to the best one, where training stopped early."""
    version: str
    """The first 12 hexadecimal digits of the file's SHA-256."""

    def score(self, rows: Floats) -> Floats:
        """Predict: shape (n, columns) to shape (n,), probabilities for a logistic objective."""
        scores: Floats = self.booster.inplace_predict(
            rows, iteration_range=(0, self.rounds), validate_features=False
        )
        return scores

    def contributions(self, rows: Floats) -> Floats:
        """Explain: shape (n, columns) to (n, columns + 1), in log-odds, the bias last.

        A row of the answer adds up to the log-odds of the score.
        """
        contributions: Floats = self.booster.predict(
            xgboost.DMatrix(rows, nthread=1),
            pred_contribs=True,
            iteration_range=(0, self.rounds),
            validate_features=False,
        )
        return contributions


async def load(folder: Path) -> Model:
    """Load the model at the top of a folder, warm it with a real prediction.

    Raises ModelError. Cancelled, it leaves no process behind.
    """
    path = folder / FILE_NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(_PICKLE):
        raise ModelError(f"{path} is a pickle, which could run code: use Booster.save_model")
    try:
        await _try(content)
    except ModelError as error:
        raise ModelError(f"{path} cannot be served: {error}") from error
    return await asyncio.to_thread(_warm, content)


async def _try(content: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        trial.__file__,
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            _, stderr = await process.communicate(content)
    except TimeoutError as error:
        raise ModelError(f"it gave no score in {TRIAL_SECONDS} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    code = await process.wait()
    if code < 0:
        raise ModelError(f"XGBoost ended with {signal.Signals(-code).name} when it loaded the file")
    if code:
        raise ModelError(stderr.decode(errors="replace").strip())


def _warm(content: bytes) -> Model:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(content))
    model = Model(
        booster=booster,
        columns=booster.num_features(),
        rounds=_rounds(booster),
        version=sha256(content).hexdigest()[:12],
    )
    # the first prediction of each kind also sets the booster up, which is not safe in two threads
    row = np.zeros((1, model.columns), dtype=np.float32)
    model.score(row)
    model.contributions(row)
    return model


def _rounds(booster: xgboost.Booster) -> int:
    best = booster.attr("best_iteration")
    return booster.num_boosted_rounds() if best is None else int(best) + 1
