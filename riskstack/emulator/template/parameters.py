"""The parameters of a template: the values given from outside, or the template's defaults.

Facts: CloudFormation user guide, "Parameters syntax". Not: parameters of other types than String
and Number; a list or a value from Parameter Store is refused by name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from riskstack.emulator.template.document import TemplateError
from riskstack.emulator.template.scalar import as_text

_TYPES = {"String", "Number"}
_READ = {
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "Type",
}


def values(declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """Give the value of every parameter.

    Raises:
        TemplateError: a value is missing or not allowed, or a parameter is not known.
    """
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        known = ", ".join(declared) or "none"
        raise TemplateError(f"no parameter is named {', '.join(unknown)}: the template has {known}")
    return {name: _value(name, rules, given.get(name)) for name, rules in declared.items()}


def _value(name: str, rules: Mapping[str, Any], given: str | None) -> str:
    if rules.get("Type") not in _TYPES:
        raise TemplateError(
            f"parameter {name}: the type {rules.get('Type')} is not emulated; use String or Number"
        )
    if others := sorted(rules.keys() - _READ):
        raise TemplateError(f"parameter {name}: not emulated: {', '.join(others)}; remove it")
    value = rules.get("Default") if given is None else given
    if value is None:
        raise TemplateError(f"parameter {name} has no default: give it a value")
    place = f"parameter {name}"
    text = as_text(place, value)
    allowed = [as_text(f"{place}: AllowedValues", one) for one in rules.get("AllowedValues", ())]
    if problem := _problem(text, rules, allowed):
        raise TemplateError(f"{place}: {text!r} {problem}")
    return text


def _problem(text: str, rules: Mapping[str, Any], allowed: Sequence[str]) -> str | None:
    if allowed and text not in allowed:
        return f"is not one of {', '.join(allowed)}"
    pattern = rules.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        return rules.get("ConstraintDescription") or f"does not match {pattern}"
    if rules["Type"] == "Number":
        try:
            size = float(text)
        except ValueError:
            return "is not a number"
        least, most = rules.get("MinValue"), rules.get("MaxValue")
    else:
        size = len(text)
        least, most = rules.get("MinLength"), rules.get("MaxLength")
    if least is not None and size < float(least):
        return f"is less than {least}" if rules["Type"] == "Number" else "is too short"
    if most is not None and size > float(most):
        return f"is more than {most}" if rules["Type"] == "Number" else "is too long"
    return None
