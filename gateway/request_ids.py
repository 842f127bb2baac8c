"""The ids of a request: the request id, the extended one, the trace.

Facts: API Gateway developer guide, "Set up CloudWatch API logging" ($context.requestId and
$context.extendedRequestId); localstack's AWS-validated test_invocation_trace_id.
"""

import base64
import os
import time
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestIds:
    """What names one request in the answer's headers, in the event and in the log."""

    request: str
    """A UUID: x-amzn-RequestId."""
    extended: str
    """x-amz-apigw-id."""
    trace: str
    """X-Amzn-Trace-Id, with root, parent and whether it is sampled."""


def make(requested: str | None, trace: str | None) -> RequestIds:
    """Make the ids of a request from the headers x-amzn-RequestId and X-Amzn-Trace-Id it came with.

    A caller may choose the request id, if it is a UUID; another choice is replaced and marked.
    """
    return RequestIds(
        request=_request_id(requested),
        extended=base64.urlsafe_b64encode(os.urandom(11)).decode(),
        trace=_trace(trace),
    )


def _request_id(requested: str | None) -> str:
    if requested is None:
        return str(uuid.uuid4())
    try:
        if str(uuid.UUID(requested)) == requested.lower():
            return requested
    except ValueError:
        pass
    return f"{uuid.uuid4()}_REPLACED_INVALID_REQUEST_ID"


def _trace(header: str | None) -> str:
    fields = {}
    for part in (header or "").split(";"):
        key, _, value = part.partition("=")
        fields[key.strip().capitalize()] = value.strip()
    root = fields.get("Root") or f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
    parent = fields.get("Parent") or os.urandom(8).hex()
    sampled = fields.get("Sampled") or ("1" if fields.get("Parent") else "0")
    return f"Root={root};Parent={parent};Sampled={sampled}"
