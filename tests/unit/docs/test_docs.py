import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from etl.core import application_id
from riskstack.contract.application import Channel
from riskstack.contract.features import FEATURES

ROOT = Path(__file__).parents[3]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / ".ci" / "README.md",
        ROOT / "seed" / "data" / "README.md",
    ]
)

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
CITED_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
MAKE = re.compile(r"\bmake (?:-\w+ )*([a-z][\w-]*)")
SUFFIXES = {".csv", ".json", ".md", ".py", ".sh", ".svg", ".toml", ".txt", ".yaml", ".yml"}
MADE_BY_TOOLS = {".git", ".hypothesis", ".venv", "build", "__pycache__"}

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(document.relative_to(ROOT)) for document in DOCUMENTS]
)


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text())


def blocks(document: Path) -> Iterator[tuple[list[str], str]]:
    """Give the words beside each fence and what stands between."""
    for words, text in FENCE.findall(document.read_text()):
        yield words.split(), text


def code(document: Path) -> str:
    """Give everything that is written as code."""
    fenced = [text for _, text in blocks(document)]
    return "\n".join([*fenced, *SPAN.findall(prose(document))])


def anchor(heading: str) -> str:
    """Give the name by which a link finds a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@cache
def repository() -> frozenset[str]:
    """Give every path of the repository, with a slash before it; folders also with one behind."""
    paths = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE_BY_TOOLS]
        inside = folder.removeprefix(str(ROOT))
        paths |= {f"{inside}/{name}" for name in [*files, *folders]}
        paths |= {f"{inside}/{name}/" for name in folders}
    return frozenset(paths)


def names_a_path(text: str) -> bool:
    if not PATH.fullmatch(text) or text.startswith("build/"):
        return False
    first = text.partition("/")[0]
    is_top = "/" in text and (ROOT / first).exists()
    return is_top or text.endswith("/") or Path(text).suffix in SUFFIXES


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(prose(document)):
        if link.startswith(("http://", "https://")):
            continue
        file, _, heading = link.partition("#")
        target = (document.parent / file) if file else document
        assert target.exists(), link
        if heading:
            assert heading in map(anchor, HEADING.findall(target.read_text())), link


@each_document
def test_every_path_that_is_named_exists(document: Path) -> None:
    named = [text for text in SPAN.findall(prose(document)) if names_a_path(text)]
    # in a table of a folder's files, a path begins in that folder
    missing = [
        text for text in named if not any(path.endswith(f"/{text}") for path in repository())
    ]
    assert missing == []


@each_document
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(code(document))) <= targets


@each_document
def test_every_cited_test_exists(document: Path) -> None:
    for file, name in CITED_TEST.findall(document.read_text()):
        tree = ast.parse((ROOT / file).read_text())
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{file}::{name}"


@each_document
def test_blocks_that_a_test_runs_are_of_a_kind_that_it_can_run(document: Path) -> None:
    for words, text in blocks(document):
        if "e2e" in words:
            assert words in (["sh", "e2e"], ["python", "e2e"])
            assert text.strip()
        if words[:1] == ["python"]:
            ast.parse(text)


def test_every_invariant_names_a_test() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.partition("\n## What must stay true\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    assert [row for row in rows if not CITED_TEST.search(row)] == []


def test_the_code_map_has_every_folder() -> None:
    makefile = (ROOT / "Makefile").read_text()
    packages = re.findall(r"^PACKAGES := (.*)$", makefile, re.MULTILINE)[0].split()
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert [name for name in packages if not re.search(rf"^\| `{name}/", text, re.MULTILINE)] == []


@pytest.mark.parametrize("record", DECISIONS, ids=[record.stem for record in DECISIONS])
def test_a_decision_record_has_its_parts(record: Path) -> None:
    number = DECISIONS.index(record) + 1
    assert record.name.startswith(f"{number:04}-")
    title, *parts = HEADING.findall(record.read_text())
    assert title.startswith(f"{number}. ")
    assert parts == ["Context", "Decision", "Consequences"]


def test_the_readme_asks_for_the_application_that_it_sends() -> None:
    text = (ROOT / "README.md").read_text()
    (key,) = re.findall(r"Idempotency-Key: ([\w-]+)", text)
    assert set(re.findall(r"/applications/(app-\w+)", text)) == {
        application_id(Channel.WEBFORM, key)
    }


@each_document
def test_a_row_that_is_shown_has_a_number_for_every_feature(document: Path) -> None:
    for row in re.findall(r"\b\d+(?:,\d+){9,}", document.read_text()):
        assert row.count(",") + 1 == len(FEATURES)
