"""What a template's intrinsic functions give, where the resources that it declares exist.

Refuses by name every function that it does not know. Conditions and parameters are CloudFormation's
(user guide, "Condition functions" and "Parameters"); `Ref` of an API's stage is SAM's
(aws/serverless-application-model docs/internals/generated_resources.rst).
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

import yaml

from riskstack.emulator.template import parameters as template_parameters
from riskstack.emulator.template.document import Resource, Template, TemplateError
from riskstack.emulator.template.scalar import as_text

_KNOWN = (
    "Ref, Fn::GetAtt, Fn::Sub, Fn::ImportValue, Fn::If and Fn::Transform with AWS::Include;"
    " in conditions Fn::Equals, Fn::Not, Fn::And, Fn::Or and Condition"
)
_NO_VALUE = object()
_REFERENCE = re.compile(r"\$\{(!?[^${}]+)\}")


class PhysicalResources(Protocol):
    """What tells the physical side of a resource that exists."""

    def reference(self, resource: Resource) -> str:
        """Give what `Ref` gives: the physical id."""

    def attribute(self, resource: Resource, name: str) -> str:
        """Give what `Fn::GetAtt` gives."""


class Resolver:
    """Resolves intrinsic functions in a template against resources that exist."""

    def __init__(
        self,
        template: Template,
        physical: PhysicalResources,
        pseudo: Mapping[str, str],
        imports: "Resolver | None" = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Take what a template refers to.

        Args:
            template: whose values are resolved.
            physical: tells what its resources are called.
            pseudo: values by name, such as `AWS::Region`.
            imports: where imports come from.
            parameters: values from outside; the others have their defaults.

        Raises:
            TemplateError: a parameter is missing, unknown or not allowed.
        """
        self._template = template
        self._physical = physical
        self._pseudo = pseudo
        self._imports = imports
        try:
            self.parameters = template_parameters.values(
                template.body.get("Parameters", {}), parameters or {}
            )
        except TemplateError as error:
            raise TemplateError(f"{template.path}: {error}") from None

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - a template holds any value
        """Give a value with every intrinsic function in it replaced.

        Raises:
            TemplateError: a function, a resource or an export is not known here.
        """
        if isinstance(value, list):
            parts = [self.resolve(part) for part in value]
            return [part for part in parts if part is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        members = {key: self.resolve(part) for key, part in value.items()}
        return {key: part for key, part in members.items() if part is not _NO_VALUE}

    def stands(self, resource: Resource) -> bool:
        """Tell whether a resource is there: it has no condition, or one that holds.

        Raises:
            TemplateError: the condition is not known, or not made of what is emulated.
        """
        return resource.condition is None or self._holds({"Condition": resource.condition})

    def _call(self, name: str, argument: Any) -> Any:  # noqa: ANN401 - as above
        match name, argument:
            case "Ref", str():
                return self._reference(argument)
            case "Fn::GetAtt", [str() as logical_id, str() as attribute]:
                return self._physical.attribute(self._template.resource(logical_id), attribute)
            case "Fn::Sub", str() | [str(), dict()]:
                text, variables = (argument, {}) if isinstance(argument, str) else argument
                return self._substitute(text, self.resolve(variables))
            case "Fn::ImportValue", str():
                return self._imported(argument)
            case "Fn::If", [str() as condition, then, otherwise]:
                return self.resolve(then if self._holds({"Condition": condition}) else otherwise)
            case "Fn::Transform", {"Name": "AWS::Include", "Parameters": {"Location": str() as at}}:
                return self._included(at)
        raise TemplateError(f"{self._template.path}: {name} is not emulated; use {_KNOWN}")

    def _reference(self, name: str) -> Any:  # noqa: ANN401 - a stage's name may be any value
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name.startswith("AWS::"):
            try:
                return self._pseudo[name]
            except KeyError:
                raise TemplateError(
                    f"{self._template.path}: the pseudo parameter {name} is not emulated"
                ) from None
        if name in self.parameters:
            return self.parameters[name]
        logical_id, _, generated = name.partition(".")
        if generated == "Stage":
            api = self._template.resource(logical_id)
            return self.resolve(api.properties["StageName"])
        return self._physical.reference(self._template.resource(name))

    def _substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                value = variables[name]
            elif "." in name:
                value = self._call("Fn::GetAtt", name.split(".", 1))
            else:
                value = self._reference(name)
            return as_text(f"{self._template.path}: Fn::Sub {match[0]}", value)

        return _REFERENCE.sub(replacement, text)

    def _imported(self, name: str) -> Any:  # noqa: ANN401 - as above
        exported = self._imports._template.export(name) if self._imports else None  # noqa: SLF001
        if self._imports is None or exported is None:
            raise TemplateError(f"{self._template.path}: no template exports {name}")
        return self._imports.resolve(exported)

    def _included(self, location: str) -> Any:  # noqa: ANN401 - as above
        """Read a file beside the template; like AWS, without the short forms of functions."""
        path = self._template.path.parent / location
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise TemplateError(f"{path} cannot be included: {error}") from error
        return self.resolve(content)

    def _holds(self, condition: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether a condition holds; its functions have operands of their own."""
        match condition:
            case {"Condition": str() as name}:
                declared = self._template.body.get("Conditions", {})
                if name not in declared:
                    raise TemplateError(f"{self._template.path} has no condition {name}")
                return self._holds(declared[name])
            case {"Fn::Equals": [one, other]}:
                place = f"{self._template.path}: Fn::Equals"
                return as_text(place, self.resolve(one)) == as_text(place, self.resolve(other))
            case {"Fn::Not": [one]}:
                return not self._holds(one)
            case {"Fn::And": list() as every}:
                return all(self._holds(one) for one in every)
            case {"Fn::Or": list() as some}:
                return any(self._holds(one) for one in some)
        raise TemplateError(f"{self._template.path}: no condition of {_KNOWN}: {condition}")
