"""The fleet of containers, with a Docker Engine: how containers are confined, filled and found."""

import asyncio
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import docker
import pytest
from docker.errors import ImageNotFound

from hosting.fleet.docker_engine import DockerFleet
from hosting.fleet.engine import Engine
from hosting.fleet.fleet import FleetError, Job, Running, ServingContainer
from hosting.fleet.model_data import ModelData
from stack.compose import engine_answers
from tests.left_out import leave_out
from tests.unit.hosting.fleet.fleets import TINY, asked, model, no_s3, until

BASE = "python:3.13-slim-trixie"
IMAGE = "riskstack-test/tiny"


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """An engine with the image of the tiny container."""
    # the SDK leaves a socket open where nobody answers
    if not engine_answers():
        leave_out("containers of hosting", "no Docker Engine answers here")
    client = docker.from_env()
    try:
        client.images.get(BASE)
    except ImageNotFound:
        leave_out("containers of hosting", f"no image {BASE}")
    dockerfile = (
        f"FROM {BASE}\nRUN mkdir -p /opt/ml\nCOPY tiny_container.py /\n"
        'ENTRYPOINT ["python3", "/tiny_container.py"]\n'
    )
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        archive.add(TINY, "tiny_container.py")
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        archive.addfile(member, io.BytesIO(dockerfile.encode()))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=IMAGE, rm=True)
    yield client
    client.close()


@pytest.fixture(scope="module")
def stack(client: docker.DockerClient) -> Iterator[str]:
    """A stack of the module's own, with a network."""
    name = f"riskstack-unit-{os.getpid()}-{uuid4().hex[:6]}"
    network = client.networks.create(name)
    yield name
    network.remove()


@pytest.fixture
def fleet(client: docker.DockerClient, stack: str, tmp_path: Path) -> Iterator[DockerFleet]:
    fleet = new_fleet(client, stack, tmp_path)
    yield fleet
    asyncio.run(fleet.close())
    assert Engine(client, stack, stack).names() == []


def new_fleet(client: docker.DockerClient, stack: str, folder: Path) -> DockerFleet:
    return DockerFleet(Engine(client, stack, stack), folder / "files", ModelData(no_s3))


def container(
    name: str, url: str | None = None, image: str = IMAGE, **environment: str
) -> ServingContainer:
    return ServingContainer(
        name=name, image=image, environment=environment, model_data_url=url, hostname="primary"
    )


def test_a_container_serves_its_model_until_it_is_stopped(
    fleet: DockerFleet, client: docker.DockerClient, stack: str, tmp_path: Path
) -> None:
    url = model(tmp_path / "credit", "0.7")

    async def life() -> None:
        running = await fleet.launch(container("a", url))
        assert await asked(running) == "0.7"
        assert await running.exited() is None
        confined(client, f"{stack}-a")
        await running.stop()

    asyncio.run(life())
    assert Engine(client, stack, stack).names() == []


def confined(client: docker.DockerClient, name: str) -> None:
    """Check that a container runs as the services of docker-compose.yml do."""
    facts = client.containers.get(name).attrs
    host = facts["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Tmpfs"] == {"/tmp": ""}  # noqa: S108 - in the container
    assert not host["PortBindings"]
    assert facts["Config"]["Hostname"] == "primary"
    assert [(mount["Destination"], mount["RW"]) for mount in facts["Mounts"]] == [
        ("/opt/ml/model", False)
    ]


def test_models_are_laid_into_a_multi_model_container(fleet: DockerFleet, tmp_path: Path) -> None:
    url = model(tmp_path / "one", "0.1")
    multi = ServingContainer(
        name="many", image=IMAGE, environment={}, model_data_url=None, multi_model=True
    )

    async def life() -> tuple[str, str, str]:
        running = await fleet.launch(multi)
        before = await asked(running)
        assert await running.put_model("m1", url) == "/opt/ml/models/m1/model"
        loaded = await asked(running)
        with pytest.raises(FleetError, match="choose another model name"):
            await running.put_model("../m1", url)
        await running.remove_model("m1")
        return before, loaded, await asked(running)

    assert asyncio.run(life()) == ("none", "0.1", "none")


def test_an_image_that_is_not_there_is_named(fleet: DockerFleet) -> None:
    with pytest.raises(FleetError) as raised:
        asyncio.run(fleet.launch(container("a", image="riskstack-test/none")))
    assert str(raised.value) == (
        "Image riskstack-test/none is not on this machine: docker pull riskstack-test/none,"
        " or build it."
    )


def test_a_container_that_ends_tells_its_last_words(fleet: DockerFleet) -> None:
    async def life() -> None:
        running = await fleet.launch(container("short", MOOD="exit"))
        async with asyncio.timeout(30):
            while (outcome := await running.exited()) is None:  # noqa: ASYNC110 - the engine gives no event
                await asyncio.sleep(0.05)
        assert outcome.exit_code == 1
        # stdout and stderr come in no order
        assert sorted(outcome.log.splitlines()) == ["it cannot start", "tiny container serve"]
        await running.stop()
        assert await removed(running)

    asyncio.run(life())


def test_what_a_killed_hosting_left_is_taken_over_or_stopped(
    fleet: DockerFleet, client: docker.DockerClient, stack: str, tmp_path: Path
) -> None:
    async def life() -> None:
        kept = await fleet.launch(container("kept", ANSWER="1"))
        changed = await fleet.launch(container("changed", ANSWER="1"))
        other = await fleet.launch(container("other"))
        for each in (kept, changed, other):
            await asked(each)
        started = client.containers.get(f"{stack}-kept").attrs["State"]["StartedAt"]
        # another hosting of the same stack
        second = new_fleet(client, stack, tmp_path)
        await second.stop_others(["kept", "changed"])
        assert await removed(other)
        again = await second.launch(container("kept", ANSWER="1"))
        assert again.url == kept.url
        assert client.containers.get(f"{stack}-kept").attrs["State"]["StartedAt"] == started
        assert await asked(await second.launch(container("changed", ANSWER="2"))) == "2"

    asyncio.run(life())


def test_a_job_leaves_its_outputs_in_its_folder(fleet: DockerFleet, tmp_path: Path) -> None:
    outcome = asyncio.run(fleet.run(job(tmp_path)))
    assert (outcome.exit_code, outcome.log) == (0, "tiny container train\ntraining 1,2\n")
    assert (tmp_path / "ml" / "model" / "answer").read_text() == "trained"


def test_a_job_that_fails_tells_how(fleet: DockerFleet, tmp_path: Path) -> None:
    assert asyncio.run(fleet.run(job(tmp_path, MOOD="exit"))).exit_code == 3


def test_a_job_that_is_cancelled_ends(
    fleet: DockerFleet, client: docker.DockerClient, stack: str, tmp_path: Path
) -> None:
    def trains() -> bool:
        found = client.containers.list(filters={"name": f"{stack}-job"})
        return any(b"training" in each.logs() for each in found)

    async def life() -> None:
        running = asyncio.create_task(fleet.run(job(tmp_path, MOOD="slow")))
        await until(trains)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert running.cancelled()

    asyncio.run(life())
    assert Engine(client, stack, stack).names() == []


def test_one_container_can_be_removed_by_two_at_once(fleet: DockerFleet) -> None:
    async def life() -> None:
        running = await fleet.launch(container("a"))
        await asked(running)
        await asyncio.gather(running.stop(), running.stop(), fleet.close())
        assert await removed(running)

    asyncio.run(life())


def test_a_closed_fleet_starts_nothing(fleet: DockerFleet, tmp_path: Path) -> None:
    async def life() -> None:
        await fleet.close()
        with pytest.raises(FleetError, match="Hosting ends"):
            await fleet.launch(container("b"))
        with pytest.raises(FleetError, match="Hosting ends"):
            await fleet.run(job(tmp_path))

    asyncio.run(life())


async def removed(running: Running) -> bool:
    outcome = await running.exited()
    return outcome is not None and outcome.log == "the container was removed"


def job(folder: Path, **environment: str) -> Job:
    ml = folder / "ml"
    (ml / "input").mkdir(parents=True)
    (ml / "input" / "rows").write_text("1,2")
    return Job(name="job", image=IMAGE, arguments=["train"], environment=environment, folder=ml)
