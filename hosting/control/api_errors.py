"""The errors of the control APIs: one type for each thing a client can do about it, and one table.

Codes are those of the service models where these have one (botocore); ValidationException,
SerializationException and UnknownOperationException belong to AWS's JSON protocol.
"""

from collections.abc import Mapping


class ApiError(Exception):
    """What all errors of the control APIs have: a message for the client."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequestError(ApiError):
    """The request is at fault, or what it names does not exist or is not in that state."""


class ResourceInUseError(ApiError):
    """The name is taken, or another operation goes on; only for operations that have it."""


class ResourceLimitExceededError(ApiError):
    """It would be more than this machine is to carry: delete something, or raise the setting."""


class ObjectNotFoundError(ApiError):
    """Application Auto Scaling does not know the target or policy: register or put it first."""


class InvalidNextTokenError(ApiError):
    """The NextToken of Application Auto Scaling is none that it gave: ask for the first page."""


class UnknownOperationError(ApiError):
    """There is no such operation, or it is not emulated: the message says which of both."""


class SerializationError(ApiError):
    """The body is no JSON, or a member has another type than in the service model."""


class InternalFailureError(ApiError):
    """Hosting itself failed: its log has the reason under the request's id."""


class InternalServiceError(ApiError):
    """The same, as Application Auto Scaling calls it."""


ERRORS: Mapping[type[ApiError], tuple[int, str]] = {
    InvalidRequestError: (400, "ValidationException"),
    ResourceInUseError: (400, "ResourceInUse"),
    ResourceLimitExceededError: (400, "ResourceLimitExceeded"),
    ObjectNotFoundError: (400, "ObjectNotFoundException"),
    InvalidNextTokenError: (400, "InvalidNextTokenException"),
    UnknownOperationError: (400, "UnknownOperationException"),
    SerializationError: (400, "SerializationException"),
    InternalFailureError: (500, "InternalFailure"),
    InternalServiceError: (500, "InternalServiceException"),
}
"""Each error's HTTP status, and the code that SDKs make an exception of."""
