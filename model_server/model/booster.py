"""One booster that is ready to predict: loading, scores, contributions per feature.

XGBoost's own formats are loaded. A pickle is refused unless it is allowed: it runs code.
"""

import asyncio
import contextlib
import json
import logging
import math
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import xgboost

from model_server.model import trial
from model_server.model.predictor import Floats, ModelError, row_of

TRIAL_SECONDS = 120
_PICKLE = b"\x80"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Model:
    """A booster, and what a request must know about it. Predictions may run in several threads."""

    booster: xgboost.Booster
    columns: int
    names: tuple[str, ...]
    objective: str
    classes: int
    rounds: int
    """How many rounds of trees count: up to the best one, where training stopped early."""
    version: str
    """The first 12 hexadecimal digits of the file's SHA-256."""
    linear: bool = False
    """It has no trees, but a weight for each feature (gblinear)."""

    def score(self, rows: Floats) -> Floats:
        """Predict; see `Predictor`."""
        if self.linear:
            return self._predict(rows, contributions=False)  # the faster way is for trees alone
        scores: Floats = self.booster.inplace_predict(
            rows, iteration_range=(0, self.rounds), validate_features=False
        )
        return scores

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row; see `Predictor`."""
        return float(self.score(row_of(values))[0])

    def score_csv(self, _text: bytes) -> float:
        """Leave it to `score_row`; see `Predictor`."""
        return math.nan

    score_json = score_csv

    def contributions(self, rows: Floats) -> Floats:
        """Explain; see `Predictor`. Raises XGBoostError for trees of several targets."""
        return self._predict(rows, contributions=True)

    def _predict(self, rows: Floats, *, contributions: bool) -> Floats:
        predicted: Floats = self.booster.predict(
            xgboost.DMatrix(rows, nthread=1),
            pred_contribs=contributions,
            iteration_range=(0, self.rounds),
            validate_features=False,
        )
        return predicted


async def load(path: Path, *, allow_pickle: bool = False) -> Model:
    """Load a file that `Booster.save_model` wrote, warm the booster with a real prediction.

    Raises ModelError, and MemoryError where there is too little. Cancelled, it leaves no process
    behind.
    """
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(_PICKLE) and not allow_pickle:
        raise ModelError(f"{path} is a pickle, which could run code: use Booster.save_model")
    try:
        tried = await _try(content)
    except ModelError as error:
        raise ModelError(f"{path} cannot be served: {error}") from error
    return await asyncio.to_thread(_warm, tried, sha256(content).hexdigest()[:12])


async def _try(content: bytes) -> bytes:
    """Give the model in XGBoost's own format. Raises ModelError and MemoryError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        trial.__file__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            stdout, stderr = await process.communicate(content)
    except TimeoutError as error:
        raise ModelError(f"it gave no score in {TRIAL_SECONDS} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    code = await process.wait()
    if code == -signal.SIGKILL:  # what Linux sends where memory runs out
        raise MemoryError("the process that tried the model was killed")
    if code < 0:
        raise ModelError(f"XGBoost ended with {signal.Signals(-code).name} when it loaded the file")
    if code:
        # also "std::bad_alloc": a damaged file asks for sizes that no machine has
        raise ModelError(stderr.decode(errors="replace").strip())
    return stdout


def _warm(content: bytes, version: str) -> Model:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(content))
    learner = json.loads(booster.save_config())["learner"]
    model = Model(
        booster=booster,
        columns=booster.num_features(),
        names=tuple(booster.feature_names or ()),
        objective=learner["objective"]["name"],
        classes=int(learner["learner_model_param"]["num_class"]),
        rounds=counting_rounds(booster),
        version=version,
        linear=learner["gradient_booster"]["name"] == "gblinear",
    )
    if model.rounds < booster.num_boosted_rounds():
        logger.warning(
            "only the rounds up to the best one count: %d of %d",
            model.rounds,
            booster.num_boosted_rounds(),
            extra={"model_version": version},
        )
    # the first prediction of each kind also sets the booster up, which is not safe in two threads
    row = np.zeros((1, model.columns), dtype=np.float32)
    model.score(row)
    with contextlib.suppress(xgboost.core.XGBoostError):  # then there are none, as the trial saw
        model.contributions(row)
    return model


def counting_rounds(booster: xgboost.Booster) -> int:
    """Give the number of rounds up to the best one, where training stopped early, else of all."""
    best = booster.attr("best_iteration")
    return booster.num_boosted_rounds() if best is None else int(best) + 1
