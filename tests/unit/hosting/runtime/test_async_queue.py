"""The queue of asynchronous requests: places, time, restarts, and what S3's faults mean."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hosting.container import (
    INVOCATIONS,
    PAYLOAD_LIMIT,
    ContainerAnswer,
    ContainerDroppedError,
    ContainerUnreachableError,
)
from hosting.health import Health, State
from hosting.live import Asynchronous, LiveEndpoint, LiveEndpoints
from hosting.runtime import async_queue
from hosting.runtime.async_queue import KIND, TRIES_LIMIT, AsyncQueue
from hosting.runtime.asynchronous import OBJECT_LIMIT, AsyncRequest
from hosting.runtime.call import Account
from hosting.runtime.metrics import Metrics
from hosting.runtime.objects import ObjectError, ObjectsUnavailableError
from hosting.store import Store
from hosting.watch import WatchedContainer
from tests.hosting_stand import DEADLINE_S, MemoryContainer, ReadableLog
from tests.runtime_stand import MemoryObjects, in_service, variant, watched

NOW = 1_000.0
CONFIG = Asynchronous("s3://bucket/out", "s3://bucket/failures", 2)


def request(number: int, **members: object) -> AsyncRequest:
    values: dict[str, object] = {
        "request_id": f"r{number}",
        "endpoint": "risk",
        "inference_id": f"i{number}",
        "input_location": None,
        "body": b"%d" % number,
        "headers": {"Content-Type": "text/csv"},
        "output_location": f"s3://bucket/out/{number}",
        "failure_location": f"s3://bucket/failures/{number}",
        "accepted_at": NOW + number,
        "expires_at": NOW + 100,
        "timeout_s": 900,
    }
    return AsyncRequest(**(values | members))  # type: ignore[arg-type] # by name


class Gated(MemoryContainer):
    """A container that answers when it is let, and counts how many wait."""

    def __init__(self) -> None:
        super().__init__(ContainerAnswer(200, "text/csv", None, b"0.5"))
        self.gate = asyncio.Event()
        self.bodies: list[bytes] = []

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        del headers, path, timeout_s, limit
        self.bodies.append(body)
        await self.gate.wait()
        return self._outcome()


class Stand:
    """A queue before an endpoint of one variant."""

    def __init__(self, folder: Path, container: MemoryContainer, instances: int = 1) -> None:
        self.log = ReadableLog()
        self.folder = folder
        self.objects = MemoryObjects()
        self.now = NOW
        self.found = variant("a", *(watched(container, self.log) for _ in range(instances)))
        self.live = in_service(LiveEndpoint("risk", (self.found,), asynchronous=CONFIG))

    def queue(self) -> AsyncQueue:
        """Make a queue of what is on the disk."""
        return AsyncQueue(
            Account("0", "eu"),
            self.live,
            Store(self.folder),
            self.objects,
            Metrics(),
            self.log.logger,
            lambda: self.now,
            lambda: 0.0,
        )

    def kept(self) -> list[str]:
        """Give the requests that are on the disk."""
        return [str(document["request_id"]) for document in Store(self.folder).all(KIND)]

    def run(self, condition: Callable[[], bool], *requests: AsyncRequest) -> None:
        """Run a queue with these requests until a condition holds."""

        async def scenario() -> None:
            queue = self.queue()
            for each in requests:
                queue.add(each)
            task = asyncio.create_task(queue.run())
            await until(condition)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(scenario())

    def outcomes(self) -> list[object]:
        return [line["outcome"] for line in self.log.lines("asynchronous invocation")]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is looked at sets no event
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_queue, "LOOK_S", 0.001)
    monkeypatch.setattr(async_queue, "AGAIN_S", 0.001)


@pytest.fixture
def container() -> MemoryContainer:
    return MemoryContainer()


@pytest.fixture
def stand(tmp_path: Path, container: MemoryContainer) -> Stand:
    return Stand(tmp_path, container)


def test_a_result_is_written_and_the_request_forgotten(
    stand: Stand, container: MemoryContainer
) -> None:
    stand.run(lambda: bool(stand.outcomes()), request(1))
    assert stand.objects.content == {"s3://bucket/out/1": (b"0.5", "text/csv")}
    assert container.invocations == [({"Content-Type": "text/csv"}, b"1")]
    assert container.asked == [("/invocations", 900, OBJECT_LIMIT)]
    assert (stand.outcomes(), stand.kept()) == (["completed"], [])
    assert stand.found.instances[0].outstanding == 0
    assert stand.found.invocations == 1


def test_an_input_is_fetched(stand: Stand, container: MemoryContainer) -> None:
    stand.objects.content["s3://in/1"] = (b"1,2", None)
    stand.run(lambda: bool(stand.outcomes()), request(1, input_location="s3://in/1", body=b""))
    assert container.invocations[0][1] == b"1,2"


@pytest.mark.parametrize(
    ("outcome", "members", "failure"),
    [
        (ContainerAnswer(400, None, None, b"no"), {}, "Received client error (400) from primary"),
        (
            ContainerAnswer(200, None, None, b"0.5", has_length=False),
            {},
            "The response from container primary did not specify the required Content-Length",
        ),
        (
            ContainerAnswer(200, None, None, b"0.5"),
            {"input_location": "s3://in/none"},
            "s3://in/none does not exist",
        ),
        (
            ContainerAnswer(200, None, None, b"0.5"),
            {"expires_at": NOW - 1},
            "The request expired: it waited longer than",
        ),
    ],
)
def test_a_failure_is_written_too(
    stand: Stand,
    container: MemoryContainer,
    outcome: ContainerAnswer,
    members: dict[str, object],
    failure: str,
) -> None:
    container.outcome = outcome
    stand.run(lambda: bool(stand.outcomes()), request(1, **members))
    [(location, (body, _))] = stand.objects.content.items()
    assert location == "s3://bucket/failures/1"
    assert body.decode().startswith(failure)
    assert (stand.outcomes(), stand.kept()) == (["failed"], [])
    assert stand.found.instances[0].outstanding == 0


def test_a_failure_without_a_path_is_only_logged(stand: Stand, container: MemoryContainer) -> None:
    container.outcome = ContainerAnswer(500, None, None, b"no")
    stand.run(lambda: bool(stand.outcomes()), request(1, failure_location=None))
    assert (stand.outcomes(), stand.objects.content) == (["failed"], {})


def test_an_instance_has_so_many_places(tmp_path: Path) -> None:
    container = Gated()
    stand = Stand(tmp_path, container, instances=2)
    counts: list[list[int]] = []

    def all_taken() -> bool:
        if len(container.bodies) < 4:
            return False
        counts.append([each.outstanding for each in stand.found.instances])
        container.gate.set()
        return len(stand.outcomes()) == 6

    stand.run(all_taken, *(request(number) for number in range(6)))
    assert counts[0] == [2, 2]
    # in the order that they were accepted in
    assert container.bodies[:4] == [b"0", b"1", b"2", b"3"]


def test_what_was_under_way_is_asked_again_after_a_restart(tmp_path: Path) -> None:
    gated = Gated()
    stand = Stand(tmp_path, gated)
    stand.run(lambda: len(gated.bodies) == 2, *(request(number) for number in range(3)))
    assert stand.kept() == ["r0", "r1", "r2"]
    again = Stand(tmp_path, MemoryContainer())
    again.run(lambda: len(again.outcomes()) == 3)
    assert (again.outcomes(), again.kept()) == (["completed"] * 3, [])


def test_requests_wait_for_an_endpoint_to_be_in_service(
    stand: Stand, container: MemoryContainer
) -> None:
    instances = list(stand.found.instances)
    stand.found.instances.clear()
    looks = iter(range(5))

    def scaled_up() -> bool:
        # from zero, after some looks
        if next(looks, None) is None and not stand.found.instances:
            assert not container.invocations
            stand.found.instances += instances
        return bool(stand.outcomes())

    stand.run(scaled_up, request(1))
    assert stand.outcomes() == ["completed"]


def test_requests_of_a_deleted_endpoint_expire(stand: Stand) -> None:
    stand.live.in_service.clear()

    def later() -> bool:
        stand.now += 10
        return bool(stand.outcomes())

    stand.run(later, request(1))
    assert stand.outcomes() == ["failed"]
    assert isinstance(stand.live, LiveEndpoints)


def test_s3_that_is_away_is_waited_for(stand: Stand) -> None:
    stand.objects.fault = ObjectsUnavailableError("S3 is away")

    def comes_back() -> bool:
        if stand.log.lines("asynchronous invocation waits"):
            stand.objects.fault = None
        return bool(stand.outcomes())

    stand.run(comes_back, request(1))
    assert list(stand.objects.content) == ["s3://bucket/out/1"]


def test_a_place_that_cannot_be_written_is_told(stand: Stand) -> None:
    stand.objects.fault = ObjectError("no such bucket")
    stand.run(lambda: bool(stand.outcomes()), request(1))
    [warning] = stand.log.lines("failure not written")
    assert warning["reason"] == "no such bucket"
    assert (stand.outcomes(), stand.kept()) == (["failed"], [])


def test_a_container_that_is_down_is_waited_for(stand: Stand, container: MemoryContainer) -> None:
    answer = container.outcome
    container.outcome = ContainerUnreachableError("it is down")
    watched_container = stand.found.instances[0].containers["primary"]

    def comes_back() -> bool:
        if stand.log.lines("asynchronous invocation waits") and container.outcome is not answer:
            assert watched_container.health.state is State.UNHEALTHY
            container.outcome = answer
            watched_container.health = Health(State.HEALTHY, 0, "")
        return bool(stand.outcomes())

    stand.run(comes_back, request(1))
    assert (stand.outcomes(), len(container.invocations)) == (["completed"], 2)


class Mortal(MemoryContainer):
    """A container that one of the bodies takes down with all that it has; `mend` brings it back."""

    def __init__(self, poison: bytes) -> None:
        super().__init__()
        self.poison = poison
        self.watched: WatchedContainer | None = None
        self._deaths = 0

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: bytes,
        path: str = INVOCATIONS,
        *,
        timeout_s: float | None = None,
        limit: int = PAYLOAD_LIMIT,
    ) -> ContainerAnswer:
        before = self._deaths
        answer = await super().invoke(headers, body, path, timeout_s=timeout_s, limit=limit)
        # what is asked beside it is under way, too
        await asyncio.sleep(0.01)
        self._deaths += body == self.poison
        if self._deaths > before:
            raise ContainerDroppedError("the connection was closed")
        return answer

    def mend(self) -> None:
        if self.watched is not None:
            self.watched.health = Health(State.HEALTHY, 0, "")


@pytest.mark.parametrize("restart", [False, True])
def test_a_request_that_takes_its_container_down_fails_and_none_beside_it(
    tmp_path: Path, *, restart: bool
) -> None:
    mortal = Mortal(b"1")
    stand = Stand(tmp_path, mortal)
    mortal.watched = stand.found.instances[0].containers["primary"]

    def until_sent(times: int) -> Callable[[], bool]:
        def sent() -> bool:
            mortal.mend()
            return len(stand.log.lines("asynchronous invocation waits")) >= times

        return sent

    def answered() -> bool:
        mortal.mend()
        return len(stand.outcomes()) == 2

    requests = [request(1), request(2)]
    if restart:
        stand.run(until_sent(2), *requests)
        requests.clear()
    stand.run(answered, *requests)
    sends = [body for _, body in mortal.invocations if body == b"1"]
    assert (len(sends), sorted(map(str, stand.outcomes()))) == (
        TRIES_LIMIT,
        ["completed", "failed"],
    )
    reason, _ = stand.objects.content["s3://bucket/failures/1"]
    assert b"Amazon SageMaker could not get a response from the risk endpoint." in reason
    assert "s3://bucket/out/2" in stand.objects.content
    assert stand.kept() == []


def test_an_unhealthy_container_is_not_asked(stand: Stand, container: MemoryContainer) -> None:
    stand.found.instances[0].containers["primary"].health = Health(State.UNHEALTHY, 0, "down")

    def later() -> bool:
        stand.now += 10
        return bool(stand.outcomes())

    stand.run(later, request(1))
    assert (stand.outcomes(), container.invocations) == (["failed"], [])
