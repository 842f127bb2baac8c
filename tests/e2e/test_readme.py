"""The commands of the README that talk to a running stack."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_stack import RunningStack

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```(sh|python) e2e\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("language", "code"), BLOCKS, ids=[language for language, _ in BLOCKS])
def test_what_the_readme_shows_works(stack: RunningStack, language: str, code: str) -> None:
    program = {"sh": ["bash", "-euo", "pipefail"], "python": [sys.executable]}[language]
    done = subprocess.run(
        [*program, "-c", code],
        env=os.environ | stack.settings.exports(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_readme_shows_both_languages() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "python"}
