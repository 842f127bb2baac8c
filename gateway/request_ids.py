"""The ids of a request: the request id, the extended one, the trace.

Facts: API Gateway developer guide, "Set up CloudWatch API logging" ($context.requestId and
$context.extendedRequestId); localstack's AWS-validated test_invocation_trace_id.
"""

import base64
import random
import time
import uuid
from dataclasses import dataclass

# names, not secrets: the system's randomness costs more than all else here
_RANDOM = random.Random()  # noqa: S311


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
    digits = f"{_RANDOM.getrandbits(280):070x}"
    return RequestIds(
        request=_request_id(requested, digits[:30]),
        extended=base64.urlsafe_b64encode(_RANDOM.randbytes(11)).decode(),
        trace=_trace(trace, digits[30:54], digits[54:]),
    )


def _request_id(requested: str | None, digits: str) -> str:
    # a UUID of version 4, as uuid.uuid4 would take five times as long to make
    made = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"
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
