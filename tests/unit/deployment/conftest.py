from pathlib import Path

import pytest

from deployment.packages.archive import Package, pack
from deployment.packages.build import Code
from deployment.packages.wheels import Target


@pytest.fixture
def small_packages(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """Packages of one file each, without wheels; gives the targets that were built for."""
    targets: list[Target] = []

    def build(code: Code, target: Target) -> Package:
        targets.append(target)
        return pack(code.name, {"code.py": code.name.encode()})

    monkeypatch.setattr("deployment.undertaking.build", build)
    return targets


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parents[3]
