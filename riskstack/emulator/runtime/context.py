"""The context object that a handler receives.

Its members: aws/aws-lambda-python-runtime-interface-client, `lambda_context.py`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

_CLIENT = (
    "installation_id",
    "app_title",
    "app_version_name",
    "app_version_code",
    "app_package_name",
)


def _nobody() -> SimpleNamespace:
    return SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)


@dataclass(slots=True)
class Context:
    """One invocation, as its handler sees it."""

    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    """In MB; text, as on AWS."""
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline_ms: int
    """Milliseconds of the epoch."""
    client_context: SimpleNamespace | None = None
    identity: SimpleNamespace = field(default_factory=_nobody)
    tenant_id: str | None = None

    def get_remaining_time_in_millis(self) -> int:
        """Give the milliseconds until the function's timeout, at least 0."""
        return max(0, self.deadline_ms - int(time.time() * 1000))

    def log(self, message: object) -> None:
        """Write to the log as it is, without a line end."""
        print(message, end="", flush=True)  # noqa: T201 - this is the log


def make(environ: Mapping[str, str], head: Mapping[str, Any]) -> Context:
    """Make the context of an invocation from its environment and the head of its message."""
    return Context(
        function_name=environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=environ["AWS_LAMBDA_FUNCTION_VERSION"],
        memory_limit_in_mb=environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        aws_request_id=head["request_id"],
        invoked_function_arn=head["arn"],
        deadline_ms=head["deadline_ms"],
        client_context=client_context(head.get("client_context")),
    )


def client_context(given: Mapping[str, Any] | None) -> SimpleNamespace | None:
    """Give a client context with its members as attributes, `None` for what is missing."""
    if given is None:
        return None
    client = given.get("client")
    return SimpleNamespace(
        custom=given.get("custom"),
        env=given.get("env"),
        client=client and SimpleNamespace(**{name: client.get(name) for name in _CLIENT}),
    )
