"""Containers one after another: which headers each gets, and what stops them."""

import asyncio
from collections.abc import Mapping

import pytest

from hosting.container import (
    ContainerAnswer,
    ContainerBodyError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.live import Instance, LiveEndpoint
from hosting.runtime.call import Account, Call, Measures
from hosting.runtime.errors import ModelError
from hosting.runtime.pipeline import Limits, ask, ask_for_stream, headers_of_step
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import variant, watched

HEADERS = {"Content-Type": "text/csv", "Accept": "text/plain", "X-Amzn-SageMaker-Inference-Id": "7"}


def call(*containers: MemoryContainer) -> Call:
    log = ReadableLog()
    found = variant("a")
    hosts = {f"c{place}": watched(each, log) for place, each in enumerate(containers)}
    instance = Instance("a-0", hosts)
    return Call(
        Account("0", "eu"),
        LiveEndpoint("risk", (found,)),
        found,
        instance,
        tuple(hosts),
        HEADERS,
        b"1,2",
    )


@pytest.mark.parametrize(
    ("is_first", "is_last", "content_type", "headers"),
    [
        (True, True, None, HEADERS),
        (
            True,
            False,
            None,
            {"Content-Type": "text/csv", "X-Amzn-SageMaker-Inference-Id": "7"},
        ),
        (
            False,
            False,
            "image/png",
            {"Content-Type": "image/png", "X-Amzn-SageMaker-Inference-Id": "7"},
        ),
        (False, True, None, {"Accept": "text/plain", "X-Amzn-SageMaker-Inference-Id": "7"}),
    ],
)
def test_each_container_gets_its_headers(
    is_first: bool, is_last: bool, content_type: str | None, headers: Mapping[str, str]
) -> None:
    assert headers_of_step(HEADERS, content_type, is_first=is_first, is_last=is_last) == headers


def test_each_answer_is_the_next_body() -> None:
    first, second = MemoryContainer(), MemoryContainer()
    first.outcome = ContainerAnswer(200, "image/png", None, b"3")
    second.outcome = ContainerAnswer(200, "text/plain", "a=b", b"0.5")
    answer = asyncio.run(ask(call(first, second), Measures(), Limits(5.0, 7)))
    assert answer is second.outcome
    assert [body for _, body in first.invocations + second.invocations] == [b"1,2", b"3"]
    assert first.asked == second.asked == [("/invocations", 5.0, 7)]


@pytest.mark.parametrize(
    ("outcome", "text", "failure"),
    [
        (ContainerAnswer(400, None, None, b"?"), 'client error (400) from c0 with message "?"', ""),
        (ContainerTimeoutError("60 s"), "Your invocation timed out", "60 s"),
        (ContainerUnreachableError("refused"), "could not get a response", "refused"),
        (ContainerBodyError(200, "cut"), "could not load the entire response", "cut"),
    ],
)
def test_a_failure_stops_the_rest_and_names_its_container(
    outcome: ContainerAnswer | Exception, text: str, failure: str
) -> None:
    first, second = MemoryContainer(outcome), MemoryContainer()
    measures = Measures()
    with pytest.raises(ModelError) as raised:
        asyncio.run(ask(call(first, second), measures))
    assert text in raised.value.message
    assert " from c0" in raised.value.message
    assert measures.failure == failure
    assert not second.invocations


def test_only_the_last_answer_is_streamed() -> None:
    first, second = MemoryContainer(), MemoryContainer()
    second.outcome = ContainerAnswer(200, "text/csv", None, b"0.5")

    async def scenario() -> tuple[str | None, list[bytes]]:
        async with ask_for_stream(call(first, second), Measures()) as answer:
            return answer.content_type, [piece async for piece in answer.pieces]

    assert asyncio.run(scenario()) == ("text/csv", [b"0", b".", b"5"])


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (ContainerAnswer(500, None, None, b"x" * 5000), "could not load the entire response body"),
        (ContainerAnswer(404, None, None, b"no"), 'client error (404) from c0 with message "no"'),
        (ContainerUnreachableError("refused"), "could not get a response"),
    ],
)
def test_a_stream_that_does_not_begin_is_a_model_error(
    outcome: ContainerAnswer | Exception, text: str
) -> None:
    async def scenario() -> None:
        async with ask_for_stream(call(MemoryContainer(outcome)), Measures()):
            pytest.fail("it has begun")

    with pytest.raises(ModelError) as raised:
        asyncio.run(scenario())
    assert text in raised.value.message
