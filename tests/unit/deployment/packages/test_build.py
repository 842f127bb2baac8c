import subprocess
from pathlib import Path

import pytest

from deployment.packages import build as module
from deployment.packages.build import Code, build
from deployment.packages.wheels import Target
from riskstack.emulator.template import Resource

TARGET = Target("arm64", "3.13")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one function, whose lock names a wheel with everything that wheels bring."""
    for name in (
        "etl/__init__.py",
        "etl/handler.py",
        "etl/local.py",
        "etl/channels/local.py",
        "etl/rules.json",
        "etl/__pycache__/handler.pyc",
        "riskstack/__init__.py",
        "riskstack/contract/record.py",
        "riskstack/emulator/poller.py",
        "router/core.py",
        "build/functions/etl/left_behind.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)

    def install(lock: Path, target: Target, folder: Path) -> None:
        assert lock == tmp_path / "requirements" / "etl-function.txt"
        assert target == TARGET
        for name in (
            ".lock",
            "bin/tool",
            "six.py",
            "six-1.dist-info/METADATA",
            "six-1.dist-info/RECORD",
            "six-1.dist-info/INSTALLER",
            "six-1.dist-info/REQUESTED",
            "six/RECORD",
        ):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)

    monkeypatch.setattr(module, "install", install)
    return tmp_path


def code(project: Path) -> Code:
    function = Resource("F", "AWS::Serverless::Function", {"Handler": "etl.handler.handler"})
    return Code.of(function, project)


def test_a_package_has_the_function_the_contract_and_its_wheels(project: Path) -> None:
    package = build(code(project), TARGET)
    folder = project / "build" / "functions" / "etl"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "etl/__init__.py",
        "etl/handler.py",
        "etl/channels/local.py",
        "etl/rules.json",
        "riskstack/__init__.py",
        "riskstack/contract/record.py",
        "six.py",
        "six-1.dist-info/METADATA",
        "six/RECORD",
    }
    assert folder.with_suffix(".zip").read_bytes() == package.content


def test_a_package_is_the_same_bytes_when_it_is_built_again(project: Path) -> None:
    first = build(code(project), TARGET)
    (project / "etl" / "handler.py").touch()
    assert build(code(project), TARGET) == first
    (project / "etl" / "handler.py").write_text("changed")
    assert build(code(project), TARGET).digest != first.digest


def test_the_code_uri_of_the_template_is_where_a_package_lies_unpacked() -> None:
    root = Path(__file__).parents[4]
    declared = subprocess.run(
        ["grep", "CodeUri", root / "deploy" / "app.yaml"],  # noqa: S607 - the system's own
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert declared[1::2] == ["../build/functions/etl", "../build/functions/router"]
    assert Code("etl", root).built == root / "build" / "functions" / "etl"
