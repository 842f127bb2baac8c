"""What a function imports from elsewhere: wheels for the machine that it runs on, by their hashes.

uv fetches them; nothing is built here, and nothing that the lock does not name comes in.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deployment.problem import DeploymentError

_PLATFORMS = {
    # python3.13 runs on Amazon Linux 2023 (Lambda developer guide, "Lambda runtimes"), whose glibc
    # is 2.34 (AL2023 user guide)
    "arm64": "aarch64-manylinux_2_34",
    "x86_64": "x86_64-manylinux_2_34",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a function runs on."""

    architecture: str
    """As Lambda names it."""
    python: str
    """Its version, such as 3.13."""

    @classmethod
    def of(cls, architecture: str, runtime: str) -> "Target":
        """Read a function's Architectures and Runtime.

        Raises:
            DeploymentError: packages are not built for that.
        """
        if architecture not in _PLATFORMS:
            known = " or ".join(_PLATFORMS)
            raise DeploymentError(f"ARCHITECTURE={architecture}: it is {known}")
        if not runtime.startswith("python3."):
            raise DeploymentError(f"Runtime: {runtime}: packages are built for python3 alone")
        return cls(architecture, runtime.removeprefix("python"))


def install(lock: Path, target: Target, folder: Path) -> None:
    """Install what a lock names into a folder.

    Raises:
        DeploymentError: uv cannot; its own words are in the text.
    """
    done = subprocess.run(  # noqa: S603 - the project's own tool
        [
            Path(sys.executable).with_name("uv"),
            *("pip", "install", "--quiet", "--requirement", lock, "--target", folder),
            *("--python-platform", _PLATFORMS[target.architecture]),
            *("--python-version", target.python),
            *("--python", sys.executable),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
            *("--link-mode", "copy"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeploymentError(
            f"the wheels of {lock.name} for {target.architecture} and Python {target.python} cannot"
            f" be had: {done.stderr.strip()}"
        )
