from pathlib import Path
from typing import Any

import pytest

from riskstack.emulator.template import Template, TemplateError
from riskstack.emulator.template.document import merged


def template(tmp_path: Path, text: str) -> Template:
    file = tmp_path / "template.yaml"
    file.write_text(text)
    return Template.read(file)


def test_short_forms_read_as_long_ones(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        "Resources:\n  A:\n    Type: T\n    Properties:\n"
        "      One: !GetAtt B.Arn\n      Two: !Sub ['x', {}]\n      Three: !If {a: 1}\n"
        "      Four: !Condition Yes\n",
    )
    (resource,) = read.resources()
    assert resource.properties == {
        "One": {"Fn::GetAtt": ["B", "Arn"]},
        "Two": {"Fn::Sub": ["x", {}]},
        "Three": {"Fn::If": {"a": 1}},
        "Four": {"Condition": "Yes"},
    }


def test_a_date_is_the_text_that_it_is_written_as(tmp_path: Path) -> None:
    read = template(tmp_path, "Since: 2026-01-02\nResources: {}\n")
    assert read.body["Since"] == "2026-01-02"


@pytest.mark.parametrize("text", ["[]", "Resources: []", "a: [", "Outputs: {}"])
def test_what_is_no_template_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateError):
        template(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        Template.read(tmp_path / "none.yaml")


def test_globals_are_merged_into_functions(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        "Globals: {Function: {Timeout: 5, MemorySize: 128}}\nResources:\n"
        "  F: {Type: 'AWS::Serverless::Function', Properties: {Timeout: 9}}\n"
        "  T: {Type: 'AWS::DynamoDB::Table'}\n",
    )
    found: dict[str, Any] = {r.logical_id: dict(r.properties) for r in read.resources()}
    assert found == {"F": {"Timeout": 9, "MemorySize": 128}, "T": {}}
    assert [r.logical_id for r in read.resources("AWS::DynamoDB::Table")] == ["T"]


@pytest.mark.parametrize(
    ("common", "own", "both"),
    [
        # aws/serverless-application-model docs/globals.rst, "Overridable"
        ({"Env": {"A": 1, "B": 1}}, {"Env": {"B": 2}}, {"Env": {"A": 1, "B": 2}}),
        ({"Layers": ["a"]}, {"Layers": ["b"]}, {"Layers": ["a", "b"]}),
        ({"Timeout": 5}, {"Timeout": 9}, {"Timeout": 9}),
        ({"Env": {"A": 1}}, {"Env": "text"}, {"Env": "text"}),
    ],
)
def test_globals_are_merged_as_sam_does(common: object, own: object, both: object) -> None:
    assert merged(common, own) == both


def test_each_type_has_its_own_globals_and_a_condition(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        "Globals: {Api: {Name: a}, HttpApi: {StageName: s}}\nResources:\n"
        "  A: {Type: 'AWS::Serverless::Api'}\n"
        "  H: {Type: 'AWS::Serverless::HttpApi', Condition: Wanted}\n",
    )
    assert [(dict(one.properties), one.condition) for one in read.resources()] == [
        ({"Name": "a"}, None),
        ({"StageName": "s"}, "Wanted"),
    ]
