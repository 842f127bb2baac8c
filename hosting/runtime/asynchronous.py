"""The rules of InvokeEndpointAsync: what is accepted, where results go, when a request has expired.

Not: how a request waits, is asked and answered (async_queue).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, cast

from hosting.live import Asynchronous, LiveEndpoint
from hosting.runtime.errors import ValidationError
from hosting.runtime.members import (
    ENDPOINT_NAME,
    FILENAME,
    INFERENCE_ID,
    INPUT_LOCATION,
    OUTPUT_EXTENSION,
    TIMEOUT_S,
    TTL_S,
    Members,
)
from hosting.runtime.objects import ObjectError, bucket_and_key

INLINE_LIMIT = 128_000
"""Bytes of a body that comes with the request (InvokeEndpointAsyncInput, botocore)."""

OBJECT_LIMIT = 2**30
"""Bytes of a payload in S3, in each direction (AWS developer guide, async-inference: 1 GB)."""

DEFAULT_TTL_S = 21600
DEFAULT_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncRequest:
    """A request that was accepted: all that is needed to answer it, also after a restart.

    Times are in seconds since 1970.
    """

    request_id: str
    endpoint: str
    inference_id: str
    input_location: str | None
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    output_location: str
    failure_location: str | None
    accepted_at: float
    expires_at: float
    timeout_s: int
    unanswered: int = 0
    """So many times it was sent to a container that then gave no answer."""

    def document(self) -> dict[str, object]:
        """Give it as what JSON can hold."""
        return {
            "request_id": self.request_id,
            "endpoint": self.endpoint,
            "inference_id": self.inference_id,
            "input_location": self.input_location,
            "body": base64.b64encode(self.body).decode(),
            "headers": dict(self.headers),
            "output_location": self.output_location,
            "failure_location": self.failure_location,
            "accepted_at": self.accepted_at,
            "expires_at": self.expires_at,
            "timeout_s": self.timeout_s,
            "unanswered": self.unanswered,
        }

    @classmethod
    def of(cls, document: Mapping[str, object]) -> Self:
        """Make it of its document."""
        values = dict(document)
        values["body"] = base64.b64decode(cast("str", values["body"]))
        return cls(**values)  # type: ignore[arg-type] # its own document


def configuration(endpoint: LiveEndpoint) -> Asynchronous:
    """Give an endpoint's AsyncInferenceConfig.

    Raises:
        ValidationError: it has none. AWS's text is not documented.
    """
    if endpoint.asynchronous is None:
        raise ValidationError(
            f"Endpoint {endpoint.name} has no AsyncInferenceConfig and does not support"
            " InvokeEndpointAsync: use InvokeEndpoint.",
            at_fault=(ENDPOINT_NAME.name,),
        )
    return endpoint.asynchronous


def check_synchronous(endpoint: LiveEndpoint, operation: str) -> None:
    """Check that an endpoint takes synchronous invocations.

    Raises:
        ValidationError: it has an AsyncInferenceConfig, and takes none (AWS developer guide,
            async-inference). AWS's text is not documented.
    """
    if endpoint.asynchronous is not None:
        raise ValidationError(
            f"Endpoint {endpoint.name} has an AsyncInferenceConfig and does not support"
            f" {operation}: use InvokeEndpointAsync.",
            at_fault=(ENDPOINT_NAME.name,),
        )


def accept(
    request_id: str, members: Members, body: bytes, config: Asynchronous, now: float
) -> AsyncRequest:
    """Make a request of what a client sent.

    Raises:
        ValidationError: there is both a body and a location, or neither (Body and InputLocation
            are mutually exclusive, botocore), or the location cannot be read.
    """
    values = members.values
    location = values.get(INPUT_LOCATION)
    _check_input(location, body)
    inference_id = values.get(INFERENCE_ID, request_id)
    return AsyncRequest(
        request_id=request_id,
        endpoint=members.endpoint_name,
        inference_id=inference_id,
        input_location=location,
        body=body,
        headers={**members.container_headers, "X-Amzn-SageMaker-Inference-Id": inference_id},
        output_location=_output(config.output, inference_id, values),
        failure_location=_failure(config.failure, inference_id),
        accepted_at=now,
        expires_at=now + int(values.get(TTL_S, DEFAULT_TTL_S)),
        timeout_s=int(values.get(TIMEOUT_S, DEFAULT_TIMEOUT_S)),
    )


def _check_input(location: str | None, body: bytes) -> None:
    if (location is None) is not bool(body):
        problem = "neither" if location is None else "both"
        raise ValidationError(
            f"Give exactly one of InputLocation and Body: the request has {problem}.",
            at_fault=(INPUT_LOCATION, "body"),
        )
    if location is not None:
        try:
            bucket_and_key(location)
        except ObjectError as error:
            raise ValidationError(f"InputLocation {error}.", at_fault=(INPUT_LOCATION,)) from error


def _output(folder: str, inference_id: str, values: Mapping[str, str]) -> str:
    """Give where the answer goes: `<S3OutputPath>/[<extension>/]<file>`.

    The file is called after the inference id where the client names none (botocore, Filename).
    """
    extension = values.get(OUTPUT_EXTENSION, "").strip("/")
    name = values.get(FILENAME, f"{inference_id}.out")
    return "/".join(filter(None, (folder.rstrip("/"), extension, name)))


def _failure(folder: str | None, inference_id: str) -> str | None:
    """Give where a failure goes, as AWS names its files there: `<id>-error.out`."""
    return None if folder is None else f"{folder.rstrip('/')}/{inference_id}-error.out"
