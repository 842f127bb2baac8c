"""What the tables of tests and documents rely on: that a named test is found and read as it is."""

from pathlib import Path

import pytest

from tests import citation

MODULE = '''
"""Facts of nobody."""

LIMIT = 64
WORDS = [LIMIT, "aws/sagemaker-xgboost-container"]


@pytest.fixture
def endpoint():
    return "fixture of an endpoint"


@pytest.mark.parametrize("word", WORDS)
def test_of_words(word):
    assert word


def test_of_an_endpoint(endpoint):
    """RFC 9110 has it."""


class TestOfJobs:
    def test_of_words(self):
        assert "job"


def no_test():
    pass
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(citation, "TESTS", tmp_path)
    (tmp_path / "test_a.py").write_text(MODULE.lstrip())
    (tmp_path / "stand.py").write_text("def no_test(): ...\n")
    return "test_a.py"


def test_a_test_is_there_by_its_path_and_its_name(module: str) -> None:
    for reference in (
        module,
        f"tests/{module}",
        f"{module}::test_of_words",
        f"{module}::TestOfJobs::test_of_words",
    ):
        assert citation.exists(reference), reference


@pytest.mark.parametrize(
    "reference",
    [
        "test_b.py",
        "stand.py",
        "test_a.py::test_of_nothing",
        "test_a.py::no_test",
        "test_a.py::TestOfJobs::test_of_an_endpoint",
        "test_a",
    ],
)
@pytest.mark.usefixtures("module")
def test_anything_else_is_not(reference: str) -> None:
    assert not citation.exists(reference)


def test_a_test_says_what_it_uses_and_nothing_else(module: str) -> None:
    of_words = citation.text(f"{module}::test_of_words")
    of_an_endpoint = citation.text(f"{module}::test_of_an_endpoint")

    assert "LIMIT = 64" in of_words
    assert "parametrize" in of_words
    assert "fixture of an endpoint" not in of_words
    assert "fixture of an endpoint" in of_an_endpoint
    assert "LIMIT" not in of_an_endpoint
    assert "job" in citation.text(f"{module}::TestOfJobs::test_of_words")


def test_a_source_is_named_by_the_test_by_what_it_uses_or_by_its_module(module: str) -> None:
    assert citation.names_a_source(f"{module}::test_of_words")
    assert citation.names_a_source(f"{module}::test_of_an_endpoint")
    assert not citation.names_a_source(f"{module}::TestOfJobs::test_of_words")
