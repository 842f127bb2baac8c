"""The errors of the runtime API: one type for each thing a client can do about it, and one table.

Types, statuses and members are those of the service model (botocore, sagemaker-runtime).
"""

from collections.abc import Mapping


def is_client_error(status: int) -> bool:
    """Tell whether an HTTP status finds fault with the request."""
    return 400 <= status < 500  # noqa: PLR2004 - where HTTP's client errors begin and end


class ServiceError(Exception):
    """What all errors of the API have: a message, and the members of the answer's body."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def members(self) -> dict[str, object]:
        """Give the body of the answer."""
        return {"Message": self.message}


class ValidationError(ServiceError):
    """The request is at fault: change it, for a retry gives the same.

    `error_code` is a member beside the model's that AWS sends with some texts. `at_fault` names
    the members of the request that are wrong, for the log: the message may quote their values.
    """

    def __init__(
        self, message: str, error_code: str | None = None, at_fault: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.at_fault = at_fault

    def members(self) -> dict[str, object]:
        """Give the body of the answer."""
        code: dict[str, object] = {"ErrorCode": self.error_code} if self.error_code else {}
        return code | super().members()


class ModelError(ServiceError):
    """The container is at fault: read what it said, and its log.

    `original_status` is 0 where it gave no answer.
    """

    def __init__(
        self, message: str, *, original_status: int, original_message: str, log_stream_arn: str
    ) -> None:
        super().__init__(message)
        self.original_status = original_status
        self.original_message = original_message
        self.log_stream_arn = log_stream_arn

    def members(self) -> dict[str, object]:
        """Give the body of the answer: AWS's members, in AWS's order.

        The order and ErrorCode are from a recorded answer (opensearch-project/skills,
        PPLToolTests).
        """
        fault = "CLIENT_ERROR" if is_client_error(self.original_status) else "INTERNAL_FAILURE"
        return {
            "ErrorCode": f"{fault}_FROM_MODEL",
            "LogStreamArn": self.log_stream_arn,
            "Message": self.message,
            "OriginalMessage": self.original_message,
            "OriginalStatusCode": self.original_status,
        }


class ServiceUnavailableError(ServiceError):
    """The endpoint is not in service: try again, as SDKs do on their own."""


class ModelNotReadyError(ServiceError):
    """A multi-model endpoint is still loading the model: try again, as SDKs do on their own."""


class InternalDependencyError(ServiceError):
    """What hosting itself needs failed, such as the container engine: its log tells more."""


class InternalFailureError(ServiceError):
    """Hosting itself failed: its log has the reason under the request's id."""


ERRORS: Mapping[type[ServiceError], tuple[int, str]] = {
    ValidationError: (400, "ValidationError"),
    ModelError: (424, "ModelError"),
    ModelNotReadyError: (429, "ModelNotReadyException"),
    InternalFailureError: (500, "InternalFailure"),
    ServiceUnavailableError: (503, "ServiceUnavailable"),
    InternalDependencyError: (530, "InternalDependencyException"),
}
"""Each error's HTTP status, and the code that SDKs make an exception of."""
