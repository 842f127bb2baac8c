"""Containers asked one after another, as an inference pipeline does; mostly there is just one.

Each answer's body and type are the next request's. Accept goes to the last container alone: those
before it answer what they do by themselves (aws/amazon-sagemaker-examples #729). The other members
go to each. Not: which containers, or what is made of the answer (runtime).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hosting.container import (
    PAYLOAD_LIMIT,
    ContainerAnswer,
    ContainerBodyError,
    ContainerStream,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.runtime import model_error
from hosting.runtime.call import Call, Measures
from hosting.runtime.errors import ModelError

ContainerError = ContainerTimeoutError | ContainerUnreachableError | ContainerBodyError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container's answer may take: seconds, where it is not the usual, and bytes."""

    timeout_s: float | None = None
    size: int = PAYLOAD_LIMIT


REAL_TIME = Limits()

CONTENT_TYPE = "Content-Type"
ACCEPT = "Accept"


def headers_of_step(
    headers: Mapping[str, str], content_type: str | None, *, is_first: bool, is_last: bool
) -> Mapping[str, str]:
    """Give the headers for a container of a pipeline.

    `content_type` is that of the answer before, which the first container has none of.
    """
    if is_first and is_last:
        return headers
    changed = dict(headers)
    if not is_last:
        changed.pop(ACCEPT, None)
    if not is_first:
        changed.pop(CONTENT_TYPE, None)
        if content_type is not None:
            changed[CONTENT_TYPE] = content_type
    return changed


async def ask(
    call: Call,
    measures: Measures,
    limits: Limits = REAL_TIME,
) -> ContainerAnswer:
    """Ask the containers of a call, one after another.

    Raises:
        ModelError: a container is at fault; the ones after it are not asked.
    """
    answer = await _ask_one(call, 0, None, measures, limits)
    for step in range(1, len(call.hostnames)):
        answer = await _ask_one(call, step, answer, measures, limits)
    return answer


@asynccontextmanager
async def ask_for_stream(call: Call, measures: Measures) -> AsyncIterator[ContainerStream]:
    """Ask the containers of a call, the last one for an answer in pieces.

    Raises:
        ModelError: a container is at fault.
    """
    before: ContainerAnswer | None = None
    last = len(call.hostnames) - 1
    for step in range(last):
        before = await _ask_one(call, step, before, measures, REAL_TIME)
    headers, body = _request(call, last, before)
    container = call.instance.containers[call.hostnames[last]]
    try:
        async with container.stream(headers, body, call.path) as answer:
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses of success
                raise await _refusal(call, last, answer, measures)
            yield answer
    except ContainerUnreachableError as error:
        raise told(call, last, error, measures) from error


def told(call: Call, step: int, error: ContainerError, measures: Measures) -> ModelError:
    """Give what a client is told of a container that gave no whole answer."""
    measures.failure = str(error)
    origin = _origin(call, step)
    if isinstance(error, ContainerTimeoutError):
        return model_error.timed_out(origin)
    if isinstance(error, ContainerUnreachableError):
        return model_error.unreachable(origin)
    return model_error.broken_off(origin, error.status)


async def _ask_one(
    call: Call,
    step: int,
    before: ContainerAnswer | None,
    measures: Measures,
    limits: Limits,
) -> ContainerAnswer:
    headers, body = _request(call, step, before)
    container = call.instance.containers[call.hostnames[step]]
    try:
        answer = await container.invoke(
            headers, body, call.path, timeout_s=limits.timeout_s, limit=limits.size
        )
    except (ContainerTimeoutError, ContainerUnreachableError, ContainerBodyError) as error:
        raise told(call, step, error, measures) from error
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses of success
        raise model_error.answered(_origin(call, step), answer.status, answer.body)
    return answer


def _request(
    call: Call, step: int, before: ContainerAnswer | None
) -> tuple[Mapping[str, str], bytes]:
    headers = headers_of_step(
        call.headers,
        before.content_type if before else None,
        is_first=step == 0,
        is_last=step == len(call.hostnames) - 1,
    )
    return headers, before.body if before else call.body


def _origin(call: Call, step: int) -> model_error.Origin:
    return call.account.origin(call.endpoint.name, call.hostnames[step])


async def _refusal(
    call: Call, step: int, answer: ContainerStream, measures: Measures
) -> ModelError:
    """Read as much of an error as a message may quote."""
    body = b""
    try:
        async for piece in answer.pieces:
            body += piece
            if len(body) > model_error.MESSAGE_LIMIT:
                break
    except ContainerBodyError as error:
        return told(call, step, error, measures)
    return model_error.answered(_origin(call, step), answer.status, body)
