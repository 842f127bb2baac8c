"""What goes on in the life of an endpoint when not all goes well, and after a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.control.instances import Instances
from hosting.fleet.fleet import FleetError, Outcome
from hosting.live import Instance
from hosting.watch import WatchedContainer
from tests.hosting_stand import HttpContainer
from tests.unit.hosting.control.control_stand import VARIANT, MemoryRunning, Stand, control


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosting.control.life.RETRY_S", 0.01)
    monkeypatch.setattr("hosting.control.lives.CHECK_INTERVAL_S", 0.01)
    monkeypatch.setattr("hosting.health.STEADY_INTERVAL_S", 0.01)
    monkeypatch.setattr("hosting.control.instances.LOOK_INTERVAL_S", 0.01)


def live(folder: Path, life: Callable[[Stand], Awaitable[None]]) -> None:
    async def run() -> None:
        async with control(folder) as stand:
            await life(stand)

    asyncio.run(run())


def test_an_instance_gets_what_its_model_says(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.call(
            "CreateModel",
            ModelName="m",
            Containers=[
                {"Image": "one", "ModelDataUrl": "s3://b/m.tar.gz", "Environment": {"A": "1"}},
                {"Image": "two"},
            ],
        )
        await stand.call(
            "CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[VARIANT]
        )
        await stand.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
        await stand.status("InService")
        first, second = (each.container for each in stand.fleet.of("main"))
        assert (first.image, first.environment, first.model_data_url, first.hostname) == (
            "one",
            {"A": "1"},
            "s3://b/m.tar.gz",
            "container-1",
        )
        assert (second.image, second.hostname) == ("two", "container-2")
        [instance] = stand.live.in_service["e"].variants[0].instances
        assert list(instance.containers) == list(instance.running) == ["container-1", "container-2"]

    live(tmp_path, life)


def test_nothing_is_left_of_an_endpoint_that_cannot_start(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        stand.fleet.sick.add("i")
        stand.fleet.ends["i"] = Outcome(7, "no such model\n")
        await stand.create(InitialInstanceCount=2)
        described = await stand.status("Failed")
        assert described["FailureReason"].endswith("It ended with exit code 7: no such model")
        assert "ProductionVariants" not in described
        await stand.until(lambda: not stand.fleet.of("main"))
        assert (stand.live.in_service, stand.live.creating) == ({}, {})

    live(tmp_path, life)


def test_what_is_not_healthy_in_time_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosting.control.plan.STARTUP_TIMEOUT_S", 0.05)

    async def life(stand: Stand) -> None:
        stand.fleet.sick.add("i")
        await stand.create()
        described = await stand.status("Failed")
        assert "did not pass the ping health check" in described["FailureReason"]
        assert "After 0.05 s:" in described["FailureReason"]

    live(tmp_path, life)


def test_a_fault_of_hostings_own_is_told(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        stand.fleet.faults["i"] = RuntimeError("secret")
        await stand.create()
        described = await stand.status("Failed")
        assert described["FailureReason"] == "Internal failure: hosting's log tells why."
        [line] = stand.log.lines("endpoint")
        assert line["cause"] == "RuntimeError"
        assert "secret" not in str(line)

    live(tmp_path, life)


def test_scaling_that_fails_keeps_what_there_is(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.create()
        await stand.status("InService")
        stand.fleet.faults["i"] = FleetError("the machine is full")
        change = {"VariantName": "main", "DesiredInstanceCount": 3, "DesiredWeight": 5.0}
        await stand.call(
            "UpdateEndpointWeightsAndCapacities",
            EndpointName="e",
            DesiredWeightsAndCapacities=[change],
        )
        described = await stand.status("InService")
        assert described["FailureReason"] == "the machine is full"
        [variant] = described["ProductionVariants"]
        assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 1)

    live(tmp_path, life)


def test_scaling_in_waits_for_invocations(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.create(InitialInstanceCount=2)
        await stand.status("InService")
        [variant] = stand.live.in_service["e"].variants
        last = variant.instances[-1]
        last.outstanding = 1
        change = {"VariantName": "main", "DesiredInstanceCount": 1}
        await stand.call(
            "UpdateEndpointWeightsAndCapacities",
            EndpointName="e",
            DesiredWeightsAndCapacities=[change],
        )
        described = await stand.status("InService")
        assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
        assert last not in variant.instances
        running = last.running["primary"]
        assert running in stand.fleet.of("main")
        last.outstanding = 0
        await stand.until(lambda: running not in stand.fleet.of("main"))

    live(tmp_path, life)


def test_an_instance_that_stays_unhealthy_is_replaced(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.create(InitialInstanceCount=2)
        await stand.status("InService")
        sick, well = stand.fleet.of("main")
        # the engine is out of order for a while: it is tried again
        stand.fleet.faults["i"] = FleetError("not now")
        sick.sick = True
        [variant] = stand.live.in_service["e"].variants
        # what it still answers does not make up for its /ping
        asking = asyncio.create_task(ask_on(variant.instances[0].containers["primary"]))
        await stand.until(lambda: bool(stand.log.lines("instance is not replaced")))
        assert not asking.done()
        asking.cancel()
        described = await stand.described()
        assert described["ProductionVariants"][0]["DesiredInstanceCount"] == 2
        stand.fleet.faults.clear()
        await stand.until(lambda: sick.stopped)
        assert not well.stopped
        assert len(stand.fleet.of("main")) == 2
        described = await stand.status("InService")
        assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2

    live(tmp_path, life)


async def ask_on(container: WatchedContainer) -> None:
    while True:
        assert (await container.invoke({}, b"1")).status == HTTPStatus.OK


def test_an_endpoint_that_is_being_mended_can_be_deleted(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.create(InitialInstanceCount=2)
        await stand.status("InService")
        first, second = stand.fleet.of("main")
        # what is launched now does not come up in this test
        stand.fleet.sick.add("i")
        before = len(stand.fleet.running)
        first.end = Outcome(1, "")
        await stand.until(lambda: len(stand.fleet.running) > before)
        await stand.call("DeleteEndpoint", EndpointName="e")
        await stand.gone()
        assert not stand.fleet.of("main")
        assert first.stopped
        assert second.stopped

    live(tmp_path, life)


def test_what_was_in_service_is_brought_back_however_long_it_takes(tmp_path: Path) -> None:
    names: list[str] = []

    async def before(stand: Stand) -> None:
        await stand.create()
        await stand.status("InService")
        names.extend(stand.fleet.running)

    async def after(stand: Stand) -> None:
        assert stand.fleet.kept == names
        stand.fleet.faults["i"] = FleetError("the engine is starting")
        await stand.until(lambda: bool(stand.log.lines("endpoint is not back")))
        described = await stand.described()
        assert described["EndpointStatus"] == "SystemUpdating"
        assert stand.control.not_in_service() == {"e": "the engine is starting"}
        with pytest.raises(InvalidRequestError, match="Cannot update in-progress endpoint"):
            await stand.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="e")
        stand.fleet.faults.clear()
        await stand.status("InService")
        assert list(stand.fleet.running) == names
        assert stand.control.not_in_service() == {}

    async def faulty_from_the_start() -> None:
        async with control(tmp_path) as stand:
            await after(stand)

    live(tmp_path, before)
    asyncio.run(faulty_from_the_start())


def test_what_was_under_way_goes_on_after_a_restart(tmp_path: Path) -> None:
    async def before(stand: Stand) -> None:
        await stand.create("updated")
        await stand.create("deleted")
        for name in ("updated", "deleted"):
            await stand.status("InService", name)
        await stand.configure("next")
        # hosting ends in the same moment: nothing of these has begun
        await stand.call("UpdateEndpoint", EndpointName="updated", EndpointConfigName="next")
        await stand.call("DeleteEndpoint", EndpointName="deleted")
        await stand.create("created")

    async def after(stand: Stand) -> None:
        updated = await stand.status("InService", "updated")
        assert updated["EndpointConfigName"] == "updated"
        assert updated["FailureReason"] == "The update was cut short."
        await stand.status("InService", "created")
        await stand.until(lambda: stand.store.get("endpoint", "deleted") is None)

    live(tmp_path, before)
    live(tmp_path, after)


def test_a_given_container_is_asked_and_never_stopped(tmp_path: Path) -> None:
    container = HttpContainer()

    async def life() -> None:
        async with control(tmp_path, m=container.url) as stand:
            await stand.call("CreateModel", ModelName="m", PrimaryContainer={})
            variant = {"VariantName": "main", "ModelName": "m"}
            await stand.call(
                "CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant]
            )
            await stand.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
            described = await stand.status("InService")
            assert described["ProductionVariants"][0]["DeployedImages"] == []
            assert stand.fleet.running == {}
            with pytest.raises(InvalidRequestError, match="cannot be scaled"):
                await stand.call(
                    "UpdateEndpointWeightsAndCapacities",
                    EndpointName="e",
                    DesiredWeightsAndCapacities=[
                        {"VariantName": "main", "DesiredInstanceCount": 2}
                    ],
                )

    with container.running():
        asyncio.run(life())


def test_a_model_whose_container_is_given_no_more_tells_so(tmp_path: Path) -> None:
    async def before() -> None:
        async with control(tmp_path, m="http://127.0.0.1:9") as stand:
            await stand.call("CreateModel", ModelName="m", PrimaryContainer={})
            await stand.call(
                "CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[VARIANT]
            )

    async def after(stand: Stand) -> None:
        await stand.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
        described = await stand.status("Failed")
        assert described["FailureReason"].startswith(
            "Model m has no Image, and CONTAINERS does not"
        )

    asyncio.run(before())
    live(tmp_path, after)


def test_an_engine_that_does_not_answer_ends_no_watch(tmp_path: Path) -> None:
    async def life(stand: Stand) -> None:
        await stand.create()
        await stand.status("InService")
        [running] = stand.fleet.of("main")
        running.fault = FleetError("the engine does not answer")
        await stand.until(lambda: bool(stand.log.lines("internal failure")))
        running.fault = None
        running.end = Outcome(1, "")
        await stand.until(lambda: running.stopped)

    live(tmp_path, life)


def test_what_begins_during_a_check_is_not_ended_by_mending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def life(stand: Stand) -> None:
        await stand.create()
        await stand.status("InService")

        async def ended(_instances: Instances, _instance: Instance) -> str:
            if (await stand.described())["EndpointStatus"] == "InService":
                await stand.call("DeleteEndpoint", EndpointName="e")
            return "it ended"

        monkeypatch.setattr(Instances, "ended", ended)
        await stand.until(lambda: stand.store.get("endpoint", "e") is None)
        assert not stand.log.lines("instance is replaced")

    live(tmp_path, life)


def test_a_declared_endpoint_that_failed_is_declared_anew(tmp_path: Path) -> None:
    declared = {"e": {"EndpointName": "e", "EndpointConfigName": "e"}}

    async def run() -> None:
        async with control(tmp_path) as stand:
            await stand.configure("e")
        async with control(tmp_path, declared) as stand:
            # fails at once: the stand's fleet is told before anything has begun
            stand.fleet.faults["i"] = FleetError("no such image")
            await stand.status("Failed")
            assert stand.control.not_in_service() == {"e": "no such image"}
        async with control(tmp_path, declared) as stand:
            await stand.status("InService")
            assert stand.control.not_in_service() == {}

    asyncio.run(run())


def test_an_engine_that_does_not_answer_fails_what_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def exited(_running: MemoryRunning) -> Outcome | None:
        raise FleetError("the engine does not answer")

    monkeypatch.setattr(MemoryRunning, "exited", exited)

    async def life(stand: Stand) -> None:
        stand.fleet.sick.add("i")
        await stand.create()
        described = await stand.status("Failed")
        assert described["FailureReason"] == "the engine does not answer"

    live(tmp_path, life)
