"""The engine's command line, with a program in its place that notes what it is told."""

import json
import sys
from pathlib import Path

import pytest

from push.engine import Docker, Image
from push.problem import PushError
from push.registry import Login

INSPECTED = [{"Id": "sha256:1a", "Os": "linux", "Architecture": "arm64", "Size": 7}]
PROGRAM = f"""#!{sys.executable}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
secrets = os.environ.get("DOCKER_CONFIG", "")
with (here / "log").open("a") as log:
    log.write(json.dumps({{
        "arguments": sys.argv[1:],
        "said": sys.stdin.read(),
        "secrets": secrets,
        "host": os.environ.get("DOCKER_HOST"),
        "configuration": (pathlib.Path(secrets) / "config.json").read_text() if secrets else "",
    }}) + "\\n")
fault = here / f"fault-{{sys.argv[1]}}"
if fault.exists():
    sys.exit(fault.read_text())
if sys.argv[1:3] == ["image", "inspect"]:
    print({json.dumps(INSPECTED)!r})
if sys.argv[1] == "context":
    print("unix:///run/mine.sock")
"""
LOGIN = Login("https://host.example", "AWS", "the-password")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program is, its log, and what it is to fail with."""
    program = tmp_path / "docker"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("DOCKER_CONFIG", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def log(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


def commands(folder: Path) -> list[str]:
    return [" ".join(one["arguments"]) for one in log(folder)]


def test_a_build_is_for_one_platform_and_without_what_sagemaker_refuses(folder: Path) -> None:
    assert Docker(folder).build("linux/arm64") == Image("sha256:1a", "linux/arm64", 7)
    built, inspected = commands(folder)
    assert built == (
        "buildx build --platform linux/arm64 --tag riskstack/model_server:linux-arm64"
        " --provenance=false --sbom=false --output type=docker"
        " --file model_server/Dockerfile ."
    )
    assert inspected == "image inspect riskstack/model_server:linux-arm64"


def test_the_password_goes_in_by_standard_input_and_stays_nowhere(folder: Path) -> None:
    Docker(folder).push("sha256:1a", "host.example/a:1", LOGIN)
    assert commands(folder) == [
        "context inspect --format {{.Endpoints.docker.Host}}",
        "login --username AWS --password-stdin host.example",
        "tag sha256:1a host.example/a:1",
        "push host.example/a:1",
        "image rm host.example/a:1",
    ]
    said = {one["arguments"][0]: one["said"] for one in log(folder)}
    assert said.pop("login") == "the-password"
    assert not any(said.values())
    assert "the-password" not in "".join(commands(folder))


def test_the_users_configuration_is_left_alone_but_for_its_engine(folder: Path) -> None:
    Docker(folder).push("sha256:1a", "host.example/a:1", LOGIN)
    _, login, tag, push, _ = log(folder)
    assert login["secrets"] == push["secrets"] != ""
    assert login["host"] == push["host"] == "unix:///run/mine.sock"
    assert json.loads(login["configuration"]) == {"auths": {"host.example": {}}}
    assert not Path(login["secrets"]).exists()
    assert (tag["secrets"], bool(tag["host"])) == ("", False)


def test_an_engine_that_is_named_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://named:1")
    Docker(folder).push("sha256:1a", "host.example/a:1", LOGIN)
    assert {one["host"] for one in log(folder)} == {"tcp://named:1"}


@pytest.mark.parametrize(
    ("command", "fault", "says"),
    [
        ("login", "401 Unauthorized", "host.example does not let AWS in: 401 Unauthorized"),
        ("tag", "no such image", "the image cannot be tagged: no such image"),
        ("push", "denied: quota", "the image does not go to host.example: denied: quota"),
        ("push", "Cannot connect to the Docker daemon at x", "no Docker Engine answers"),
    ],
)
def test_a_failed_push_says_why(folder: Path, command: str, fault: str, says: str) -> None:
    (folder / f"fault-{command}").write_text(fault)
    with pytest.raises(PushError, match=says):
        Docker(folder).push("sha256:1a", "host.example/a:1", LOGIN)
    # a second name of the image does not stay
    tagged = "push host.example/a:1" in commands(folder)
    assert ("image rm host.example/a:1" in commands(folder)) is tagged


def test_a_failed_build_says_what_to_look_at(folder: Path) -> None:
    (folder / "fault-buildx").write_text("exec format error")
    with pytest.raises(PushError, match=r"does not build for linux/arm64.*install QEMU"):
        Docker(folder).build("linux/arm64")


def test_an_image_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "fault-image").write_text("No such image: mine")
    with pytest.raises(PushError, match="the engine has no image mine"):
        Docker(folder).inspect("mine")


def test_no_docker_at_all_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PushError, match="install Docker"):
        Docker(tmp_path).inspect("mine")
