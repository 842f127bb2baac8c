"""A template as it stands in its file. Not: what its intrinsic functions give (resolver)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_GLOBALS = {
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::HttpApi": "HttpApi",
}
"""Which section of SAM's `Globals` is for which type."""


class TemplateError(ValueError):
    """A template asks for what the local stack does not do: change it as the text says."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template, its properties unresolved."""

    logical_id: str
    kind: str
    """The CloudFormation type, such as `AWS::DynamoDB::Table`."""
    properties: Mapping[str, Any]
    condition: str | None = None
    """The name of the condition under which it is there; `None` is always."""


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
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


def _moment(loader: _Loader, node: yaml.ScalarNode) -> str:
    """Leave a date as it is written: CloudFormation knows texts alone."""
    return str(loader.construct_scalar(node))


_Loader.add_multi_constructor("!", _intrinsic)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _moment)


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
        """Give the resources, or those of one type, with SAM's `Globals` merged into them."""
        for logical_id, resource in self.body["Resources"].items():
            if kind in {None, resource["Type"]}:
                section = _GLOBALS.get(resource["Type"], "")
                yield Resource(
                    logical_id,
                    resource["Type"],
                    merged(
                        self.body.get("Globals", {}).get(section, {}),
                        resource.get("Properties", {}),
                    ),
                    resource.get("Condition"),
                )

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


def merged(common: Any, own: Any) -> Any:  # noqa: ANN401 - a template holds any value
    """Merge a value of `Globals` with a resource's own, as SAM does.

    Maps are merged, lists are joined, anything else is replaced (aws/serverless-application-model
    docs/globals.rst, "Overridable").
    """
    if isinstance(common, dict) and isinstance(own, dict):
        shared = {key: merged(common[key], own[key]) for key in common.keys() & own.keys()}
        return {**common, **own, **shared}
    if isinstance(common, list) and isinstance(own, list):
        return common + own
    return own
