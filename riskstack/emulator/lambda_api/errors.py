"""What Lambda answers to a call that it refuses: status, type and body.

The bodies are those that AWS was recorded with (localstack/localstack test_lambda.snapshot.json and
test_lambda_api.snapshot.json); their members: botocore's service model lambda/2015-03-31.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

LARGEST_REQUEST = 6_291_456
"""Bytes of a synchronous invocation's payload (Lambda quotas: 6 MB)."""
LARGEST_EVENT = 1_048_576
"""Bytes of an asynchronous one's (Lambda quotas: 1 MB, 256 KB until October 2025)."""


class ApiError(Exception):
    """A call that is refused."""

    def __init__(self, kind: str, status: HTTPStatus, body: Mapping[str, object]) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.body = body


def function_not_found(arn: str) -> ApiError:
    """Tell that there is no such function, version or alias."""
    return not_found(f"Function not found: {arn}")


def not_found(message: str) -> ApiError:
    """Tell that something is not there."""
    body = {"Type": "User", "Message": message}
    return ApiError("ResourceNotFoundException", HTTPStatus.NOT_FOUND, body)


def invalid_parameter(message: str) -> ApiError:
    """Tell that a parameter has a value that is refused."""
    body = {"Type": "User", "message": message}
    return ApiError("InvalidParameterValueException", HTTPStatus.BAD_REQUEST, body)


def validation(errors: Sequence[str]) -> ApiError:
    """Tell which parameters are malformed."""
    noun = "error" if len(errors) == 1 else "errors"
    message = f"{len(errors)} validation {noun} detected: {'; '.join(errors)}"
    return ApiError("ValidationException", HTTPStatus.BAD_REQUEST, {"message": message})


def invalid_content(reason: str) -> ApiError:
    """Tell that a payload is not JSON."""
    text = f"Could not parse request body into json: Could not parse payload into json: {reason}"
    body = {"Type": "User", "message": text}
    return ApiError("InvalidRequestContentException", HTTPStatus.BAD_REQUEST, body)


def invalid_client_context(message: str) -> ApiError:
    """Tell that the client context cannot be read."""
    body = {"Type": None, "message": message}
    return ApiError("InvalidRequestContentException", HTTPStatus.BAD_REQUEST, body)


def request_too_large() -> ApiError:
    """Tell that a payload is beyond LARGEST_REQUEST."""
    text = f"Request must be smaller than {LARGEST_REQUEST} bytes for the InvokeFunction operation"
    return _too_large(text)


def event_too_large(size: int) -> ApiError:
    """Tell that the payload of an asynchronous invocation is beyond LARGEST_EVENT."""
    return _too_large(
        f"{size} byte payload is too large for the Event invocation type "
        f"(limit {LARGEST_EVENT} bytes)"
    )


def _too_large(message: str) -> ApiError:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    # not the RequestTooLargeException of the service model: AWS answers with this one
    return ApiError("RequestEntityTooLargeException", status, {"Message": message})


def throttled() -> ApiError:
    """Tell that the function's reserved concurrency is used up."""
    body = {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }
    return ApiError("TooManyRequestsException", HTTPStatus.TOO_MANY_REQUESTS, body)


def not_emulated(operation: str) -> ApiError:
    """Tell that the local stack does not do what AWS would."""
    text = f"{operation} is not emulated: functions are declared in deploy/app.yaml"
    body = {"Type": "User", "message": text}
    return ApiError("NotImplementedException", HTTPStatus.NOT_IMPLEMENTED, body)


def service_error(message: str) -> ApiError:
    """Tell that Lambda itself, here this machine, cannot do it; the text is ours."""
    body = {"Type": "Service", "Message": message}
    return ApiError("ServiceException", HTTPStatus.INTERNAL_SERVER_ERROR, body)
