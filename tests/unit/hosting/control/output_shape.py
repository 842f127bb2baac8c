"""A check of answers against botocore's output shapes, which its own parser does not make."""

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from hosting.control.patterns import matches

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def faults(shape: Shape, value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Give what a JSON value has that its shape has not: members, types, constraints."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no structure"
            return
        yield from (
            f"{path}.{name} is missing" for name in shape.required_members if name not in value
        )
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is no member"
            else:
                yield from faults(shape.members[name], member, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for item in value:
            yield from faults(shape.member, item, f"{path}[]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from faults(shape.key, key, f"{path}{{}}")
            yield from faults(shape.value, item, f"{path}.{key}")
    else:
        yield from _scalar_faults(shape, value, path)


def _scalar_faults(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any scalar
    types = TYPES[shape.type_name]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"{path}: {value!r} is no {shape.type_name}"
        return
    limits = shape.metadata
    if "enum" in limits and value not in limits["enum"]:
        yield f"{path}: {value!r} is not in the enum"
    if "pattern" in limits and not matches(str(limits["pattern"]), str(value)):
        yield f"{path}: {value!r} does not match {limits['pattern']}"
    size = len(value) if isinstance(value, str) else value
    if size < limits.get("min", size) or size > limits.get("max", size):
        yield f"{path}: {value!r} is outside of its limits"
