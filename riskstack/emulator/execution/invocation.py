"""One invocation: what an environment is given, and what came of it."""

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskstack.emulator.function import Result


def _trace_id() -> str:
    # as X-Ray writes them: version, time, and a random rest
    return f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Sampled=0"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an environment is given."""

    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_context: Mapping[str, Any] | None = None
    trace_id: str = field(default_factory=_trace_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    result: Result
    duration_ms: float
    log: bytes = b""
    """The last 4 KB of what it wrote to the log."""
