"""How the text of one hyperparameter is read: each function makes a reader for one kind of value.

A reader raises ValueError that says what it expected. Not: which hyperparameter is of which kind.
"""

import json
import re
from collections.abc import Callable
from math import inf, isfinite
from typing import TypeAlias

Reader: TypeAlias = Callable[[str], object]


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Read a whole number between two limits, both allowed."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            raise ValueError("a whole number")
        number = int(text)
        if number < least or (most is not None and number > most):
            limit = "" if most is None else f" and at most {most}"
            raise ValueError(f"a whole number of at least {least}{limit}")
        return number

    return read


def folds(text: str) -> int:
    """Read in how many parts data is cut: 0 for none, else at least 2."""
    number = whole(0)(text)
    if number == 1:
        raise ValueError("0 or a whole number of at least 2")
    return number


def number(
    least: float = 0.0,
    most: float = inf,
    *,
    above_least: bool = False,
    below_most: bool = False,
) -> Callable[[str], float]:
    """Read a finite number between two limits, which are allowed unless said otherwise."""
    bounds = f"{'above' if above_least else 'of at least'} {least:g}"
    if most != inf:
        bounds += f" and {'below' if below_most else 'at most'} {most:g}"

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("a number") from None
        low = value <= least if above_least else value < least
        high = value >= most if below_most else value > most
        if not isfinite(value) or low or high or "_" in text:
            raise ValueError(f"a number {bounds}")
        return value

    return read


def one_of(*allowed: str, hint: str = "") -> Callable[[str], str]:
    """Read one of some words; `hint` says what about the others."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{' or '.join(allowed)}{hint and f' ({hint})'}")
        return text

    return read


def flag(text: str) -> bool:
    """Read AWS's `true` or `false`."""
    return one_of("true", "false")(text) == "true"


def some_of(*allowed: str, hint: str = "") -> Callable[[str], tuple[str, ...]]:
    """Read some of some words, separated by commas."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(part.strip() for part in text.split(","))
        if not set(allowed) >= set(names):
            listed = f"some of {', '.join(allowed)}, separated by commas"
            raise ValueError(f"{listed}{hint and f' ({hint})'}")
        return names

    return read


def directions(text: str) -> tuple[int, ...]:
    """Read monotone constraints as (-1,0,1), one for each column."""
    if not re.fullmatch(r"\(\s*[+-]?[01](\s*,\s*[+-]?[01])*\s*,?\s*\)", text):
        raise ValueError("-1, 0 or 1 for each column as (-1,0,1)")
    return tuple(int(part) for part in text.strip("() ,").split(","))


def groups(text: str) -> tuple[tuple[int, ...], ...]:
    """Read interaction constraints as [[0,1],[2,3]]: columns, counted from 0 as XGBoost does."""
    try:
        lists = json.loads(text)
    except ValueError:
        lists = None
    if not isinstance(lists, list) or not all(
        isinstance(inner, list) and all(type(column) is int and column >= 0 for column in inner)
        for inner in lists
    ):
        raise ValueError("lists of columns, counted from 0, as [[0,1],[2,3,4]]")
    return tuple(tuple(inner) for inner in lists)


def names(text: str) -> tuple[str, ...]:
    """Read different names, separated by commas, that XGBoost takes for features."""
    parts = tuple(part.strip() for part in text.split(","))
    if len(set(parts)) < len(parts) or any(re.search(r"[\[\]<]|^$", part) for part in parts):
        raise ValueError("different names, separated by commas, without [, ] and <")
    return parts
