"""Loading whatever a model's folder holds: a model of ours, or a customer's functions."""

import asyncio
import functools
import logging
import time
from pathlib import Path

from model_server.model import folder
from model_server.model.folder import Loading
from model_server.model.predictor import ModelError
from model_server.script import module
from model_server.script.start import start
from model_server.serving.formats import Formats, FormatsError
from model_server.serving.metrics import Metrics
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Servable
from model_server.serving.slices import Slices
from model_server.settings import Settings

logger = logging.getLogger(__name__)


class Loader:
    """Loads models for one server, with its settings."""

    def __init__(self, settings: Settings, metrics: Metrics, slices: Slices) -> None:
        self._settings = settings
        self._metrics = metrics
        self._slices = slices
        self._loading = Loading(
            ensemble=settings.ensemble,
            native_code=settings.native_code,
            allow_pickle=settings.allow_pickle,
            allow_binaries=settings.allow_binaries,
        )

    async def load(self, path: Path) -> Servable:
        """Load a model's folder; count and log it. Raises ModelError and MemoryError."""
        begun = time.perf_counter()
        try:
            loaded = await self._load(path)
        except (ModelError, MemoryError):
            self._metrics.not_loaded()
            raise
        seconds = time.perf_counter() - begun
        self._metrics.loaded(seconds)
        logger.info(
            "model loaded", extra={"model_version": loaded.version, "seconds": round(seconds, 3)}
        )
        return loaded

    async def _load(self, path: Path) -> Servable:
        settings = self._settings
        own = functools.partial(folder.load, path, self._loading)
        script = await asyncio.to_thread(
            module.locate, path, settings.program, settings.submit_directory
        )
        if script is not None:
            if settings.multi_model and settings.submit_directory is None:
                # their modules would take one another's names (XGB has one for all models, too)
                raise ModelError(
                    f"{script} is not run beside other models: set SAGEMAKER_PROGRAM and "
                    "SAGEMAKER_SUBMIT_DIRECTORY to one program for all"
                )
            return await start(script, path, own, settings)
        try:
            formats = Formats(settings.default_accept, settings.selected_outputs, settings.batch)
        except FormatsError as error:
            raise ModelError(str(error)) from error
        return Scoring(await own(), formats, self._metrics, self._slices)
