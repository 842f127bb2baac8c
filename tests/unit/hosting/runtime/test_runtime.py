"""The operations between a request and containers: the order of things, and what is counted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hosting.container import (
    INVOCATIONS,
    PAYLOAD_LIMIT,
    ContainerAnswer,
    ContainerStream,
    ContainerTimeoutError,
)
from hosting.health import Health, State
from hosting.live import LiveEndpoint, LiveVariant, Routing
from hosting.runtime.call import Account, Measures, Request
from hosting.runtime.errors import ModelError, ServiceUnavailableError, ValidationError
from hosting.runtime.runtime import Runtime
from hosting.store import Store
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import in_service, no_s3, variant, watched

TARGET_VARIANT = b"x-amzn-sagemaker-target-variant"


class Stand:
    """A runtime with an endpoint of two variants, the containers in memory and healthy."""

    def __init__(self, folder: Path, point: float = 0.0) -> None:
        self.log = ReadableLog()
        self.old, self.new = MemoryContainer(), MemoryContainer()
        self.variants = (
            variant("a", watched(self.old, self.log), weight=1, model="old"),
            variant("b", watched(self.new, self.log), weight=3, model="new"),
        )
        self.runtime = Runtime(
            Account("123456789012", "eu-central-1"),
            in_service(LiveEndpoint("risk", self.variants)),
            Store(folder),
            no_s3,
            self.log.logger,
            lambda: point,
        )
        self.measures = Measures()

    def request(
        self, endpoint: str, headers: Mapping[bytes, bytes] | None, size: int | None
    ) -> Request:
        body = b"1,2"
        return Request(
            "4bf1", endpoint, (headers or {}).items(), body, len(body) if size is None else size
        )

    def invoke(
        self,
        endpoint: str = "risk",
        headers: Mapping[bytes, bytes] | None = None,
        size: int | None = None,
    ) -> tuple[str, bytes]:
        request = self.request(endpoint, headers, size)
        found, answer = asyncio.run(self.runtime.invoke(request, self.measures))
        return found.name, answer.body

    def stream(self, headers: Mapping[bytes, bytes] | None = None) -> list[bytes]:
        async def scenario() -> list[bytes]:
            request = self.request("risk", headers, None)
            async with self.runtime.stream(request, self.measures, 30.0) as (_, answer):
                assert self.outstanding() == [1, 0]
                return [piece async for piece in answer.pieces]

        return asyncio.run(scenario())

    def outstanding(self) -> list[int]:
        return [each.instances[0].outstanding for each in self.variants]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


@pytest.mark.parametrize(("point", "name"), [(0.2, "a"), (0.3, "b")])
def test_the_dice_choose_by_weight(tmp_path: Path, point: float, name: str) -> None:
    stand = Stand(tmp_path, point)
    assert stand.invoke()[0] == name
    assert stand.measures.variant == name
    assert [each.invocations for each in stand.variants] == [name == "a", name == "b"]


def test_a_target_goes_before_the_dice(stand: Stand) -> None:
    assert stand.invoke(headers={TARGET_VARIANT: b"b"})[0] == "b"


def test_the_container_gets_headers_and_body(stand: Stand) -> None:
    stand.invoke(headers={b"content-type": b"text/csv", b"user-agent": b"Boto3"})
    assert stand.old.invocations == [({"Content-Type": "text/csv"}, b"1,2")]


@pytest.mark.parametrize(
    ("endpoint", "headers", "message"),
    [
        ("no", {}, "Endpoint no of account 123456789012 not found."),
        (
            "risk",
            {TARGET_VARIANT: b"c"},
            "Variant c of endpoint risk of account 123456789012 not found.",
        ),
    ],
)
def test_what_is_not_there_is_named(
    stand: Stand, endpoint: str, headers: dict[bytes, bytes], message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        stand.invoke(endpoint, headers)
    assert raised.value.message == message


def test_an_oversize_body_goes_to_no_container(stand: Stand) -> None:
    with pytest.raises(ValidationError, match="Request 4bf1 has oversize body"):
        stand.invoke(size=PAYLOAD_LIMIT + 1)
    assert not stand.old.invocations


def test_a_container_that_never_answered_gets_no_invocation(stand: Stand) -> None:
    stand.variants[0].instances[0].containers["primary"].health = Health(State.STARTING, 0, "no")
    with pytest.raises(ServiceUnavailableError, match="container primary of model old is starting"):
        stand.invoke()
    assert stand.invoke(headers={TARGET_VARIANT: b"b"}) == ("b", b"0.5")


@pytest.mark.parametrize("status", [200, 204, 299])
def test_every_2xx_is_a_success(stand: Stand, status: int) -> None:
    stand.old.outcome = ContainerAnswer(status, None, None, b"")
    assert stand.invoke() == ("a", b"")


@pytest.mark.parametrize("status", [199, 302, 415, 500])
def test_every_other_status_is_a_model_error(stand: Stand, status: int) -> None:
    stand.old.outcome = ContainerAnswer(status, None, None, b"?")
    with pytest.raises(ModelError) as raised:
        stand.invoke()
    assert raised.value.original_status == status
    assert raised.value.log_stream_arn == (
        "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/sagemaker/Endpoints/risk"
    )


# What is under way


class Watching(MemoryContainer):
    """A container that looks at how many invocations are under way, and may hang."""

    def __init__(self, seen: list[int], found: LiveVariant, *, hangs: bool = False) -> None:
        super().__init__()
        self._seen = seen
        self._found = found
        self._hangs = hangs

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        del headers, body, path, timeout_s, limit
        self._seen.append(self._found.instances[0].outstanding)
        if self._hangs:
            await asyncio.Event().wait()
        return ContainerAnswer(200, None, None, b"0.5")


class Mute(MemoryContainer):
    """A container whose answer never begins."""

    @asynccontextmanager
    async def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AsyncIterator[ContainerStream]:
        del headers, body, path
        await asyncio.Event().wait()
        async with super().stream({}, b"") as answer:
            yield answer


@pytest.mark.parametrize("hangs", [False, True])
def test_outstanding_is_exact_also_when_cancelled(stand: Stand, *, hangs: bool) -> None:
    seen: list[int] = []
    found = stand.variants[0]
    found.routing = Routing.LEAST_OUTSTANDING_REQUESTS
    found.instances[0].containers = {
        "primary": watched(Watching(seen, found, hangs=hangs), stand.log)
    }

    async def scenario() -> None:
        request = stand.request("risk", None, None)
        task = asyncio.create_task(stand.runtime.invoke(request, Measures()))
        # it runs until it waits for the container, or to its end
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert (seen, stand.outstanding()) == ([1], [0, 0])


def test_a_failure_leaves_nothing_outstanding(stand: Stand) -> None:
    stand.old.outcome = ContainerTimeoutError("60 s")
    with pytest.raises(ModelError):
        stand.invoke()
    assert stand.outstanding() == [0, 0]
    assert stand.measures.failure == "60 s"


# Streams


def test_a_stream_is_outstanding_until_its_end(stand: Stand) -> None:
    assert stand.stream() == [b"0", b".", b"5"]
    assert stand.outstanding() == [0, 0]


def test_a_stream_has_no_target_model(stand: Stand) -> None:
    stand.variants[0].multi_model = True
    with pytest.raises(ValidationError, match="is missing a target model header"):
        stand.stream()


def test_a_stream_that_never_begins_is_a_time_out(stand: Stand) -> None:
    found = stand.variants[0]
    found.instances[0].containers = {"primary": watched(Mute(), stand.log)}

    async def scenario() -> None:
        request = stand.request("risk", None, None)
        async with stand.runtime.stream(request, stand.measures, 0.01):
            pytest.fail("it has begun")

    with pytest.raises(ModelError, match="Your invocation timed out"):
        asyncio.run(scenario())
    assert stand.outstanding() == [0, 0]


# What is counted


def test_invocations_are_divided_by_the_instances(stand: Stand) -> None:
    stand.variants[0].instances *= 2
    stand.invoke()
    text = stand.runtime.metrics_text().decode()
    assert 'Invocations_total{EndpointName="risk",VariantName="a"} 1.0' in text
    assert 'InvocationsPerInstance_total{EndpointName="risk",VariantName="a"} 0.5' in text
