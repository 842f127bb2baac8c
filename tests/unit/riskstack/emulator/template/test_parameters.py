from typing import Any

import pytest

from riskstack.emulator.template import TemplateError
from riskstack.emulator.template.parameters import values

STAGE = {"Type": "String", "AllowedPattern": "v[0-9]", "Default": "v1"}


def test_a_value_is_given_or_the_default() -> None:
    declared: dict[str, Any] = {"Stage": STAGE, "Days": {"Type": "Number", "Default": 90}}
    assert values(declared, {}) == {"Stage": "v1", "Days": "90"}
    assert values(declared, {"Stage": "v2", "Days": "7"}) == {"Stage": "v2", "Days": "7"}


def test_what_yaml_made_of_a_value_is_text_again() -> None:
    declared: dict[str, Any] = {
        "Flag": {"Type": "String", "Default": True, "AllowedValues": [True, False]},
        "Share": {"Type": "Number", "Default": 0.5, "AllowedValues": [0.5, 1]},
    }
    assert values(declared, {}) == {"Flag": "true", "Share": "0.5"}
    given = {"Flag": "false", "Share": "1"}
    assert values(declared, given) == given


@pytest.mark.parametrize(
    ("rules", "given", "says"),
    [
        (STAGE, "prod", r"parameter P: 'prod' does not match v\[0-9\]"),
        (STAGE | {"ConstraintDescription": "is no stage"}, "prod", "'prod' is no stage"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "is not one of a, b"),
        ({"Type": "String", "MinLength": 2}, "a", "is too short"),
        ({"Type": "String", "MaxLength": 2}, "abc", "is too long"),
        ({"Type": "Number"}, "a", "is not a number"),
        ({"Type": "Number", "MinValue": 2}, "1", "is less than 2"),
        ({"Type": "Number", "MaxValue": 2}, "3", "is more than 2"),
        ({"Type": "Number", "AllowedValues": [1, 2]}, "3", "is not one of 1, 2"),
        ({"Type": "String", "AllowedValues": [True, 1]}, "True", "is not one of true, 1"),
        ({"Type": "String", "Default": ["a"]}, None, "parameter P: a text, a number, true or"),
        ({"Type": "String", "AllowedValues": [{}]}, "a", "P: AllowedValues: a text, a number"),
        ({"Type": "String"}, None, "parameter P has no default: give it a value"),
        (
            {"Type": "CommaDelimitedList"},
            "a",
            "parameter P: the type CommaDelimitedList is not emulated; use String or Number",
        ),
        ({"Type": "String", "NoEcho": True}, "a", "parameter P: not emulated: NoEcho; remove it"),
    ],
)
def test_what_is_not_allowed_is_refused(
    rules: dict[str, Any], given: str | None, says: str
) -> None:
    with pytest.raises(TemplateError, match=says):
        values({"P": rules}, {} if given is None else {"P": given})


def test_a_value_for_no_parameter_is_refused() -> None:
    with pytest.raises(TemplateError, match="no parameter is named Q: the template has P"):
        values({"P": {"Type": "String"}}, {"P": "a", "Q": "b"})


@pytest.mark.parametrize(
    ("rules", "given"),
    [
        ({"Type": "Number", "MinValue": 1, "MaxValue": 2}, "1.5"),
        ({"Type": "String", "MinLength": 1, "MaxLength": 2}, "ab"),
    ],
)
def test_what_is_within_bounds_is_taken(rules: dict[str, Any], given: str) -> None:
    assert values({"P": rules}, {"P": given}) == {"P": given}
