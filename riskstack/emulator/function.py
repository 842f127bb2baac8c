"""One Lambda function and one invocation of it. Not: the HTTP service around it (lambda_service).

Facts: AWS Lambda developer guide, "Lambda function handler in Python", "The context object" and
"Errors in Python".
"""

import json
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from riskstack.emulator.template import Template, TemplateError

_EMULATED_PROPERTIES = {
    "FunctionName",
    "Handler",
    "Timeout",
    "Environment",
    "Events",
    # what has no meaning on this machine: where code lies and what it may do
    "Architectures",
    "CodeUri",
    "MemorySize",
    "Policies",
    "Runtime",
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its template declares it."""

    name: str
    arn: str
    handler: Callable[[Any, Any], Any]
    timeout: float
    """Seconds."""
    memory: int
    """MB."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one invocation gave: a JSON payload and, where it failed, the kind of error."""

    payload: bytes
    error: str | None = None
    """`Unhandled`, as the header X-Amz-Function-Error says it."""


@dataclass(slots=True)
class Context:
    """The context object that a handler receives."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    """On the clock of `time.monotonic`."""
    client_context: Any = None
    function_version: str = "$LATEST"
    identity: Any = None
    log_group_name: str = ""
    log_stream_name: str = "local"
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def __post_init__(self) -> None:
        self.log_group_name = self.log_group_name or f"/aws/lambda/{self.function_name}"
        self.identity = self.identity or SimpleNamespace(
            cognito_identity_id=None, cognito_identity_pool_id=None
        )

    def get_remaining_time_in_millis(self) -> int:
        """Give the milliseconds until the function's timeout, at least 0."""
        return max(0, int((self.deadline - self.clock()) * 1000))


def declaration(template: Template, name: str) -> Mapping[str, Any]:
    """Give the properties of a function, unresolved.

    Raises:
        TemplateError: no such function, or it has a property that is not emulated.
    """
    for resource in template.resources("AWS::Serverless::Function"):
        if resource.properties.get("FunctionName") == name:
            unknown = sorted(resource.properties.keys() - _EMULATED_PROPERTIES)
            if unknown:
                raise TemplateError(f"{name}: not emulated: {', '.join(unknown)}; remove it")
            # the permissions have no meaning here
            return {key: value for key, value in resource.properties.items() if key != "Policies"}
    raise TemplateError(f"{template.path} declares no function {name}")


def load(properties: Mapping[str, Any], region: str, account_id: str) -> Function:
    """Load a function: set its environment in this process, then import its handler."""
    name = properties["FunctionName"]
    variables = properties.get("Environment", {}).get("Variables", {})
    os.environ.update({key: str(value) for key, value in variables.items()})
    os.environ.update({"AWS_LAMBDA_FUNCTION_NAME": name, "AWS_REGION": region})
    module, _, attribute = properties["Handler"].rpartition(".")
    return Function(
        name=name,
        arn=f"arn:aws:lambda:{region}:{account_id}:function:{name}",
        handler=getattr(import_module(module), attribute),
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
    )


def invoke(
    function: Function, event: object, request_id: str, client_context: object = None
) -> Result:
    """Run the handler on an event and give its answer, or its error as Lambda words it."""
    context = Context(
        function_name=function.name,
        invoked_function_arn=function.arn,
        memory_limit_in_mb=function.memory,
        aws_request_id=request_id,
        deadline=time.monotonic() + function.timeout,
        client_context=client_context,
    )
    try:
        answer = function.handler(event, context)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is the invocation's error
        return failure(
            type(error).__name__, str(error), request_id, traceback.format_tb(error.__traceback__)
        )
    try:
        return Result(json.dumps(answer, ensure_ascii=False).encode())
    except (TypeError, ValueError) as error:
        return failure(
            "Runtime.MarshalError",
            f"Unable to marshal response: {error}",
            request_id,
            [],
        )


def timed_out(function: Function, request_id: str) -> Result:
    """Give what a caller gets when the function did not answer within its timeout."""
    text = f"RequestId: {request_id} Error: Task timed out after {function.timeout:.2f} seconds"
    return failure_payload({"errorType": "Sandbox.Timedout", "errorMessage": text})


def failure(kind: str, message: str, request_id: str, trace: list[str]) -> Result:
    """Give the result of an invocation that raised."""
    return failure_payload(
        {
            "errorMessage": message,
            "errorType": kind,
            "requestId": request_id,
            "stackTrace": trace,
        }
    )


def failure_payload(payload: Mapping[str, object]) -> Result:
    """Give a failed result with a payload."""
    return Result(json.dumps(payload, ensure_ascii=False).encode(), "Unhandled")
