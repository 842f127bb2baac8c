"""The credit rules: decision tables in GoRules' JDM format, and the engine that runs them.

To change a rule, change eligibility.json (before the model) or assessment.json (after it); the
open JDM editor reads and writes both. Not: what is done with an answer (core).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zen

FOLDER = Path(__file__).parent


class InvalidRuleError(ValueError):
    """A cell of a decision table cannot be read: the text names the file, the rule and the column.

    The engine itself would pass such a rule over in silence.
    """


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that applied: its code and its sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the rules say before the model: why to reject, or how urgent a review is and why."""

    rejections: tuple[Hit, ...]
    priority: str
    concerns: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules make of a score: its band, and whether it may pass without an auditor."""

    band: str
    straight_through: bool


class RuleSet:
    """A rule set; `version` is a digest of its files, so that it changes when a rule does."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read eligibility.json and assessment.json.

        Raises:
            OSError: a file is not there.
            InvalidRuleError: a cell of a table cannot be read.
        """
        texts = {
            name: (folder / f"{name}.json").read_text() for name in ("assessment", "eligibility")
        }
        self.version = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()[:12]
        content = {name: json.loads(text) for name, text in texts.items()}
        for name, decision in content.items():
            _check(name, decision)
        # a static loader compiles each decision once; create_decision would do so at every call
        self._engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def eligibility(self, facts: Mapping[str, object]) -> Eligibility:
        """Say whether an application may be considered at all."""
        result = self._evaluate("eligibility", facts)
        concerns = tuple(Hit(hit["code"], hit["text"]) for hit in result["concerns"])
        return Eligibility(
            rejections=tuple(Hit(hit["code"], hit["text"]) for hit in result["rejections"]),
            priority="high" if concerns else "normal",
            concerns=concerns,
        )

    def assessment(self, facts: Mapping[str, object], score: float) -> Assessment:
        """Say what a score, from 0 to 1, means."""
        result = self._evaluate("assessment", {**facts, "score": score})
        return Assessment(result["band"], result["straight_through"])

    def _evaluate(self, name: str, facts: Mapping[str, object]) -> dict[str, Any]:
        result: dict[str, Any] = self._engine.evaluate(name, dict(facts))["result"]
        return result


def _check(name: str, decision: Mapping[str, Any]) -> None:
    for node in decision["nodes"]:
        table = node.get("content", {})
        for rule in table.get("rules", ()):
            for column in (*table["inputs"], *table["outputs"]):
                cell = rule.get(column["id"], "")
                is_test = column in table["inputs"] and "field" in column
                problem = cell and (_test_problem(cell) if is_test else _problem(cell))
                if problem:
                    place = f"table {node['name']}, rule {rule.get('_description', rule)}"
                    raise InvalidRuleError(f"{name}.json, {place}, {column['name']}: {problem}")


def _problem(expression: str) -> str | None:
    found = zen.validate_expression(expression)
    return found["source"] if found else None


def _test_problem(test: str) -> str | None:
    """Say what is wrong with a test of one field, such as `< 18`, by running it on a number."""
    try:
        zen.evaluate_unary_expression(test, {"$": 0})
    except RuntimeError as error:
        return str(error)
    return None
