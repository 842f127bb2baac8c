"""The container engine: runs containers of one image and removes every one of them again."""

import io
import sys
import tarfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests
from docker.models.containers import Container as EngineContainer
from docker.models.images import Image as EngineImage
from docker.types import Mount

from image_check.exchange import Address
from image_check.seen import Image

LABEL = "riskstack.image-check"
"""On every container and network that is made here."""
API_SECONDS = 120
_POLL_SECONDS = 0.05
_LOG_LINES = 50


class EngineError(Exception):
    """The engine or the image is not there, or it refused: the message says what to do."""


class Container:
    """One container; it need not run yet."""

    def __init__(self, container: EngineContainer, network: str, *, direct: bool) -> None:
        self._container = container
        self._network = network
        self._direct = direct

    def start(self) -> None:
        """Start it; one whose command cannot be run has ended at once, with 126 or 127."""
        try:
            self._container.start()
        except docker.errors.APIError:
            if self.exit_code() is None:
                raise

    def address(self, port: int) -> Address | None:
        """Say where a port is reached from here, None while it has no place."""
        self._container.reload()
        settings: dict[str, Any] = self._container.attrs["NetworkSettings"]
        if self._direct:
            host = settings["Networks"][self._network]["IPAddress"]
            return Address(host, port) if host else None
        published = (settings["Ports"] or {}).get(f"{port}/tcp")
        return Address("127.0.0.1", int(published[0]["HostPort"])) if published else None

    def exit_code(self) -> int | None:
        """Give the code with which it ended, None while it runs."""
        self._container.reload()
        state: dict[str, Any] = self._container.attrs["State"]
        ended = state["Status"] in {"exited", "dead"} or state["Error"]
        return int(state["ExitCode"]) if ended else None

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; give the code, None where it still runs."""
        deadline = time.monotonic() + seconds
        while (code := self.exit_code()) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return code

    def terminate(self) -> None:
        """Send SIGTERM to PID 1; one that has ended is no error."""
        try:
            self._container.kill("SIGTERM")
        except docker.errors.APIError as error:
            if error.status_code != requests.codes.conflict:
                raise

    def log(self) -> str:
        """Give the end of what it wrote to stdout and stderr, and why it could not be run."""
        self._container.reload()
        written = self._container.logs(tail=_LOG_LINES).decode("utf-8", "replace")
        return written + str(self._container.attrs["State"]["Error"])

    def put(self, folder: Path, path: str) -> None:
        """Copy the content of a folder to an absolute path in it."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, arcname=path.lstrip("/"), filter=_as_root)
        self._container.put_archive("/", packed.getvalue())

    def files(self, path: str) -> dict[str, int]:
        """Give the files below an absolute path and their sizes; none where there is no path."""
        return {member.name: member.size for member, _ in self._archive(path)}

    def read(self, path: str) -> str | None:
        """Give the text of a file, None where there is none."""
        for _, content in self._archive(path):
            return content.decode("utf-8", "replace")
        return None

    def _archive(self, path: str) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        try:
            stream, _ = self._container.get_archive(path)
        except docker.errors.NotFound:
            return
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None:
                    yield member, content.read()


class Engine:
    """Runs containers of one image."""

    def __init__(self, client: docker.DockerClient, image: EngineImage, run: str) -> None:
        self._client = client
        self._image = image
        self.run = run
        """The value of LABEL on all that is made here."""
        self.direct = _reaches_containers(client.info())
        """Whether containers can be reached by their own addresses."""

    def image(self) -> Image:
        """Read what the engine knows of the image."""
        configuration: dict[str, Any] = self._image.attrs["Config"]
        with self.container(["serve"]) as container:
            under_opt_ml = sorted(container.files("/opt/ml"))
        return Image(
            user=configuration.get("User") or "",
            entrypoint=tuple(configuration.get("Entrypoint") or ()),
            labels=self._image.labels,
            platform=f"{self._image.attrs['Os']}/{self._image.attrs['Architecture']}",
            files_under_opt_ml=tuple(f"/opt/{name}" for name in under_opt_ml),
        )

    @contextmanager
    def container(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        read_only: Mapping[str, Path] | None = None,
        ports: Sequence[int] = (),
        network: str = "bridge",
    ) -> Iterator[Container]:
        """Create a container that is removed at the end, whatever happens; it is not started.

        `read_only` mounts folders at paths.
        """
        container = self._client.containers.create(
            self._image.id or "",
            command=list(command),
            environment=dict(environment or {}),
            mounts=[
                Mount(path, str(folder.resolve()), type="bind", read_only=True)
                for path, folder in (read_only or {}).items()
            ],
            ports={} if self.direct else {f"{port}/tcp": ("127.0.0.1", 0) for port in ports},
            network=network,
            labels={LABEL: self.run},
        )
        try:
            yield Container(container, network, direct=self.direct)
        finally:
            container.remove(force=True, v=True)

    @contextmanager
    def network_without_a_way_out(self) -> Iterator[str]:
        """Make a network in which containers reach nothing; give its name."""
        network = self._client.networks.create(
            f"image-check-{self.run}", internal=True, labels={LABEL: self.run}
        )
        try:
            yield network.name or ""
        finally:
            network.remove()


@contextmanager
def connect(image: str) -> Iterator[Engine]:
    """Open the engine that the environment names, for an image.

    Raises EngineError, also for whatever the engine refuses inside the block.
    """
    try:
        client = docker.from_env(timeout=API_SECONDS)
    except docker.errors.DockerException as error:
        raise EngineError(f"no Docker Engine answers ({error}): start it") from error
    try:
        try:
            found = client.images.get(image)
        except docker.errors.NotFound as error:
            raise EngineError(
                f"there is no image {image} here: `docker pull {image}`, or build it"
            ) from error
        yield Engine(client, found, uuid.uuid4().hex[:12])
    except docker.errors.APIError as error:
        raise EngineError(f"the Docker Engine refuses: {error.explanation}") from error
    except requests.exceptions.RequestException as error:
        raise EngineError(f"the Docker Engine left in the midst of it: {error}") from error
    finally:
        client.close()


def _reaches_containers(info: Mapping[str, Any]) -> bool:
    """Tell whether containers have addresses of this machine: not in Docker Desktop's VM."""
    rootless = any("rootless" in option for option in info.get("SecurityOptions") or ())
    desktop = info.get("OperatingSystem") == "Docker Desktop"
    return sys.platform == "linux" and not desktop and not rootless


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
