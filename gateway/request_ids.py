"""The ids of a request: the request id, the extended one, the trace.

Facts: API Gateway developer guide, "Set up CloudWatch API logging" ($context.requestId and
$context.extendedRequestId); localstack's AWS-validated test_invocation_trace_id.
"""

import base64
import random
import time
import uuid
from dataclasses import dataclass

from riskstack.uuids import random_uuid


@dataclass(slots=True)  # not frozen: each request pays for that
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
        extended=base64.urlsafe_b64encode(random.getrandbits(88).to_bytes(11)).decode(),
        trace=_trace(trace),
    )


def _request_id(requested: str | None) -> str:
    made = random_uuid()
    if requested is None:
        return made
    try:
        if str(uuid.UUID(requested)) == requested.lower():
            return requested
    except ValueError:
        pass
    return f"{made}_REPLACED_INVALID_REQUEST_ID"


def _trace(header: str | None) -> str:
    digits = f"{random.getrandbits(160):040x}"
    root, parent = f"1-{int(time.time()):08x}-{digits[:24]}", digits[24:]
    if header is None:
        return f"Root={root};Parent={parent};Sampled=0"
    fields = {}
    for part in header.split(";"):
        key, _, value = part.partition("=")
        fields[key.strip().capitalize()] = value.strip()
    sampled = fields.get("Sampled") or ("1" if fields.get("Parent") else "0")
    root, parent = fields.get("Root") or root, fields.get("Parent") or parent
    return f"Root={root};Parent={parent};Sampled={sampled}"
