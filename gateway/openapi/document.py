"""A definition as a document: its references, and the extensions that stand in it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from gateway.deployment import ANY

Node: TypeAlias = Any
"""Whatever YAML holds."""

PREFIX = "x-amazon-apigateway-"
ANY_METHOD = f"{PREFIX}any-method"
API_KEY_SOURCE = f"{PREFIX}api-key-source"
AUTHORIZER = f"{PREFIX}authorizer"
AUTHTYPE = f"{PREFIX}authtype"
BINARY_MEDIA_TYPES = f"{PREFIX}binary-media-types"
GATEWAY_RESPONSES = f"{PREFIX}gateway-responses"
INTEGRATION = f"{PREFIX}integration"
REQUEST_VALIDATOR = f"{PREFIX}request-validator"
REQUEST_VALIDATORS = f"{PREFIX}request-validators"

OPERATIONS: Mapping[str, str] = {
    **{name: name.upper() for name in ("delete", "get", "head", "options", "patch", "post", "put")},
    ANY_METHOD: ANY,
}
"""What stands in a path item, and the method that it is."""

_AT_ROOT = {
    API_KEY_SOURCE,
    BINARY_MEDIA_TYPES,
    GATEWAY_RESPONSES,
    REQUEST_VALIDATOR,
    REQUEST_VALIDATORS,
}


class DefinitionError(ValueError):
    """The definition is wrong or asks for what is not emulated: change it where the text says."""


class Document:
    """A definition, with no intrinsic functions of CloudFormation in it."""

    def __init__(self, root: Mapping[str, Node]) -> None:
        """Take the document.

        Raises:
            DefinitionError: it is no OpenAPI 3.0, or holds an extension that is not emulated.
        """
        if not isinstance(root, dict) or not str(root.get("openapi")).startswith("3.0."):
            raise DefinitionError("openapi: must be 3.0")
        if not isinstance(root.get("paths"), dict) or "title" not in root.get("info", {}):
            raise DefinitionError("info.title and paths: are missing")
        self.root = root
        self.schemes: Mapping[str, Node] = root.get("components", {}).get("securitySchemes", {})
        self._refuse_foreign_extensions()

    def resolved(self, node: Node, within: tuple[str, ...] = ()) -> Node:
        """Give a part of the document with every `$ref` replaced by what it refers to.

        Raises:
            DefinitionError: it refers to nothing, or to itself.
        """
        if isinstance(node, list):
            return [self.resolved(part, within) for part in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {key: self.resolved(part, within) for key, part in node.items()}
        if reference in within:
            raise DefinitionError(f"{reference}: a model that holds itself is not emulated")
        target: Node = self.root
        for part in reference.removeprefix("#/").split("/"):
            if not isinstance(target, dict) or part not in target:
                raise DefinitionError(f"{reference}: is not in this file")
            target = target[part]
        return self.resolved(target, (*within, reference))

    def operations(self) -> Iterator[tuple[str, str, Node, Node]]:
        """Give each operation: its path, what it stands under, its path item and itself.

        Raises:
            DefinitionError: a path item holds what is no operation.
        """
        for path, item in self.root["paths"].items():
            for name, operation in item.items():
                if name in OPERATIONS:
                    yield path, name, item, operation
                elif name != "parameters":
                    raise DefinitionError(f"paths.{path}.{name}: is not emulated")

    def _refuse_foreign_extensions(self) -> None:
        emulated: dict[tuple[str, ...], set[str]] = {(): _AT_ROOT}
        for path, item in self.root.get("paths", {}).items():
            emulated["paths", path] = {ANY_METHOD}
            for name in OPERATIONS & item.keys():
                emulated["paths", path, name] = {INTEGRATION, REQUEST_VALIDATOR}
        for name in self.schemes:
            emulated["components", "securitySchemes", name] = {AUTHORIZER, AUTHTYPE}
        for place, extension in _extensions(self.root):
            if extension not in emulated.get(place, ()):
                raise DefinitionError(f"{'.'.join((*place, extension))}: is not emulated")


def known(where: str, node: Node, members: set[str] | frozenset[str]) -> Mapping[str, Node]:
    """Give an object, of which only some members are known.

    Raises:
        DefinitionError: it is no object, or has another member.
    """
    if not isinstance(node, dict):
        raise DefinitionError(f"{where}: must be an object")
    if unknown := sorted(map(str, node.keys() - members)):
        raise DefinitionError(f"{where}.{unknown[0]}: is not emulated")
    return node


def texts(where: str, node: Node) -> Mapping[str, str]:
    """Give an object whose values are texts; a missing one is empty.

    Raises:
        DefinitionError: it is none.
    """
    if node is None:
        return {}
    if not isinstance(node, dict) or not all(isinstance(value, str) for value in node.values()):
        raise DefinitionError(f"{where}: must be an object whose values are texts")
    return node


def _extensions(node: Node, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from _extensions(part, (*place, str(number)))
    elif isinstance(node, dict):
        for key, part in node.items():
            if str(key).startswith(PREFIX):
                yield place, str(key)
            yield from _extensions(part, (*place, str(key)))
