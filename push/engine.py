"""The Docker Engine, through its own command line: it knows contexts, builders and emulation.

A password goes in by standard input, and into a folder that is gone when the push is over: neither
a process list nor the user's own configuration ever holds it.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from push.problem import PushError
from push.registry import Login


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the engine: its digest there, its platform, its size in bytes."""

    id: str
    platform: str
    size: int


class Engine(Protocol):
    """What a push asks of an engine; each raises PushError where it fails."""

    def build(self, platform: str) -> Image:
        """Build the image of model_server for a platform."""

    def inspect(self, name: str) -> Image:
        """Look at an image that is there."""

    def push(self, image_id: str, reference: str, login: Login) -> None:
        """Put an image into a registry under a name."""


class Docker:
    """The engine that the `docker` command reaches."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def build(self, platform: str) -> Image:
        """Build model_server/Dockerfile; the build's progress goes to standard error."""
        name = f"riskstack/model_server:{platform.replace('/', '-')}"
        command = [
            *("docker", "buildx", "build", "--platform", platform, "--tag", name),
            # SageMaker refuses OCI manifests, and an attestation makes one
            # (aws/amazon-sagemaker-feedback #180)
            *("--provenance=false", "--sbom=false", "--output", "type=docker"),
            *("--file", "model_server/Dockerfile", "."),
        ]
        self._run(
            command,
            f"the image does not build for {platform}: the output above says why; `exec format"
            " error` there means that the engine cannot run that platform (docs.docker.com,"
            " multi-platform builds: install QEMU)",
            shown=True,
        )
        return self.inspect(name)

    def inspect(self, name: str) -> Image:
        """Look at an image that is there."""
        said = self._run(
            ["docker", "image", "inspect", name],
            f"the engine has no image {name}: build it, or leave IMAGE out",
        )
        (found,) = json.loads(said)
        return Image(found["Id"], f"{found['Os']}/{found['Architecture']}", found["Size"])

    def push(self, image_id: str, reference: str, login: Login) -> None:
        """Log in for this one push, and push."""
        with tempfile.TemporaryDirectory(prefix="riskstack-push-") as folder:
            # an entry without a password keeps docker from looking for a store of its own
            configuration: dict[str, Any] = {"auths": {login.host: {}}}
            (Path(folder) / "config.json").write_text(json.dumps(configuration))
            # the user's contexts are in the configuration that this one stands for
            environ = {"DOCKER_CONFIG": folder, "DOCKER_HOST": self._host()}
            self._run(
                ["docker", "login", "--username", login.user, "--password-stdin", login.host],
                f"{login.host} does not let {login.user} in",
                environ=environ,
                said=login.password,
            )
            self._run(["docker", "tag", image_id, reference], "the image cannot be tagged")
            try:
                self._run(
                    ["docker", "push", reference],
                    f"the image does not go to {login.host}",
                    environ=environ,
                )
            finally:
                self._run(["docker", "image", "rm", reference], "the image keeps its second name")

    def _host(self) -> str:
        form = "{{.Endpoints.docker.Host}}"
        command = ["docker", "context", "inspect", "--format", form]
        return os.environ.get("DOCKER_HOST") or self._run(command, "no engine is named").strip()

    def _run(
        self,
        command: Sequence[str],
        failure: str,
        *,
        environ: Mapping[str, str] | None = None,
        said: str | None = None,
        shown: bool = False,
    ) -> str:
        """Run a command of docker; give what it writes."""
        try:
            done = subprocess.run(  # noqa: S603 - the user's own docker
                command,
                cwd=self._root,
                env=os.environ | dict(environ or {}),
                input=said,
                stdin=None if said is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=None if shown else subprocess.PIPE,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise PushError("there is no docker command here: install Docker") from error
        if done.returncode:
            reason = (done.stderr or "").strip()
            if "Cannot connect to the Docker daemon" in reason:
                raise PushError("no Docker Engine answers: start it, and push again")
            raise PushError(f"{failure}: {reason[-1000:]}" if reason else failure)
        return done.stdout
