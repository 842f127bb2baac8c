"""The metrics that a training image writes to its log, found by MetricDefinitions.

Facts: SageMaker developer guide, "Monitor and Analyze Training Jobs Using Metrics": the value is
what the expression's first group holds, and the final metrics are those of the last iteration.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


class MetricRegexError(ValueError):
    """A MetricDefinition's Regex cannot be used: correct the one that the message names."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What to look for in a log, and what it is called."""

    name: str
    pattern: re.Pattern[str]

    @classmethod
    def define(cls, name: str, regex: str) -> Self:
        """Make a metric of a MetricDefinition. Raises MetricRegexError."""
        try:
            pattern = re.compile(regex)
        except re.error as error:
            raise MetricRegexError(f"the Regex of {name} cannot be read: {error}") from error
        if pattern.groups == 0:
            raise MetricRegexError(
                f"the Regex of {name} has no group: put the value in parentheses"
            )
        return cls(name, pattern)


def final_values(metrics: Iterable[Metric], log: str) -> dict[str, float]:
    """Give each metric's last number in the log; one that has none is left out.

    A line is an event of its own, as in CloudWatch: no expression sees two of them.
    """
    lines = log.splitlines()
    values: dict[str, float] = {}
    for metric in metrics:
        for line in reversed(lines):
            numbers = [
                number
                for match in metric.pattern.finditer(line)
                if (number := _number(match[1])) is not None
            ]
            if numbers:
                values[metric.name] = numbers[-1]
                break
    return values


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
