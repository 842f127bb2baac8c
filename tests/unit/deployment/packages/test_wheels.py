from pathlib import Path

import pytest

from deployment.packages.wheels import Target, install
from deployment.problem import DeploymentError


def test_a_target_is_what_the_template_says() -> None:
    assert Target.of("arm64", "python3.13") == Target("arm64", "3.13")


@pytest.mark.parametrize(
    ("architecture", "runtime", "says"),
    [
        ("mips", "python3.13", "ARCHITECTURE=mips: it is arm64 or x86_64"),
        ("arm64", "nodejs22.x", "nodejs22.x: packages are built for python3 alone"),
    ],
)
def test_another_target_is_refused(architecture: str, runtime: str, says: str) -> None:
    with pytest.raises(DeploymentError, match=says):
        Target.of(architecture, runtime)


@pytest.mark.parametrize(
    "lock", ["six==1.17.0\n", "six==1.17.0 --hash=sha256:" + "0" * 64 + "\n", "-r nowhere.txt\n"]
)
def test_what_has_no_hash_or_another_is_not_installed(tmp_path: Path, lock: str) -> None:
    file = tmp_path / "lock.txt"
    file.write_text(lock)
    with pytest.raises(
        DeploymentError, match=r"the wheels of lock\.txt for arm64 and Python 3\.13"
    ):
        install(file, Target("arm64", "3.13"), tmp_path / "installed")
