"""Metrics that a function writes to its log in CloudWatch's embedded metric format.

Each is shown as a Prometheus summary, `<namespace>_<metric>_sum` and `_count`: how CloudWatch keeps
a metric, but for its extremes. Its dimensions are the labels. Facts: CloudWatch user guide,
"Specification: Embedded metric format". A line that is not of that format is a line of the log, as
it is to CloudWatch.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import Metric

MOST_VALUES = 100
"""Values of one metric in one line."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Values:
    """What one line holds of one metric."""

    name: str
    """To Prometheus."""
    labels: Labels
    unit: str
    values: list[float]


class EmbeddedMetrics:
    """The metrics of one function's log."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Labels], tuple[float, int]] = {}
        self._units: dict[str, str] = {}

    def add(self, line: bytes) -> None:
        """Take a line of the log."""
        try:
            found = list(_read(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        for one in found:
            key = (one.name, one.labels)
            total, count = self._values.get(key, (0.0, 0))
            self._values[key] = (total + sum(one.values), count + len(one.values))
            self._units[one.name] = one.unit

    def collect(self) -> Iterator[Metric]:
        """Give all of them as Prometheus's."""
        families: dict[str, Metric] = {}
        for (name, labels), (total, count) in self._values.items():
            family = families.get(name)
            if family is None:
                unit = self._units[name]
                family = families[name] = Metric(name, f"Embedded metric, unit {unit}", "summary")
            family.add_sample(f"{name}_count", dict(labels), count)
            family.add_sample(f"{name}_sum", dict(labels), total)
        yield from families.values()


def _read(document: Mapping[str, Any]) -> Iterator[_Values]:
    """Give the metrics of a line; whatever an ill-formed one raises is the caller's."""
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for definition in directive["Metrics"]:
            values = _numbers(document.get(definition["Name"]))
            name = _prometheus_name(f"{directive['Namespace']}_{definition['Name']}")
            for dimensions in directive.get("Dimensions") or [[]]:
                if values and all(dimension in document for dimension in dimensions):
                    labels = [(_prometheus_name(key), str(document[key])) for key in dimensions]
                    yield _Values(name, tuple(labels), definition.get("Unit", "None"), values)


def _numbers(value: object) -> list[float]:
    """Give a metric's values: a number, or up to 100 of them."""
    given = value if isinstance(value, list) else [value]
    numbers = [
        float(one) for one in given if isinstance(one, int | float) and not isinstance(one, bool)
    ]
    return numbers if len(numbers) == len(given) <= MOST_VALUES else []


def _prometheus_name(name: str) -> str:
    cleaned = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    return cleaned if not cleaned[:1].isdigit() else f"_{cleaned}"
