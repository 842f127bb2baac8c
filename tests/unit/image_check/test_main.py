"""The command, where nothing can be checked; the rest: tests/e2e/test_image_check.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from image_check.__main__ import main


def test_no_engine_is_one_clear_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "image_check", "some/image"],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"DOCKER_HOST": "unix:///nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("image_check: no Docker Engine answers")
    assert done.stderr.count("\n") == 1


def test_wrong_usage_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["some/image", "--env", "?"]) == 2

    assert capsys.readouterr().err.startswith("image_check: --env ?: expected KEY=VALUE")
