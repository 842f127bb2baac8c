"""What both Lambda integrations share: an invocation, measured."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from gateway.exchange import Exchange
from gateway.gateway_response import RefusedError
from gateway.lambda_client import Functions, Invocation, Target

INLINE = 100_000
"""Bytes of a body up to which its work is done at once; more would hold up other requests."""

Result = TypeVar("Result")

_OK = 200


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
        invocation = await functions.call(target, payload, exchange.ids.trace)
    except RefusedError as refusal:
        exchange.backend_status = refusal.response.status
        raise
    finally:
        exchange.integration_ms = (time.perf_counter() - started) * 1000
    exchange.backend_status = _OK
    return invocation
