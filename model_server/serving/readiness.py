"""Whether a model is there to predict: loading, loaded and warm, or not to be had."""

import logging
from pathlib import Path

from model_server import model
from model_server.model import Model, ModelError
from model_server.serving.errors import ModelNotReadyError, ModelUnusableError

logger = logging.getLogger(__name__)


class Readiness:
    """The model of one folder; `load` runs once, in the background, while requests come in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Model | None = None
        self._failed = False

    @property
    def ready(self) -> bool:
        """Whether a model is loaded and has predicted."""
        return self._model is not None

    def model(self) -> Model:
        """Give the model. Raises ModelNotReadyError and ModelUnusableError."""
        if self._model is not None:
            return self._model
        if self._failed:
            raise ModelUnusableError("no model could be loaded: see the log of the container")
        raise ModelNotReadyError("the model is loading")

    async def load(self) -> None:
        """Load the model; a failure is logged, and nothing else happens.

        SageMaker asks /ping until its time is up, and shows the log.
        """
        try:
            loaded = await model.load(self._folder)
        except ModelError as error:
            self._failed = True
            logger.error("no model: %s", error)
        except Exception:
            self._failed = True
            logger.exception("no model: an unforeseen error")
        else:
            self._model = loaded
            logger.info(
                "model loaded",
                extra={
                    "model_version": loaded.version,
                    "columns": loaded.columns,
                    "rounds": loaded.rounds,
                },
            )
