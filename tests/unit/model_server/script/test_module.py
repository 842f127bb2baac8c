import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model_server.model.predictor import ModelError
from model_server.script import module


@pytest.fixture(autouse=True)
def _modules_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def written(folder: Path, name: str, text: str = "") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_inference_py_in_code_is_found_by_itself(tmp_path: Path) -> None:
    assert module.locate(tmp_path, "", None) is None
    path = written(tmp_path, "code/inference.py")

    assert module.locate(tmp_path, "", None) == path


@pytest.mark.parametrize("program", ["score.py", "score", "sub/score.py"])
def test_a_program_may_be_named_and_lie_elsewhere(tmp_path: Path, program: str) -> None:
    name = program if program.endswith(".py") else f"{program}.py"
    beside, elsewhere = written(tmp_path, f"code/{name}"), written(tmp_path, f"other/{name}")

    assert module.locate(tmp_path, program, None) == beside
    assert module.locate(tmp_path, program, tmp_path / "other") == elsewhere


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"SAGEMAKER_PROGRAM names score\.py, and there is no"):
        module.locate(tmp_path, "score.py", None)


def test_a_file_is_imported_with_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "the_neighbour.py", "THERE = 1\n")
    path = written(tmp_path, "the_inference.py", "from the_neighbour import THERE\nclass A: ...\n")

    loaded = module.load(path)

    assert loaded.THERE == 1
    assert loaded.A.__module__ == "the_inference"
    assert sys.modules["the_inference"] is loaded


def test_a_file_is_imported_anew_each_time(tmp_path: Path) -> None:
    first = module.load(written(tmp_path, "one/the_inference.py", "A = 1\n"))
    second = module.load(written(tmp_path, "two/the_inference.py", "A = 2\n"))

    assert (first.A, second.A) == (1, 2)


@pytest.mark.parametrize("name", ["json.py", "numpy.py"])
def test_the_name_of_an_installed_module_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"{name} has the name of an installed module"):
        module.load(written(tmp_path, name))

    assert sys.modules["numpy"] is np


def test_what_is_no_python_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no Python file"):
        module.load(written(tmp_path, "the_inference.txt"))


def test_requirements_that_are_not_installed_are_told() -> None:
    requirements = """
    # a comment
    --index-url elsewhere
    numpy>=1
    xgboost-or-not==1.0 ; python_version > "3"
    pytest[extra] == 0.0.1  # another version
    """

    assert list(module.unsatisfied(requirements)) == [
        'xgboost-or-not==1.0 ; python_version > "3"',
        "pytest[extra] == 0.0.1  # another version",
    ]
