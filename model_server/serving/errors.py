"""What can go wrong with a request, and the status that each gives.

The statuses are those of AWS's XGBoost image, where it has one for the case.
"""

from collections.abc import Mapping
from http import HTTPStatus

from model_server.rows.errors import (
    UnreadableRowsError,
    WrongColumnCountError,
    WrongNamesError,
)


class UnsupportedContentTypeError(ValueError):
    """The body is in a format that is not read: send one that the message names."""


class NotAcceptableError(ValueError):
    """None of the accepted formats is written: accept one that the message names."""


class UnsupportedObjectiveError(ValueError):
    """SAGEMAKER_INFERENCE_OUTPUT means nothing for this model: unset it, or serve another model."""


class TooLargeError(ValueError):
    """The body is over SageMaker's limit: send fewer rows at once, or use batch transform."""


class TooSlowError(ValueError):
    """The rows take longer than SageMaker waits for an answer: send fewer at once."""


class ModelNotReadyError(RuntimeError):
    """The model is still loading: ask again once /ping answers 200."""


class ModelUnusableError(RuntimeError):
    """No model could be loaded: the log says why. Start the container with another model."""


class PredictionError(ValueError):
    """XGBoost refused the rows: send what the model was trained on."""


STATUS: Mapping[type[Exception], HTTPStatus] = {
    WrongColumnCountError: HTTPStatus.BAD_REQUEST,
    WrongNamesError: HTTPStatus.BAD_REQUEST,
    PredictionError: HTTPStatus.BAD_REQUEST,
    TooSlowError: HTTPStatus.BAD_REQUEST,
    NotAcceptableError: HTTPStatus.NOT_ACCEPTABLE,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnreadableRowsError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnsupportedContentTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ModelUnusableError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnsupportedObjectiveError: HTTPStatus.NOT_IMPLEMENTED,
    ModelNotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
}
