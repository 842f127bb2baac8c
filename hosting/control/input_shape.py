"""Checks a request's document against the service model, and words what is wrong as AWS does.

Not: whether a member is emulated (members), or names something that exists (the operations).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from hosting.control.api_errors import InvalidRequestError, SerializationError
from hosting.control.patterns import matches
from hosting.store import Document

_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
"""What JSON gives for each type of the service model; timestamps are seconds (JSON 1.1)."""


def check_input(shape: StructureShape | None, document: Document) -> None:
    """Check a request.

    Raises:
        SerializationError: a member has another type than in the model, or is not in it.
        InvalidRequestError: a constraint is broken; every one is in the message.
    """
    violations = list(_structure(shape, document, "")) if shape is not None else []
    if violations:
        errors = "error" if len(violations) == 1 else "errors"
        text = f"{len(violations)} validation {errors} detected: {'; '.join(violations)}"
        raise InvalidRequestError(text)


def _structure(shape: StructureShape, document: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in document:
        if name not in shape.members:
            raise SerializationError(f"{_below(path, name)} is no member of {shape.name}.")
    for name in shape.required_members:
        if document.get(name) is None:
            yield (
                f"Value null at '{_below(path, name)}' failed to satisfy constraint:"
                " Member must not be null"
            )
    for name, value in document.items():
        if value is not None:
            yield from _value(shape.members[name], value, _below(path, name))


def _value(shape: Shape, value: object, path: str) -> Iterator[str]:
    _check_type(shape, value, path)
    for constraint in _broken(shape, value):
        yield f"Value '{_quoted(value)}' at '{path}' failed to satisfy constraint: {constraint}"
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _items(shape, value, path)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        yield from _entries(shape, value, path)


def _items(shape: ListShape, values: list[object], path: str) -> Iterator[str]:
    if shape.member.type_name in {"structure", "list", "map"}:
        for number, item in enumerate(values, 1):
            yield from _value(shape.member, item, f"{path}.{number}.member")
        return
    for item in values:
        _check_type(shape.member, item, path)
        if broken := list(_broken(shape.member, item)):
            yield _where(values, path) + f"Member must satisfy constraint: [{', '.join(broken)}]"


def _entries(shape: MapShape, entries: Mapping[str, object], path: str) -> Iterator[str]:
    for key, value in entries.items():
        _check_type(shape.value, value, path)
        if broken := list(_broken(shape.key, key)):
            yield _where(entries, path) + f"Map keys must satisfy constraint: [{', '.join(broken)}]"
        if broken := list(_broken(shape.value, value)):
            yield (
                _where(entries, path) + f"Map value must satisfy constraint: [{', '.join(broken)}]"
            )


def _broken(shape: Shape, value: object) -> Iterator[str]:
    """Word each constraint of one shape that a value breaks, in AWS's order."""
    limits = shape.metadata
    measured = len(value) if isinstance(value, str | list | dict) else value
    kind = "length" if measured is not value else "value"
    if isinstance(measured, int | float) and shape.type_name != "boolean":
        if "max" in limits and measured > limits["max"]:
            yield f"Member must have {kind} less than or equal to {limits['max']}"
        if "min" in limits and measured < limits["min"]:
            yield f"Member must have {kind} greater than or equal to {limits['min']}"
    if isinstance(value, str):
        if "pattern" in limits and not matches(limits["pattern"], value):
            yield f"Member must satisfy regular expression pattern: {limits['pattern']}"
        if "enum" in limits and value not in limits["enum"]:
            yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"


def _check_type(shape: Shape, value: object, path: str) -> None:
    expected = _TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        raise SerializationError(
            f"{path}: {_json_type(value)} can not be converted to {shape.type_name}."
        )


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE"
    names = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", dict: "A structure"}
    return names.get(type(value), "A list" if isinstance(value, list) else "null")


def _where(value: object, path: str) -> str:
    return f"Value '{_quoted(value)}' at '{path}' failed to satisfy constraint: "


def _quoted(value: object) -> str:
    """Write a value as AWS's services, which are Java, quote it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    return str(value)


def _below(path: str, name: str) -> str:
    """Give a member's path as AWS's texts write it: with a small first letter."""
    step = name[0].lower() + name[1:]
    return f"{path}.{step}" if path else step
