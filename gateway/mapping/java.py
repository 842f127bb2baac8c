"""Maps, lists and texts as mapping templates see them: AWS's engine is Velocity, which is Java.

Maps print as `{a=1, b=2}`, lists as JSON, and what is not there is an empty text (localstack's
AWS-validated test_input_path_template_formatting). The engine here looks a method up by the type
of the object; the methods of Java's types that templates use are put in its table, and what it
gives for nothing is changed, for it has no setting for either.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from airspeed.operators import VariableExpression, __additional_methods__


class JavaMap(dict[str, Any]):
    """A map that prints as Java's do."""

    def __str__(self) -> str:
        return "{" + ", ".join(f"{key}={text(value)}" for key, value in self.items()) + "}"


class JsonList(list[Any]):
    """A list that prints as JSON."""

    def __str__(self) -> str:
        return compact(self)


def compact(value: object) -> str:
    """Write JSON as AWS does: without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(value: Any) -> Any:  # noqa: ANN401 - JSON holds any value
    """Give a JSON value with Java's maps and lists in it."""
    if isinstance(value, dict):
        return JavaMap((key, from_json(part)) for key, part in value.items())
    if isinstance(value, list):
        return JsonList(map(from_json, value))
    return value


def text(value: object) -> str:
    """Print a value as Velocity does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _replace_all(value: str, pattern: str, replacement: str) -> str:
    # Java's groups are $1, Python's \1
    return re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", replacement), value)


def _entries(value: JavaMap) -> JsonList:
    return JsonList(JavaMap(key=key, value=part) for key, part in value.items())


_MAP: dict[str, Callable[..., Any]] = {
    **__additional_methods__[dict],
    "containsKey": lambda self, key: key in self,
    "containsValue": lambda self, value: value in self.values(),
    "entrySet": _entries,
    "getOrDefault": lambda self, key, other: self.get(key, other),
    "isEmpty": lambda self: not self,
    "keySet": JsonList,
    "remove": lambda self, key: self.pop(key, None),
    "size": len,
    "toString": str,
    "values": lambda self: JsonList(self.values()),
}
_LIST: dict[str, Callable[..., Any]] = {
    **__additional_methods__[list],
    "toString": str,
}
_TEXT: dict[str, Callable[..., Any]] = {
    **__additional_methods__[str],
    "concat": lambda self, other: self + other,
    "endsWith": lambda self, suffix: self.endswith(suffix),
    "equals": lambda self, other: self == other,
    "equalsIgnoreCase": lambda self, other: self.casefold() == str(other).casefold(),
    "indexOf": lambda self, other: self.find(other),
    "isEmpty": lambda self: not self,
    "replaceAll": _replace_all,
    "toLowerCase": lambda self: self.lower(),
    "toString": lambda self: self,
    "toUpperCase": lambda self: self.upper(),
    "trim": lambda self: self.strip(),
}

__additional_methods__[JavaMap] = _MAP
__additional_methods__[JsonList] = _LIST
__additional_methods__[str] = _TEXT

_calculate = VariableExpression.calculate


def _or_empty(expression: Any, *scopes: Any) -> Any:  # noqa: ANN401 - the engine's own
    value = _calculate(expression, *scopes)
    return "" if value is None else value


VariableExpression.calculate = _or_empty
