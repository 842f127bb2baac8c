"""Features by name: a header line, or the keys of an object, against the names of the model."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from model_server.rows.errors import WrongColumnCountError, WrongNamesError, quoted

MOST_NAMED = 5
"""How many names a message lists."""

Value = TypeVar("Value")


def check_header(found: Sequence[str], names: Sequence[str], columns: int) -> None:
    """Check a header line; a model without names takes any of the right length.

    Raises WrongColumnCountError and WrongNamesError.
    """
    if len(found) != columns:
        raise WrongColumnCountError(f"header: expected {columns} columns, found {len(found)}")
    for column, (expected, name) in enumerate(zip(names, found, strict=False), 1):
        if name == expected:
            continue
        reason = "is out of order" if name in names else "is no feature of the model"
        raise WrongNamesError(
            f"header, column {column}: {quoted(name)} {reason}, expected {quoted(expected)}"
        )


def in_order(features: Mapping[str, Value], names: Sequence[str], row: int) -> list[Value]:
    """Give the values in the order of the columns. Raises WrongNamesError."""
    if not names:
        raise WrongNamesError(
            f"row {row}: the model has no names for its features, send a list in its order"
        )
    if len(features) == len(names):
        try:
            return [features[name] for name in names]
        except KeyError:
            pass
    known = frozenset(names)
    wrong = [name for name in features if name not in known]
    missing = [name for name in names if name not in features]
    reasons = [f"unknown {_listed(wrong)}"] if wrong else []
    reasons += [f"missing {_listed(missing)}"] if missing else []
    raise WrongNamesError(f"row {row}: {'; '.join(reasons)}")


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(map(quoted, names[:MOST_NAMED]))
    rest = len(names) - MOST_NAMED
    return f"{listed} and {rest} more" if rest > 0 else listed
