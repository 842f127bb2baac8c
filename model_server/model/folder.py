"""The folder of a model, /opt/ml/model: which files in it are the model, and loading them.

Every file at its top is a model, as in AWS's XGBoost image, whose names begin with neither `.` nor
`_`; sub-folders hold what is none: metadata, code, binaries.
"""

import asyncio
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_server.model import booster
from model_server.model.ensemble import Ensemble
from model_server.model.native.translated import native_or_not
from model_server.model.predictor import ModelError, Predictor

FILE_NAME = "xgboost-model"
"""What `train` writes, and what goes first where only one model is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How a folder is loaded."""

    ensemble: bool = True
    """Of several models take all, else the first (SAGEMAKER_INFERENCE_ENSEMBLE)."""
    native_code: bool = True
    """Translate trees to native code; without a compiler, boosters predict."""
    allow_pickle: bool = False
    """Load pickled boosters: they run code, so only ones that you made yourself."""
    allow_binaries: bool = False
    """Load native code that came with the model (`binary_path`), instead of making it."""


def binary_path(folder: Path, model: Path) -> Path:
    """Say where a folder may bring a model's native code for this kind of machine."""
    return folder / "native" / f"{model.name}-{platform.system()}-{platform.machine()}.so".lower()


async def load(folder: Path, loading: Loading = Loading()) -> Predictor:
    """Load the model or models of a folder, and warm them with real predictions.

    Raises ModelError. Cancelled, it leaves no process behind.
    """
    files = await asyncio.to_thread(_files, folder)
    if not loading.ensemble:
        files = files[:1]
    models = [await _load(folder, file, loading) for file in files]
    return models[0] if len(models) == 1 else Ensemble(models)


def _files(folder: Path) -> Sequence[Path]:
    try:
        files = [
            path
            for path in folder.iterdir()
            if path.is_file() and not path.name.startswith((".", "_"))
        ]
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {error.strerror}") from error
    if not files:
        raise ModelError(f"{folder} has no model: put {FILE_NAME} at its top")
    return sorted(files, key=lambda path: (path.name != FILE_NAME, path.name))


async def _load(folder: Path, file: Path, loading: Loading) -> Predictor:
    model = await booster.load(file, allow_pickle=loading.allow_pickle)
    if not loading.native_code:
        return model
    library = binary_path(folder, file) if loading.allow_binaries else None
    return await asyncio.to_thread(_native, model, library)


def _native(model: booster.Model, library: Path | None) -> Predictor:
    brought = library.read_bytes() if library and library.is_file() else None
    return native_or_not(model, brought)
