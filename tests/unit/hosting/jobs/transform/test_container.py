"""The container of a transform job, a real HTTP server: pings, parameters, attempts."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import aiohttp.web
import pytest

from hosting.jobs.transform import container as container_module
from hosting.jobs.transform.container import InvocationError, TransformContainer, connect
from hosting.jobs.transform.failure import Blame
from hosting.jobs.transform.request import CreateTransformJob
from tests.hosting_stand import DROP, Answer, HttpContainer, Received

RequestWith = Callable[..., CreateTransformJob]
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_module, "RETRY_PAUSE_S", 0.0)


@pytest.fixture
def server() -> Iterator[HttpContainer]:
    with HttpContainer().running() as running:
        yield running


def ask(
    url: str, request: CreateTransformJob, call: Callable[[TransformContainer], Awaitable[T]]
) -> T:
    async def run() -> T:
        async with connect(url, request) as container:
            return await call(container)

    return asyncio.run(run())


def invoke(url: str, request: CreateTransformJob) -> bytes:
    return ask(url, request, lambda container: container.invoke(b"1,2", chunked=False))


def in_turn(*answers: Answer) -> Callable[[Received], Answer]:
    left = iter(answers)
    return lambda _: next(left)


def test_it_is_ready_when_it_answers_ping_with_200(
    server: HttpContainer, request_with: RequestWith
) -> None:
    server.ping = in_turn(Answer(200), Answer(503), DROP)
    request = request_with()
    assert ask(server.url, request, lambda container: container.answers_ping())
    assert not ask(server.url, request, lambda container: container.answers_ping())
    assert not ask(server.url, request, lambda container: container.answers_ping())


def test_its_parameters_are_there_or_not(server: HttpContainer, request_with: RequestWith) -> None:
    # an HttpContainer answers what is not /ping as it answers invocations
    server.invoke = in_turn(Answer(200, b"{}"), Answer(404), DROP)
    request = request_with()
    assert ask(server.url, request, lambda each: each.execution_parameters()) == b"{}"
    assert ask(server.url, request, lambda each: each.execution_parameters()) is None
    assert ask(server.url, request, lambda each: each.execution_parameters()) is None


def test_a_payload_goes_out_as_the_job_says(
    server: HttpContainer, request_with: RequestWith
) -> None:
    assert invoke(server.url, request_with()) == b"0.5"
    (received,) = server.invocations
    assert received.body == b"1,2"
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert (headers["content-type"], headers["accept"]) == ("text/csv", "text/csv")
    assert headers["content-length"] == "3"


@pytest.mark.parametrize(
    "failure", [Answer(500), Answer(503), Answer(429), Answer(408), DROP, Answer(200, b"", {}, 9)]
)
def test_what_may_pass_is_tried_again(
    server: HttpContainer, request_with: RequestWith, failure: Answer
) -> None:
    server.invoke = in_turn(failure, failure, failure, Answer(200, b"at last"))
    assert invoke(server.url, request_with()) == b"at last"
    assert len(server.invocations) == 4


def test_attempts_have_an_end(server: HttpContainer, request_with: RequestWith) -> None:
    server.invoke = lambda _: Answer(500, b"broken")
    request = request_with(ModelClientConfig={"InvocationsMaxRetries": 1})
    with pytest.raises(InvocationError, match="AlgorithmError: 500, Message: broken") as caught:
        invoke(server.url, request)
    assert caught.value.blame is Blame.ALGORITHM
    assert len(server.invocations) == 2


def test_what_the_client_is_to_blame_for_is_asked_once(
    server: HttpContainer, request_with: RequestWith
) -> None:
    server.invoke = lambda _: Answer(415, b"x" * 1000)
    with pytest.raises(InvocationError) as caught:
        invoke(server.url, request_with())
    assert str(caught.value) == f"ClientError: 415, Message: {'x' * 256}"
    assert caught.value.blame is Blame.CLIENT
    assert len(server.invocations) == 1


def test_a_container_that_is_gone_is_told(request_with: RequestWith) -> None:
    with HttpContainer().running() as gone:
        url = gone.url
    request = request_with(ModelClientConfig={"InvocationsMaxRetries": 0})
    with pytest.raises(InvocationError, match="Unable to get response from algorithm") as caught:
        invoke(url, request)
    assert caught.value.blame is Blame.ALGORITHM


def test_an_answer_has_its_time(request_with: RequestWith) -> None:
    client = {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0}
    request = request_with(ModelClientConfig=client)
    # it takes connections, and never answers
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(InvocationError, match="no answer within 1 s") as caught,
    ):
        invoke(f"http://127.0.0.1:{silent.getsockname()[1]}", request)
    assert caught.value.blame is Blame.ALGORITHM


def test_without_a_limit_a_payload_is_sent_in_chunks(request_with: RequestWith) -> None:
    seen: list[tuple[str | None, bytes]] = []

    async def keep(request: aiohttp.web.BaseRequest) -> aiohttp.web.StreamResponse:
        seen.append((request.headers.get("Transfer-Encoding"), await request.read()))
        return aiohttp.web.Response(body=b"ok")

    async def run() -> bytes:
        runner = aiohttp.web.ServerRunner(aiohttp.web.Server(keep))
        await runner.setup()
        try:
            await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with connect(url, request_with()) as container:
                return await container.invoke(b"x" * 100_000, chunked=True)
        finally:
            await runner.cleanup()

    assert asyncio.run(run()) == b"ok"
    assert seen == [("chunked", b"x" * 100_000)]
