"""The stack in containers, through Docker Compose."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stack.ports import require_free
from stack.services import Composition
from stack.settings import BUILD, ROOT, Settings, StackError


def engine_answers() -> bool:
    """Tell whether a Docker Engine and Compose v2 are there."""
    if shutil.which("docker") is None:
        return False
    questions = (["docker", "version"], ["docker", "compose", "version"])
    return all(
        subprocess.run(question, capture_output=True, check=False).returncode == 0  # noqa: S603 - the user's own docker
        for question in questions
    )


class Compose:
    """The stack as containers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._composition = Composition(settings)

    def running(self) -> bool:
        """Tell whether a container of the stack runs."""
        return engine_answers() and bool(self._running())

    def up(self, say: Callable[[str], None]) -> None:
        """Build what changed, start what does not run, until all are healthy.

        Raises:
            StackError: a port is taken, an image does not build, a service does not start.
        """
        published = self._composition.published()
        running = self._running()
        require_free(port for port in published if port.service not in running)
        say("building images")
        # the image of model_server is the one that trains
        self._compose("--profile", "train", "build", "--quiet", quiet=True)
        say("starting containers")
        services = [s.name for s in self._composition.in_order()]
        waited = [name for name in services if name not in self._composition.jobs()]
        self._compose("up", "--detach", "--no-build", "--quiet-pull", "--wait", *waited, quiet=True)

    def train(self) -> None:
        """Run the training job as this user, so that its files are this user's."""
        self._compose("--profile", "train", "build", "--quiet", "train", quiet=True)
        owner = f"{os.getuid()}:{os.getgid()}"
        self._compose("--profile", "train", "run", "--rm", "--user", owner, "train", quiet=True)

    def down(self) -> None:
        """Stop and remove the containers; the volumes stay."""
        self._end_hosting()
        self._compose("down", "--remove-orphans", quiet=True)

    def clean(self) -> None:
        """Stop everything and remove the volumes."""
        self._end_hosting()
        for volume in self._of_hosting("volume", "ls"):
            self._docker("volume", "rm", "--force", volume)
        self._compose("down", "--remove-orphans", "--volumes", quiet=True)

    def follow_logs(self) -> None:
        """Print the logs as they grow, until interrupted."""
        self._compose("logs", "--follow", "--tail", "50")

    def stop(self, name: str) -> None:
        """Stop one service with SIGTERM and wait for its end."""
        self._compose("stop", name, quiet=True)

    def start(self, name: str) -> None:
        """Start one service again and wait until it is healthy."""
        self._compose("up", "--detach", "--no-build", "--no-deps", "--wait", name, quiet=True)

    def kill(self, name: str) -> None:
        """Kill one service at once and start it again, as a restart policy would."""
        self._compose("kill", "--signal", "KILL", name, quiet=True)
        self._compose("up", "--detach", "--no-build", "--no-deps", name, quiet=True)

    def _end_hosting(self) -> None:
        """Stop hosting, which stops its instances, and remove those that a killed one has left."""
        self._compose("stop", "hosting", quiet=True)
        for container in self._of_hosting("container", "ls", "--all"):
            self._docker("container", "rm", "--force", container)

    def _of_hosting(self, *listing: str) -> list[str]:
        """List what hosting has made in the engine (hosting/fleet/engine.py)."""
        label = f"label=riskstack.stack={self._settings.name}"
        return self._docker(*listing, "--quiet", "--filter", label).split()

    def _docker(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - the user's own docker
            ["docker", *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"docker {' '.join(arguments)} failed:\n{done.stderr.strip()}")
        return done.stdout

    def _group(self) -> str:
        """Give the group that may use the engine's socket.

        A socket of somebody else than root is that of an engine with users, or a machine, of its
        own, in which the group has another number.
        """
        values = self._settings.values
        socket = Path(values["DOCKER_SOCKET"])
        if sys.platform == "linux" and socket.exists() and socket.stat().st_uid == 0:
            return str(socket.stat().st_gid)
        return values["DOCKER_GROUP"]

    def _running(self) -> set[str]:
        """Name the services that have a running container."""
        return set(self._compose("ps", "--services", quiet=True).split())

    def _compose(self, *arguments: str, quiet: bool = False) -> str:
        # the folder must be this user's, and Docker would make it root's
        (BUILD / "model" / "model").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(  # noqa: S603 - the user's own docker
            ["docker", "compose", "--project-directory", str(ROOT), *arguments],  # noqa: S607
            cwd=ROOT,
            env=os.environ | dict(self._settings.values) | {"DOCKER_GROUP": self._group()},
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.PIPE if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout or ''}{done.stderr or ''}".strip()
            raise StackError(f"docker compose {arguments[0]} failed:\n{said[-3000:]}")
        return done.stdout or ""
