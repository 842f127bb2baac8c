"""Whether a model is there to predict: loading, loaded and warm, or not to be had."""

import logging
from collections.abc import Awaitable, Callable

from model_server.model.predictor import ModelError
from model_server.serving.errors import ModelNotReadyError, ModelUnusableError
from model_server.serving.servable import Servable

logger = logging.getLogger(__name__)


class Readiness:
    """The one model of a container; `load` runs once, in the background, while requests come in."""

    def __init__(self, loaded: Callable[[], Awaitable[Servable]]) -> None:
        """Take what loads the model. It raises ModelError."""
        self._loaded = loaded
        self._model: Servable | None = None
        self._failed = False

    def model(self) -> Servable:
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
            self._model = await self._loaded()
        except ModelError as error:
            self._failed = True
            logger.error("no model: %s", error)
        except Exception:
            self._failed = True
            logger.exception("no model: an unforeseen error")

    def close(self) -> None:
        """Let go of the model."""
        if self._model is not None:
            self._model.close()
