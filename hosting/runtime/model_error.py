"""What a container's failure becomes: a ModelError in AWS's texts.

Sources: aws/sagemaker-xgboost-container #390 (an answered error),
awslabs/realtime-fraud-detection-with-gnn-on-dgl #1331 (a body that did not arrive whole),
aws/amazon-sagemaker-examples #799 (the time-out) and #3089 (no answer at all).
"""

from dataclasses import dataclass

from hosting.runtime.errors import ModelError, is_client_error

MESSAGE_LIMIT = 2048
"""The most characters of Message and OriginalMessage (shape Message, botocore)."""

NO_STATUS = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose container failed: what AWS's texts name."""

    account_id: str
    region: str
    endpoint: str
    container: str

    @property
    def log_group(self) -> str:
        """Give the log group of the endpoint (AWS developer guide, logging for CloudWatch)."""
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    @property
    def log_stream_arn(self) -> str:
        """Give LogStreamArn as AWS sends it, which ends with the group."""
        return f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{self.log_group}"


def answered(origin: Origin, status: int, body: bytes) -> ModelError:
    """Tell of an answer that is not a success, quoted whole where it fits."""
    return _model_error(origin, status, body.decode("utf-8", "replace"))


def broken_off(origin: Origin, status: int) -> ModelError:
    """Tell of an answer whose body did not arrive whole; `status` is the one it began with."""
    failed = status if status >= 400 else NO_STATUS  # noqa: PLR2004 - HTTP's first error
    return _model_error(origin, failed, None)


def timed_out(origin: Origin) -> ModelError:
    """Tell of a container that took too long."""
    return _model_error(
        origin,
        NO_STATUS,
        f"Your invocation timed out while waiting for a response from container {origin.container}."
        " Review the latency metrics for each container in Amazon CloudWatch, resolve the issue,"
        " and try again.",
    )


def unreachable(origin: Origin) -> ModelError:
    """Tell of a container that gave no answer: it is down, or it dropped the connection."""
    return _model_error(
        origin,
        NO_STATUS,
        f"Amazon SageMaker could not get a response from the {origin.endpoint} endpoint. This can"
        " occur when CPU or memory utilization is high. To check your utilization, see Amazon"
        " CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory.",
    )


def _model_error(origin: Origin, status: int, original: str | None) -> ModelError:
    kind = "client" if is_client_error(status) else "server"
    head = f"Received {kind} error ({status}) from {origin.container}"
    tail = (
        f" See https://{origin.region}.console.aws.amazon.com/cloudwatch/home"
        f"?region={origin.region}#logEventViewer:group={origin.log_group}"
        f" in account {origin.account_id} for more information."
    )
    message = f'{head} with message "{original}".{tail}'
    if original is None or len(message) > MESSAGE_LIMIT:
        message = f"{head} and could not load the entire response body.{tail}"
    return ModelError(
        message,
        original_status=status,
        original_message=(original or "")[:MESSAGE_LIMIT],
        log_stream_arn=origin.log_stream_arn,
    )
