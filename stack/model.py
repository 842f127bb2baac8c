"""Trains the model when what it is made from has changed."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from seed import dataset, training
from stack.settings import BUILD, ROOT

FOLDER = BUILD / "model"
"""Stands for /opt/ml."""
_STAMP = FOLDER / "made_from.sha256"
_MADE_FROM = (
    "model_server/**/*.py",
    "requirements/model_server.txt",
    "riskstack/contract/*.py",
    "seed/data/*.csv",
    "seed/dataset.py",
    "seed/training.py",
)


def is_current() -> bool:
    """Tell whether there is a model, made from what is here now."""
    artifact = FOLDER / "model" / "xgboost-model"
    return artifact.exists() and _STAMP.exists() and _STAMP.read_text() == _digest()


def train(run: Callable[[], None]) -> None:
    """Lay out the input as SageMaker does, run the training job, and note what it was made from."""
    for part in ("input", "model", "output"):
        shutil.rmtree(FOLDER / part, ignore_errors=True)
        (FOLDER / part).mkdir(parents=True)
    training.write_input(FOLDER / "input", dataset.rows())
    run()
    # the container's root has no more rights here than anybody else
    for path in (FOLDER / "model", *(FOLDER / "model").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    _STAMP.write_text(_digest())


def _digest() -> str:
    digest = hashlib.sha256()
    for pattern in _MADE_FROM:
        for file in sorted(Path(ROOT).glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()
