"""The fleet of processes: what a container gets, how it ends, what a killed hosting leaves."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hosting.fleet.fleet import FleetError, Job, ServingContainer
from hosting.fleet.model_data import ModelData
from hosting.fleet.processes import ProcessFleet, ServingProcess
from tests.unit.hosting.fleet.fleets import COMMAND, answers, asked, container, model, no_s3, until


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[ProcessFleet]:
    fleet = new_fleet(tmp_path)
    yield fleet
    asyncio.run(fleet.close())


def new_fleet(folder: Path) -> ProcessFleet:
    inherited = {"PATH": os.environ["PATH"]}
    return ProcessFleet({"tiny": COMMAND}, inherited, folder / "homes", ModelData(no_s3))


def test_a_container_serves_its_model_until_it_is_stopped(
    fleet: ProcessFleet, tmp_path: Path
) -> None:
    url = model(tmp_path / "credit", "0.7")

    async def life() -> None:
        running = await fleet.launch(container("a", url))
        assert await asked(running) == "0.7"
        assert await running.exited() is None
        await running.stop()
        assert not answers(running)
        assert not list((tmp_path / "homes").iterdir())

    asyncio.run(life())


def test_a_container_gets_its_environment_and_nothing_of_hostings(
    fleet: ProcessFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWER", "hosting's")

    async def life() -> tuple[str, str]:
        told = await fleet.launch(container("told", ANSWER="its own"))
        untold = await fleet.launch(container("untold"))
        return await asked(told), await asked(untold)

    assert asyncio.run(life()) == ("its own", "none")


def test_models_are_laid_into_a_multi_model_container(fleet: ProcessFleet, tmp_path: Path) -> None:
    url = model(tmp_path / "one", "0.1")
    multi = ServingContainer(
        name="many", image="tiny", environment={}, model_data_url=None, multi_model=True
    )

    async def life() -> tuple[str, str, str]:
        running = await fleet.launch(multi)
        before = await asked(running)
        folder = await running.put_model("m1", url)
        assert folder == str(tmp_path / "homes" / "many" / "models" / "m1" / "model")
        loaded = await asked(running)
        with pytest.raises(FleetError, match="choose another model name"):
            await running.put_model("../m1", url)
        with pytest.raises(FleetError, match="is no folder"):
            await running.put_model("m2", f"{url}/none")
        assert not (tmp_path / "homes" / "many" / "models" / "m2").exists()
        await running.remove_model("m1")
        return before, loaded, await asked(running)

    assert asyncio.run(life()) == ("none", "0.1", "none")


def test_another_image_is_refused_by_name(fleet: ProcessFleet) -> None:
    other = ServingContainer(name="x", image="nginx", environment={}, model_data_url=None)
    with pytest.raises(FleetError) as raised:
        asyncio.run(fleet.launch(other))
    assert str(raised.value) == (
        "Image nginx needs a container engine: MODE=compose make up. Without one,"
        " tiny can run here (PROCESS_IMAGES)."
    )


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    fleet = ProcessFleet({"tiny": ["no-such-program"]}, {}, tmp_path, ModelData(no_s3))
    with pytest.raises(FleetError, match="no-such-program cannot be started"):
        asyncio.run(fleet.launch(container("a")))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cancelled", [False, True])
def test_of_a_launch_that_fails_nothing_stays(
    fleet: ProcessFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cancelled: bool
) -> None:
    async def lay(_: ModelData, _url: str, folder: Path) -> None:
        await asyncio.to_thread(folder.mkdir)
        if cancelled:
            await asyncio.Event().wait()
        raise FleetError("it breaks off")

    monkeypatch.setattr(ModelData, "lay", lay)

    async def scenario() -> None:
        launching = asyncio.create_task(fleet.launch(container("a", "s3://b/model.tar.gz")))
        await until(lambda: bool(list(tmp_path.rglob("model"))) or launching.done())
        if cancelled:
            launching.cancel()
        with pytest.raises((FleetError, asyncio.CancelledError)):
            await launching

    asyncio.run(scenario())
    assert not list((tmp_path / "homes").iterdir())


def test_a_container_that_ends_tells_its_last_words(fleet: ProcessFleet) -> None:
    async def life() -> None:
        running = await fleet.launch(container("short", MOOD="exit"))
        outcome = await running.process.ended()
        assert outcome.exit_code == 1
        assert outcome.log == "tiny container serve\nit cannot start\n"
        assert await running.exited() == outcome

    asyncio.run(life())


def test_what_does_not_end_is_killed(fleet: ProcessFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosting.fleet.processes.SERVING_GRACE_S", 0.1)

    async def life() -> None:
        running = await fleet.launch(container("deaf", MOOD="deaf"))
        assert await asked(running) == "none"
        await running.stop()
        outcome = await running.exited()
        assert outcome is not None
        assert outcome.exit_code == -signal.SIGKILL

    asyncio.run(life())


def test_what_a_killed_hosting_left_is_taken_over_by_name(
    fleet: ProcessFleet, tmp_path: Path
) -> None:
    async def life() -> None:
        before = await fleet.launch(container("same", ANSWER="1"))
        assert await asked(before) == "1"
        # another hosting on the same folder
        second = new_fleet(tmp_path)
        after = await second.launch(container("same", ANSWER="1"))
        assert (after.url, after.process.pid) == (before.url, before.process.pid)
        assert await after.exited() is None
        await reaped(before, after)

    asyncio.run(life())


def test_a_container_that_is_not_the_same_is_not_taken_over(
    fleet: ProcessFleet, tmp_path: Path
) -> None:
    async def life() -> None:
        before = await fleet.launch(container("same", ANSWER="1"))
        second = new_fleet(tmp_path)
        after = await second.launch(container("same", ANSWER="2"))
        assert after.process.pid != before.process.pid
        assert await asked(after) == "2"
        await second.close()

    asyncio.run(life())


def test_leftovers_are_stopped_but_for_those_that_are_named(
    fleet: ProcessFleet, tmp_path: Path
) -> None:
    async def life() -> None:
        kept = await fleet.launch(container("kept"))
        other = await fleet.launch(container("other"))
        assert (await asked(kept), await asked(other)) == ("none", "none")
        stopping = asyncio.create_task(new_fleet(tmp_path).stop_others(["kept"]))
        await until(lambda: other.process.outcome() is not None)
        await stopping
        assert answers(kept)
        assert [home.name for home in (tmp_path / "homes").iterdir()] == ["kept"]

    asyncio.run(life())


def test_a_number_that_is_anothers_by_now_is_let_alone(fleet: ProcessFleet, tmp_path: Path) -> None:
    async def life() -> None:
        running = await fleet.launch(container("same"))
        assert await asked(running) == "none"
        file = tmp_path / "homes" / "same" / "process.json"
        file.write_text(file.read_text().replace("tiny_container", "another_program"))
        await new_fleet(tmp_path).stop_others([])
        assert answers(running)

    asyncio.run(life())


def test_a_job_leaves_its_outputs_in_its_folder(fleet: ProcessFleet, tmp_path: Path) -> None:
    outcome = asyncio.run(fleet.run(job(tmp_path)))
    assert (outcome.exit_code, outcome.log) == (0, "tiny container train\ntraining 1,2\n")
    assert (tmp_path / "ml" / "model" / "answer").read_text() == "trained"
    assert not list((tmp_path / "homes").iterdir())


def test_a_job_that_fails_tells_how(fleet: ProcessFleet, tmp_path: Path) -> None:
    assert asyncio.run(fleet.run(job(tmp_path, MOOD="exit"))).exit_code == 3


def test_a_job_that_is_cancelled_ends(fleet: ProcessFleet, tmp_path: Path) -> None:
    async def life() -> None:
        running = asyncio.create_task(fleet.run(job(tmp_path, MOOD="slow")))
        await until((tmp_path / "ml" / "model" / "answer").exists)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert running.cancelled()
        assert not list((tmp_path / "homes").iterdir())

    asyncio.run(life())


def test_a_closed_fleet_starts_nothing(fleet: ProcessFleet, tmp_path: Path) -> None:
    async def life() -> None:
        running = await fleet.launch(container("a"))
        assert await asked(running) == "none"
        await fleet.close()
        assert not answers(running)
        with pytest.raises(FleetError, match="Hosting ends"):
            await fleet.launch(container("b"))
        with pytest.raises(FleetError, match="Hosting ends"):
            await fleet.run(job(tmp_path))

    asyncio.run(life())


def job(folder: Path, **environment: str) -> Job:
    ml = folder / "ml"
    (ml / "input").mkdir(parents=True)
    (ml / "input" / "rows").write_text("1,2")
    return Job(name="job", image="tiny", arguments=["train"], environment=environment, folder=ml)


async def reaped(before: ServingProcess, after: ServingProcess) -> None:
    """Stop what was taken over; its real parent has to take note of the end."""
    stopping = asyncio.create_task(after.stop())
    await until(lambda: before.process.outcome() is not None)
    await stopping
    assert await after.exited() is not None


def test_a_fleet_that_closes_meanwhile_starts_nothing(
    fleet: ProcessFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lay(*_: object) -> None:
        await fleet.close()

    monkeypatch.setattr(ModelData, "lay", lay)
    with pytest.raises(FleetError, match="Hosting ends"):
        asyncio.run(fleet.launch(container("late", "file:///model")))
    assert not list(tmp_path.rglob("process.json"))
