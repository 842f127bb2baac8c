"""What both Lambda integrations share: an invocation, measured."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.exchange import Exchange
from gateway.gateway_response import RefusedError
from gateway.lambda_client import Functions, Invocation

INLINE = 100_000
"""Bytes of a body up to which its work is done at once; more would hold up other requests."""

Result = TypeVar("Result")

_OK = 200


@dataclass(frozen=True, slots=True)
class Target:
    """A function, and how it is called."""

    function_arn: str
    timeout_s: float
    """Seconds until the caller is told that the function was too slow."""
    invocation_type: str = "RequestResponse"


async def aside(size: int, work: Callable[[], Result]) -> Result:
    """Do work on a body of `size` bytes: at once, or on a thread where it is long."""
    if size <= INLINE:
        return work()
    return await asyncio.to_thread(work)


async def call(
    exchange: Exchange, functions: Functions, target: Target, payload: bytes
) -> Invocation:
    """Call a function and note how long it took.

    Raises:
        RefusedError: it could not be called, or was too slow.
    """
    started = time.perf_counter()
    try:
        invocation = await functions.call(
            target.function_arn, payload, target.timeout_s, target.invocation_type
        )
    except RefusedError as refusal:
        exchange.backend_status = refusal.response.status
        raise
    finally:
        exchange.integration_ms = (time.perf_counter() - started) * 1000
    exchange.backend_status = _OK
    return invocation
