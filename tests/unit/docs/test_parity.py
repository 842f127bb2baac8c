"""docs/parity.md: every row names a test that exists, or the message that refuses the feature.

A test is named by its path, with `::` and its name where one is meant, by its file alone where the
section says under which folder it is, or by a letter that the section gives a file. Whether the
test proves the row is for a reader to judge; tests/conformance/test_*_coverage.py judges the
contracts that a service model lists.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests import citation

ROOT = Path(__file__).parents[3]
PARITY = ROOT / "docs" / "parity.md"
MAKEFILE = (ROOT / "Makefile").read_text()
PACKAGES = re.findall(r"^PACKAGES := (.*)$", MAKEFILE, re.MULTILINE)[0].split()

HEADER = ["feature", "", ""]
STATES = {"emulated", "differs", "refused", "not there"}

LETTER = re.compile(r"`(tests/[\w/]+\.py)` \(([A-Z])\b")
FOLDER = re.compile(r"under `(tests/[\w/]+)/?`")
SPAN = re.compile(r"`([^`]+)`")
NAMED_TEST = re.compile(r"(?:tests/)?((?:[\w-]+/)*test_\w+\.py(?:::\w+)*)")
PLACEHOLDER = re.compile(r"<[^>]+>|…")
FILLED_IN = "\0"
MIN_WORDS = 3
"""Fewer words are in too many texts to tell a message."""


@dataclass
class Section:
    """A section of the document: the names it gives to tests, and the rows of its tables."""

    title: str
    letters: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def proofs(self, row: list[str]) -> Iterator[str]:
        """Give the tests that a row names, each as a reference below tests/."""
        said = row[-1]
        for span in SPAN.findall(said):
            if named := NAMED_TEST.fullmatch(span):
                yield self._below_a_folder(named[1])
        for letter in re.findall(r"\b([A-Z])(?=[,;]|$)", SPAN.sub("", said)):
            if letter in self.letters:
                yield self.letters[letter]

    def messages(self, row: list[str]) -> list[str]:
        """Give the messages by which a row says that the feature is refused."""
        if row[1] != "refused":
            return []
        return [span for span in SPAN.findall(row[-1]) if " " in span]

    def is_proven(self, row: list[str]) -> bool:
        proofs = list(self.proofs(row))
        return bool(proofs or self.messages(row)) and all(map(citation.exists, proofs))

    def _below_a_folder(self, name: str) -> str:
        path, _, test = name.partition("::")
        if "/" in path:
            return name
        for folder in self.folders:
            for found in (ROOT / folder).rglob(path):
                reference = "::".join(filter(None, (str(found.relative_to(ROOT)), test)))
                if citation.exists(reference):
                    return reference
        return name


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def read() -> list[Section]:
    """Read the document: a table belongs to the section above it, and so do its letters."""
    sections: list[Section] = []
    is_table = False
    for title, text in re.findall(
        r"^## (.*)\n((?:(?!^## ).*\n?)*)", PARITY.read_text(), re.MULTILINE
    ):
        section = Section(title)
        prose = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE).replace("\n", " ")
        section.letters = {letter: path for path, letter in LETTER.findall(prose)}
        section.folders = FOLDER.findall(prose)
        for line in text.splitlines():
            if not line.startswith("|"):
                is_table = False
            elif cells(line) == HEADER:
                is_table = True
            elif is_table and not re.fullmatch(r"[|\s:-]+", line):
                section.rows.append(cells(line))
        if section.rows:
            sections.append(section)
    return sections


SECTIONS = read()
each_section = pytest.mark.parametrize(
    "section", SECTIONS, ids=[section.title.partition(":")[0] for section in SECTIONS]
)


def test_every_service_has_its_section() -> None:
    assert len(SECTIONS) > 5
    assert sum(len(section.rows) for section in SECTIONS) > 100


@each_section
def test_every_row_names_a_test_or_a_refusal(section: Section) -> None:
    assert [row[0] for row in section.rows if len(row) != len(HEADER)] == []
    assert {row[1] for row in section.rows} <= STATES
    missing = "\n".join(row[0] for row in section.rows if not section.is_proven(row))
    assert not missing, f"rows of {section.title!r} without a test and a refusal:\n{missing}"


@each_section
def test_every_letter_is_a_test_and_is_used(section: Section) -> None:
    assert [path for path in section.letters.values() if not citation.exists(path)] == []
    used = {proof for row in section.rows for proof in section.proofs(row)}
    assert set(section.letters.values()) <= used


@each_section
def test_every_refusal_is_worded_as_in_the_code(section: Section) -> None:
    messages = [message for row in section.rows for message in section.messages(row)]
    unknown = "\n".join(message for message in messages if not stands_in(message, PACKAGES))
    assert not unknown, f"nothing in the code of {', '.join(PACKAGES)} says:\n{unknown}"


@each_section
def test_every_refusal_has_a_test(section: Section) -> None:
    unproven = "\n".join(
        message
        for row in section.rows
        for message in section.messages(row)
        if not any(section.proofs(row)) and not stands_in(message, ("tests",))
    )
    assert not unproven, f"name a test in the row, or write one that says:\n{unproven}"


def stands_in(message: str, folders: Iterable[str]) -> bool:
    """Tell whether code has a text that gives a message, or of which it is a part."""
    excerpt = pattern(PLACEHOLDER.sub(FILLED_IN, message))
    return any(
        pattern(text).search(message) or excerpt.search(text)
        for folder in folders
        for text in texts(folder)
    )


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Give what finds a text, whatever is filled in."""
    return re.compile(".*".join(map(re.escape, text.split(FILLED_IN))))


@cache
def texts(folder: str) -> frozenset[str]:
    """Give the texts of some words in a folder's code; what is filled into one is marked."""
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(map(constant, parts))
            if len(re.findall(r"\w+", text)) >= MIN_WORDS:
                found.add(text)
    return frozenset(found)


def constant(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return FILLED_IN
