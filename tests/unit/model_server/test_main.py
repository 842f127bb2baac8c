import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_server.__main__ import main
from model_server.serving import server
from model_server.settings import Settings
from model_server.training import job


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [([], "no command"), (["help"], "help"), (["serve", "now"], "serve now")],
)
def test_another_command_is_refused(
    arguments: list[str], found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        f"usage: python -m model_server serve | train\nfound: {found}\n"
    )


def test_a_bad_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", "none")

    assert main(["serve"]) == 2
    assert capsys.readouterr().err.startswith("SAGEMAKER_BIND_TO_PORT: expected a number")


@pytest.mark.parametrize(("command", "code"), [("serve", 0), ("train", 143)])
def test_sigterm_ends_a_command_with_its_code(
    command: str, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(settings: Settings) -> int:
        assert settings.base == tmp_path
        os.kill(os.getpid(), signal.SIGTERM)
        return 99

    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(server, "serve", stop)
    monkeypatch.setattr(job, "run", stop)
    monkeypatch.setattr("model_server.logs.start", lambda _level: None)

    with pytest.raises(SystemExit) as stopped:
        main([command])

    assert stopped.value.code == code


def test_training_needs_no_web_server() -> None:
    code = (
        "import sys; from model_server.__main__ import main; import model_server.training.job;"
        "print(sorted({'fastapi', 'uvicorn', 'riskstack'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert result.stdout == b"[]\n"
