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
    # asking the system once costs a third of asking it for each
    random = os.urandom(47)
    return RequestIds(
        request=_request_id(requested, random[:16]),
        extended=base64.urlsafe_b64encode(random[16:27]).decode(),
        trace=_trace(trace, random[27:39].hex(), random[39:].hex()),
    )


def _request_id(requested: str | None, random: bytes) -> str:
    made = str(uuid.UUID(bytes=random, version=4))
    if requested is None:
        return made
    try:
        if str(uuid.UUID(requested)) == requested.lower():
            return requested
    except ValueError:
        pass
    return f"{made}_REPLACED_INVALID_REQUEST_ID"


def _trace(header: str | None, unique: str, parent: str) -> str:
    root = f"1-{int(time.time()):08x}-{unique}"
    if header is None:
        return f"Root={root};Parent={parent};Sampled=0"
    fields = {}
    for part in header.split(";"):
        key, _, value = part.partition("=")
        fields[key.strip().capitalize()] = value.strip()
    sampled = fields.get("Sampled") or ("1" if fields.get("Parent") else "0")
    root, parent = fields.get("Root") or root, fields.get("Parent") or parent
    return f"Root={root};Parent={parent};Sampled={sampled}"
