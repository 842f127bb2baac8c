"""A test as a table or a document names it: whether it exists, what it says, and whence its facts.

A reference is `path.py` or `path.py::name`, below tests/ or with it. Read by `ast`, nothing is run.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent

SOURCE = re.compile(
    r"botocore|service model|developer guide|the guide: |docs\.aws\.amazon\.com"
    # AWS's guides and images as the contracts call them
    r"|\bAWS-\w+|\b(?:XGB|SMC|SIT|DLC)\b"
    r"|\baws(?:labs)?/[\w-]+|\b[\w-]+/[\w-]+ #\d+|\bRFC \d+"
)
"""What counts as naming the source of a fact about AWS."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that a module defines: its text, and the names that it uses."""

    text: str
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Module:
    """A module of tests: its docstring, its tests, and what it defines beside."""

    docstring: str
    tests: dict[str, Definition]
    others: dict[str, Definition]


def module(path: str) -> Module | None:
    """Read a module, or give None where there is none."""
    file = TESTS / path.removeprefix("tests/")
    return _read(file) if file.suffix == ".py" and file.is_file() else None


def exists(reference: str) -> bool:
    """Tell whether there is such a test, or such a module with a test in it."""
    path, _, name = reference.partition("::")
    found = module(path)
    return found is not None and (name in found.tests if name else bool(found.tests))


def text(reference: str) -> str:
    """Give what a test says: itself with its decorators, and all of its module that it uses."""
    path, _, name = reference.partition("::")
    found = module(path)
    assert found is not None, path
    known = found.others | found.tests
    names, read = [name], set[str]()
    while names:
        each = names.pop()
        if each in known and each not in read:
            read.add(each)
            names += known[each].uses
    return "\n".join(known[each].text for each in sorted(read))


def names_a_source(reference: str) -> bool:
    """Tell whether a test says where its facts are from, itself or on top of its module."""
    found = module(reference.partition("::")[0])
    assert found is not None, reference
    return SOURCE.search(found.docstring + text(reference)) is not None


@cache
def _read(file: Path) -> Module:
    source = file.read_text()
    lines = source.splitlines()
    tree = ast.parse(source)
    tests: dict[str, Definition] = {}
    others: dict[str, Definition] = {}
    for name, node in _named(tree.body):
        of = tests if name.rpartition("::")[2].startswith("test_") else others
        of[name] = Definition(_text(node, lines), frozenset(_used(node)))
    return Module(ast.get_docstring(tree) or "", tests, others)


def _named(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield node.name, node
            if node.name.startswith("Test"):
                yield from ((f"{node.name}::{name}", each) for name, each in _named(node.body))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node
        elif isinstance(node, ast.Assign):
            names = [each.id for each in node.targets if isinstance(each, ast.Name)]
            yield from ((name, node) for name in names)


def _text(node: ast.stmt, lines: list[str]) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _used(node: ast.stmt) -> Iterator[str]:
    """Give the names that a definition uses; a fixture is used as an argument."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.arg):
            yield each.arg
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            # fixtures that are only named: usefixtures("...")
            yield each.value
