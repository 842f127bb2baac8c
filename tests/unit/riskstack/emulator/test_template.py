from pathlib import Path
from typing import Any

import pytest

from riskstack.emulator.template import Resolver, Resource, Template, TemplateError

PSEUDO = {"AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}


class Physical:
    """Resources whose physical side is made from their names."""

    def reference(self, resource: Resource) -> str:
        return f"ref-of-{resource.logical_id}"

    def attribute(self, resource: Resource, name: str) -> str:
        return f"{name}-of-{resource.logical_id}"


def template(tmp_path: Path, text: str) -> Template:
    file = tmp_path / "template.yaml"
    file.write_text(text)
    return Template.read(file)


@pytest.fixture
def resolver(tmp_path: Path) -> Resolver:
    exporting = template(
        tmp_path,
        "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n"
        "Outputs:\n  Url: {Value: !Ref Queue, Export: {Name: queue-url}}\n",
    )
    own = template(tmp_path, "Resources:\n  Table: {Type: AWS::DynamoDB::Table}\n")
    physical = Physical()
    return Resolver(own, physical, PSEUDO, imports=Resolver(exporting, physical, PSEUDO))


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("plain", "plain"),
        (7, 7),
        ({"Ref": "Table"}, "ref-of-Table"),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "Arn-of-Table"),
        ({"Fn::Sub": "a/${AWS::AccountId}/${Table}"}, "a/123456789012/ref-of-Table"),
        ({"Fn::Sub": "${Table.StreamArn}"}, "StreamArn-of-Table"),
        (
            {"Fn::Sub": ["${Mine}/${Table}", {"Mine": {"Ref": "Table"}}]},
            "ref-of-Table/ref-of-Table",
        ),
        ({"Fn::ImportValue": "queue-url"}, "ref-of-Queue"),
        (
            [{"Ref": "Table"}, {"deep": {"Ref": "Table"}}],
            ["ref-of-Table", {"deep": "ref-of-Table"}],
        ),
    ],
)
def test_intrinsic_functions(resolver: Resolver, value: object, resolved: object) -> None:
    assert resolver.resolve(value) == resolved


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ({"Fn::Join": ["", []]}, "Fn::Join is not emulated"),
        ({"Ref": "Nothing"}, "no resource Nothing"),
        ({"Ref": "AWS::StackName"}, "AWS::StackName is not emulated"),
        ({"Fn::ImportValue": "nothing"}, "no template exports nothing"),
    ],
)
def test_what_is_unknown_is_refused_by_name(resolver: Resolver, value: object, cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        resolver.resolve(value)


def test_short_forms_read_as_long_ones(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        "Resources:\n  A:\n    Type: T\n    Properties:\n"
        "      One: !GetAtt B.Arn\n      Two: !Sub ['x', {}]\n      Three: !If {a: 1}\n",
    )
    (resource,) = read.resources()
    assert resource.properties == {
        "One": {"Fn::GetAtt": ["B", "Arn"]},
        "Two": {"Fn::Sub": ["x", {}]},
        "Three": {"Fn::If": {"a": 1}},
    }


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
