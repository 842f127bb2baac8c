"""The command in the hands of somebody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployment import __main__ as command
from deployment.problem import DeploymentError
from deployment.settings import Settings

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ENDPOINT_URL": NOWHERE,
    }
    return subprocess.run(
        [sys.executable, "-m", "deployment", *arguments],
        cwd=ROOT,
        env=kept | nobody | environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        ([], {}, "no region: set AWS_DEFAULT_REGION"),
        (["destroy"], {"AWS_DEFAULT_REGION": "eu-west-1"}, "no AWS credentials"),
        ([], {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_PROFILE": "nobody"}, "no AWS credentials"),
        (["--dry-run"], {"ARCHITECTURE": "mips"}, "'mips' is not one of arm64, x86_64"),
        (["destroy"], {"ALL": "yes", "AWS_DEFAULT_REGION": "eu-west-1"}, "ALL=yes: it is 1"),
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


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["deployment", *arguments])
    return command.main()


@pytest.mark.usefixtures("small_packages")
def test_a_dry_run_without_an_account_prints_the_whole_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    assert main(monkeypatch, "--dry-run") == 0
    said = capsys.readouterr().out
    assert said.startswith("no region is set: this is for eu-central-1\n")
    assert f"not AWS, but {NOWHERE}: AWS_ENDPOINT_URL_S3 is set" in said
    for thing in ("package of riskstack-etl for arm64", "AWS::ApiGateway::Stage", "upload s3://"):
        assert thing in said
    assert said.endswith("nothing was changed\n")


@pytest.mark.usefixtures("empty_aws")
@pytest.mark.parametrize(
    ("error", "status", "traced"),
    [
        (TypeError("x"), 1, True),
        (DeploymentError("y"), 1, False),
        (KeyboardInterrupt(), 130, False),
    ],
)
def test_only_an_error_of_the_deployment_itself_has_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    traced: bool,
) -> None:
    def fail(_: object) -> dict[str, str]:
        raise error

    monkeypatch.setattr(command, "deploy", fail)
    assert main(monkeypatch) == status
    assert ("Traceback" in capsys.readouterr().err) is traced


@pytest.mark.usefixtures("empty_aws")
def test_what_was_deployed_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {"ApiUrl": "https://api"}
    proven = []
    monkeypatch.setattr(command, "deploy", lambda _: outputs)
    monkeypatch.setattr(command, "prove", lambda _, given: proven.append(given))
    assert main(monkeypatch) == 0
    assert proven == [outputs]


@pytest.mark.usefixtures("empty_aws")
def test_nothing_is_removed_where_nothing_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(monkeypatch, "destroy", "--dry-run") == 0
    assert "there is nothing that a deployment has made" in capsys.readouterr().out


def test_an_interruption_before_anything_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> Settings:
        raise KeyboardInterrupt

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(Settings, "from_environment", interrupt)
    assert main(monkeypatch) == 130
    assert "interrupted; CloudFormation goes on by itself" in capsys.readouterr().err
