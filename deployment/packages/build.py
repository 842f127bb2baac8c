"""Builds a function's package: its own modules, the contract, and its locked dependencies.

boto3 is among them, though the runtime has one: what was tested is what runs, and AWS advises so
(Lambda developer guide, "Working with .zip file archives for Python Lambda functions", "Runtime
dependencies in Python").
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deployment.packages.archive import Package, pack
from deployment.packages.wheels import Target, install
from riskstack.emulator.template import Resource

_SHARED = ("riskstack/__init__.py", "riskstack/contract")
_LOCAL = "local.py"
"""Serves a function on this machine; Lambda has no use for it."""
_OF_THE_INSTALLER = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}
"""What uv writes beside a package's metadata; it names this machine's interpreter."""


@dataclass(frozen=True, slots=True)
class Code:
    """Where the code of a function is."""

    name: str
    """Of its folder, and of its package."""
    root: Path

    @classmethod
    def of(cls, function: Resource, root: Path) -> "Code":
        """Read a function's Handler: its first part is the folder."""
        return cls(function.properties["Handler"].partition(".")[0], root)

    @property
    def lock(self) -> Path:
        """The file that names its dependencies."""
        return self.root / "requirements" / f"{self.name}-function.txt"

    @property
    def built(self) -> Path:
        """Where its package lies unpacked: its CodeUri in deploy/app.yaml."""
        return self.root / "build" / "functions" / self.name

    @property
    def archive(self) -> Path:
        """The package."""
        return self.built.with_suffix(".zip")


def build(code: Code, target: Target) -> Package:
    """Build a package; leave it packed and unpacked in build/functions/.

    Raises:
        DeploymentError: a wheel is not to be had, or the package is too large.
    """
    shutil.rmtree(code.built, ignore_errors=True)
    install(code.lock, target, code.built)
    for path in _installed(code.built):
        path.unlink()
    for path in _own(code):
        copy = code.built / path.relative_to(code.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    package = pack(
        code.name,
        {path.relative_to(code.built).as_posix(): path.read_bytes() for path in _files(code.built)},
    )
    code.archive.write_bytes(package.content)
    return package


def _own(code: Code) -> Iterator[Path]:
    for name in (code.name, *_SHARED):
        source = code.root / name
        for path in [source] if source.is_file() else _files(source):
            if path != code.root / code.name / _LOCAL and "__pycache__" not in path.parts:
                yield path


def _installed(folder: Path) -> Iterator[Path]:
    """Give what an installation leaves that is no part of what was installed."""
    for path in list(_files(folder)):
        first, *_ = path.relative_to(folder).parts
        of_installer = first.endswith(".dist-info") and path.name in _OF_THE_INSTALLER
        # scripts, which begin with this machine's interpreter, and uv's lock
        if of_installer or first in {"bin", ".lock"}:
            yield path


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
