"""One booster that is ready to predict: loading, scores, contributions per feature.

XGBoost's own formats are loaded. A pickle is refused unless it is allowed: it runs code.
"""

import asyncio
import json
import signal
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import xgboost

from model_server.model import trial
from model_server.model.predictor import Floats, ModelError

TRIAL_SECONDS = 120
_PICKLE = b"\x80"


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

    def score(self, rows: Floats) -> Floats:
        """Predict; see `Predictor`."""
        scores: Floats = self.booster.inplace_predict(
            rows, iteration_range=(0, self.rounds), validate_features=False
        )
        return scores

    def score_row(self, values: Sequence[float]) -> float:
        """Predict for one row; see `Predictor`."""
        row = np.frombuffer(struct.pack(f"={len(values)}f", *values), np.float32)
        return float(self.score(row.reshape(1, -1))[0])

    def contributions(self, rows: Floats) -> Floats:
        """Explain; see `Predictor`."""
        contributions: Floats = self.booster.predict(
            xgboost.DMatrix(rows, nthread=1),
            pred_contribs=True,
            iteration_range=(0, self.rounds),
            validate_features=False,
        )
        return contributions


async def load(path: Path, *, allow_pickle: bool = False) -> Model:
    """Load a file that `Booster.save_model` wrote, warm the booster with a real prediction.

    Raises ModelError. Cancelled, it leaves no process behind.
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
    """Give the model in XGBoost's own format. Raises ModelError."""
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
    if code < 0:
        raise ModelError(f"XGBoost ended with {signal.Signals(-code).name} when it loaded the file")
    if code:
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
        rounds=_rounds(booster),
        version=version,
    )
    # the first prediction of each kind also sets the booster up, which is not safe in two threads
    row = np.zeros((1, model.columns), dtype=np.float32)
    model.score(row)
    model.contributions(row)
    return model


def _rounds(booster: xgboost.Booster) -> int:
    best = booster.attr("best_iteration")
    return booster.num_boosted_rounds() if best is None else int(best) + 1
