"""The CloudFormation templates in deploy/, read as far as the local stack needs them.

Not CloudFormation: it resolves Ref, Fn::GetAtt, Fn::Sub and Fn::ImportValue against resources that
exist already, and refuses every other intrinsic function by name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml


class TemplateError(ValueError):
    """A template asks for what the local stack does not do: change it as the text says."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template, its properties unresolved."""

    logical_id: str
    kind: str
    """The CloudFormation type, such as `AWS::DynamoDB::Table`."""
    properties: Mapping[str, Any]


class PhysicalResources(Protocol):
    """What tells the physical side of a resource that exists."""

    def reference(self, resource: Resource) -> str:
        """Give what `Ref` gives: the physical id."""

    def attribute(self, resource: Resource, name: str) -> str:
        """Give what `Fn::GetAtt` gives."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it stands in its file."""

    path: Path
    body: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Template":
        """Read a template in YAML.

        Raises:
            TemplateError: the file is not there or is not a template.
        """
        try:
            body = yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader with short forms
        except (OSError, yaml.YAMLError) as error:
            raise TemplateError(f"{path} cannot be read as a template: {error}") from error
        if not isinstance(body, dict) or not isinstance(body.get("Resources"), dict):
            raise TemplateError(f"{path} has no Resources")
        return cls(path, body)

    def resources(self, kind: str | None = None) -> Iterator[Resource]:
        """Give the resources, or those of one type, with SAM's `Globals` merged into functions."""
        for logical_id, resource in self.body["Resources"].items():
            if kind in {None, resource["Type"]}:
                properties = resource.get("Properties", {})
                if resource["Type"] == "AWS::Serverless::Function":
                    properties = self.body.get("Globals", {}).get("Function", {}) | properties
                yield Resource(logical_id, resource["Type"], properties)

    def resource(self, logical_id: str) -> Resource:
        """Give one resource.

        Raises:
            TemplateError: there is none of that name.
        """
        for resource in self.resources():
            if resource.logical_id == logical_id:
                return resource
        raise TemplateError(f"{self.path} has no resource {logical_id}")

    def export(self, name: str) -> Any:  # noqa: ANN401 - an output may hold any value
        """Give the unresolved value that is exported under a name, `None` where none is."""
        for output in self.body.get("Outputs", {}).values():
            if output.get("Export", {}).get("Name") == name:
                return output["Value"]
        return None


class Resolver:
    """Resolves intrinsic functions in a template against resources that exist."""

    def __init__(
        self,
        template: Template,
        physical: PhysicalResources,
        pseudo: Mapping[str, str],
        imports: "Resolver | None" = None,
    ) -> None:
        """Take `pseudo`, values by name such as `AWS::Region`, and where imports come from."""
        self._template = template
        self._physical = physical
        self._pseudo = pseudo
        self._imports = imports

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - a template holds any value
        """Give a value with every intrinsic function in it replaced.

        Raises:
            TemplateError: a function, a resource or an export is not known here.
        """
        if isinstance(value, list):
            return [self.resolve(part) for part in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        return {key: self.resolve(part) for key, part in value.items()}

    def _call(self, name: str, argument: Any) -> Any:  # noqa: ANN401 - as above
        match name, argument:
            case "Ref", str():
                return self._reference(argument)
            case "Fn::GetAtt", [str() as logical_id, str() as attribute]:
                return self._physical.attribute(self._template.resource(logical_id), attribute)
            case "Fn::Sub", str():
                return self._substitute(argument, {})
            case "Fn::Sub", [str() as text, dict() as variables]:
                return self._substitute(text, self.resolve(variables))
            case "Fn::ImportValue", str():
                return self._imported(argument)
        raise TemplateError(
            f"{self._template.path}: {name} is not emulated; "
            "use Ref, Fn::GetAtt, Fn::Sub or Fn::ImportValue"
        )

    def _reference(self, name: str) -> str:
        if name.startswith("AWS::"):
            try:
                return self._pseudo[name]
            except KeyError:
                raise TemplateError(
                    f"{self._template.path}: the pseudo parameter {name} is not emulated"
                ) from None
        return self._physical.reference(self._template.resource(name))

    def _substitute(self, text: str, variables: Mapping[str, str]) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return str(variables[name])
            if "." in name:
                return str(self._call("Fn::GetAtt", name.split(".", 1)))
            return self._reference(name)

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", replacement, text)

    def _imported(self, name: str) -> Any:  # noqa: ANN401 - as above
        exported = self._imports._template.export(name) if self._imports else None  # noqa: SLF001
        if self._imports is None or exported is None:
            raise TemplateError(f"{self._template.path}: no template exports {name}")
        return self._imports.resolve(exported)
