"""The command in the hands of somebody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from push import __main__ as command
from push.engine import Image
from push.problem import PushError
from push.settings import Settings
from tests.unit.push.stand import MemoryEngine, MemoryRegistry

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ENDPOINT_URL": NOWHERE,
    }
    return subprocess.run(
        [sys.executable, "-m", "push", *arguments],
        cwd=ROOT,
        env=kept | nobody | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_dry_run_without_an_account_prints_the_whole_plan() -> None:
    done = run("--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"not AWS, but {NOWHERE}: AWS_ENDPOINT_URL is set" in done.stdout
    assert "no AWS credentials here" in done.stdout
    for thing in ("ECR repository", "S3 bucket", "execution role", "SageMaker endpoint credit"):
        assert thing in done.stdout
    assert done.stdout.endswith("nothing was changed\n")


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        (["--dry-run"], {"PLATFORM": "linux/386"}, "PLATFORM=linux/386: it is"),
        (["--dry-run"], {"AWS_DEFAULT_REGION": ""}, "no region: set AWS_DEFAULT_REGION"),
        (["--dry-run"], {"INSTANCE_TYPE": "ml.c7g.large"}, "set PLATFORM=linux/arm64"),
        (["destroy"], {}, "no AWS credentials"),
        (["destroy"], {"AWS_PROFILE": "nobody"}, "no AWS credentials"),
    ],
)
def test_a_failure_is_one_clear_message(
    arguments: list[str], environ: dict[str, str], says: str
) -> None:
    done = run(*arguments, **environ)
    assert done.returncode == 1
    assert done.stderr.startswith("riskstack: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


@pytest.fixture
def in_process(
    scores: None,  # noqa: ARG001 - the endpoint answers
    memory_registry: MemoryRegistry,
    model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> MemoryEngine:
    """Let the command find a trained model, an engine, a registry and AWS, but no Price List."""
    engine = MemoryEngine(memory_registry)
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", NOWHERE)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("REGISTRY_URL", f"http://{memory_registry.host}")
    monkeypatch.setattr("stack.model.FOLDER", model_folder.parent)
    monkeypatch.setattr("stack.model.is_current", lambda: True)
    monkeypatch.setattr(command, "Docker", lambda _: engine)
    return engine


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["push", *arguments])
    return command.main()


def test_it_is_put_there_and_removed_again(
    in_process: MemoryEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch) == 0
    assert len(in_process.pushed) == 1
    said = capsys.readouterr().out
    assert "score of a sample applicant" in said
    assert "could not be read" in said
    assert main(monkeypatch, "--dry-run") == 0
    assert "InService with credit-risk-2b2b2b2b-" in capsys.readouterr().out
    assert main(monkeypatch, "destroy", "--dry-run") == 0
    assert "would remove endpoint credit-risk\n" in capsys.readouterr().out
    assert main(monkeypatch, "destroy") == 0
    assert main(monkeypatch, "destroy") == 0
    assert "there is nothing that a push has made" in capsys.readouterr().out


@pytest.mark.usefixtures("in_process")
def test_a_model_of_other_sources_is_not_pushed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stack.model.is_current", lambda: False)
    assert main(monkeypatch) == 1
    assert "`make model`, then push again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "traced"),
    [(TypeError("x"), 1, True), (PushError("y"), 1, False), (KeyboardInterrupt(), 130, False)],
)
def test_only_an_error_of_the_push_itself_has_a_traceback(
    in_process: MemoryEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    traced: bool,
) -> None:
    def fail(_: str) -> Image:
        raise error

    monkeypatch.setattr(in_process, "build", fail)
    assert main(monkeypatch) == status
    said = capsys.readouterr().err
    assert "nothing was changed on AWS" in said
    assert ("Traceback" in said) is traced


def test_an_interruption_outside_of_a_push_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> Settings:
        raise KeyboardInterrupt

    monkeypatch.setattr(Settings, "from_environment", interrupt)
    assert main(monkeypatch) == 130
    assert "interrupted; `make push-model DESTROY=1`" in capsys.readouterr().err
