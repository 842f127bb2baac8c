"""The Docker Engine's calls as a fleet needs them. All of them block.

Everything of one stack has its label, and everything of one container its name in another: what is
left of a killed hosting is found by these. Not: what runs when (docker_engine).
"""

import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import Mount as DockerMount
from requests.exceptions import RequestException

from hosting.fleet.fleet import FleetError, Outcome

STACK = "riskstack.stack"
CONTAINER = "riskstack.container"
DIGEST = "riskstack.digest"

LOG_LINES = 10_000
"""Of a container that has ended; a job's metrics are read from them."""

Filters: TypeAlias = dict[str, str | list[str] | bool]

SPOOLED = 64 * 2**20
"""Bytes of an archive that stay in memory."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume at a folder of a container."""

    volume: str
    folder: str
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A container to start."""

    name: str
    image: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    hostname: str | None = None
    digest: str = ""


class Engine:
    """A Docker Engine, and in it the containers and volumes of one stack."""

    def __init__(self, client: docker.DockerClient, stack: str, network: str) -> None:
        """Take the stack's name, and the network that its containers join."""
        self._client = client
        self._stack = stack
        self._network = network

    def running(self, name: str, digest: str) -> str | None:
        """Give the address of a container that runs and has that digest, else None."""
        container = self._find(name)
        if container is None or container.status != "running":
            return None
        return self._address(container) if container.labels.get(DIGEST) == digest else None

    def filled_volume(self, name: str, image: str, folder: str, source: Path) -> str:
        """Make a volume that holds what a folder of hosting's does; give its name.

        It is filled through a container that never runs: files can be laid into one of those
        before it starts, and the one that will run has the volume read-only. Raises FleetError.
        """
        with _told(image):
            volume = self._client.volumes.create(self._full(name), labels=self._labels(name, ""))
            carrier = self._client.containers.create(
                image,
                command=["true"],
                labels=self._labels(name, ""),
                mounts=[DockerMount(folder, volume.name, type="volume")],
                network_mode="none",
            )
            try:
                _put(carrier, folder, source)
            finally:
                carrier.remove(force=True)
        return self._full(name)

    def start(self, start: Start) -> str:
        """Start a container and give its address in the network. Raises FleetError."""
        with _told(start.image):
            container = self._client.containers.run(
                start.image,
                command=list(start.arguments),
                name=self._full(start.name),
                hostname=start.hostname,
                environment=dict(start.environment),
                labels=self._labels(start.name, start.digest),
                mounts=[
                    DockerMount(each.folder, each.volume, type="volume", read_only=each.read_only)
                    for each in start.mounts
                ],
                network=self._network,
                detach=True,
                read_only=True,
                tmpfs={"/tmp": ""},  # noqa: S108 - in the container
                cap_drop=["ALL"],
                security_opt=["no-new-privileges:true"],
            )
            container.reload()
            return self._address(container)

    def outcome(self, name: str) -> Outcome | None:
        """Tell how a container ended, or give None while it runs. Raises FleetError."""
        with _told(name):
            container = self._find(name)
            if container is None:
                return Outcome(-1, "the container was removed")
            if container.status in {"created", "running", "restarting", "paused"}:
                return None
            code = container.attrs["State"]["ExitCode"]
            return Outcome(code, container.logs(tail=LOG_LINES).decode(errors="replace"))

    def put(self, name: str, folder: str, source: Path) -> None:
        """Lay what a folder of hosting's holds into a container's. Raises FleetError."""
        with _told(name):
            _put(self._found(name), folder, source)

    def get(self, name: str, folder: str, target: Path) -> None:
        """Fetch what a container's folder holds into one of hosting's. Raises FleetError.

        Links that lead out of it, and what is neither file nor folder, are left out.
        """
        with _told(name), tempfile.SpooledTemporaryFile(SPOOLED) as file:
            pieces, _ = self._found(name).get_archive(f"{folder}/.")
            for piece in pieces:
                file.write(piece)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                archive.extractall(target, filter=_kept)  # noqa: S202 - the filter is tarfile.data_filter and drops more

    def remove_folder(self, name: str, folder: str) -> None:
        """Remove a folder inside a container, with the container's own rm. Raises FleetError."""
        with _told(name):
            code, output = self._found(name).exec_run(["rm", "-rf", folder])
        if code:
            raise FleetError(f"{folder} of container {name} cannot be removed: {output!r}")

    def stop(self, name: str, grace_s: int) -> None:
        """Stop a container, SIGKILL after seconds; it stays. Raises FleetError."""
        with _told(name):
            self._found(name).stop(timeout=grace_s)

    def remove(self, name: str, grace_s: int) -> None:
        """Stop a container, SIGKILL after seconds, and remove it with its volume."""
        with _told(name):
            filters: Filters = {"label": [f"{STACK}={self._stack}", f"{CONTAINER}={name}"]}
            for container in self._containers(filters):
                with _unless_another_does():
                    container.stop(timeout=grace_s)
                with _unless_another_does():
                    container.remove(force=True)
            for volume in self._client.volumes.list(filters=filters):
                with _unless_another_does():
                    volume.remove(force=True)

    def names(self) -> list[str]:
        """Give the names of all containers and volumes of this stack. Raises FleetError."""
        with _told(self._stack):
            filters: Filters = {"label": [f"{STACK}={self._stack}"]}
            labelled = [
                *(container.labels for container in self._containers(filters)),
                *(volume.attrs["Labels"] for volume in self._client.volumes.list(filters=filters)),
            ]
            return sorted({labels[CONTAINER] for labels in labelled})

    def _containers(self, filters: Filters) -> list[Container]:
        # another call may remove one between the list and the look at it
        return self._client.containers.list(all=True, filters=filters, ignore_removed=True)

    def _find(self, name: str) -> Container | None:
        try:
            return self._client.containers.get(self._full(name))
        except NotFound:
            return None

    def _found(self, name: str) -> Container:
        container = self._find(name)
        if container is None:
            raise FleetError(f"Container {name} is gone.")
        return container

    def _address(self, container: Container) -> str:
        networks = container.attrs["NetworkSettings"]["Networks"]
        address: str = networks[self._network]["IPAddress"]
        return address

    def _full(self, name: str) -> str:
        return f"{self._stack}-{name}"

    def _labels(self, name: str, digest: str) -> dict[str, str]:
        return {STACK: self._stack, CONTAINER: name, DIGEST: digest}


def _put(container: Container, folder: str, source: Path) -> None:
    with tempfile.SpooledTemporaryFile(SPOOLED) as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(source, arcname=".", filter=_open_to_all)
        file.seek(0)
        container.put_archive(folder, file)


def _open_to_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Let whatever user the image runs as read it, and write beside it where the volume allows."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode |= 0o777 if member.isdir() else 0o644
    return member


def _kept(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Leave out what cannot be kept: a job may leave such a thing beside its model."""
    try:
        return tarfile.data_filter(member, path)
    except (
        tarfile.AbsoluteLinkError,
        tarfile.LinkOutsideDestinationError,
        tarfile.SpecialFileError,
    ):
        return None


@contextmanager
def _unless_another_does() -> Iterator[None]:
    """Pass over that it is gone, or that another call is removing it."""
    try:
        yield
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:
            raise


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what the SDK raises into an error that says what to do."""
    try:
        yield
    except ImageNotFound as error:
        raise FleetError(
            f"Image {what} is not on this machine: docker pull {what}, or build it."
        ) from error
    except DockerException as error:
        raise FleetError(f"The container engine refused {what}: {error}") from error
    except RequestException as error:
        raise FleetError(f"The container engine does not answer for {what}: {error}") from error
    except tarfile.TarError as error:
        raise FleetError(f"The files of {what} cannot be read: {error}") from error
