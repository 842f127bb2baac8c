from pathlib import Path

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
    (tmp_path / "api.yaml").write_text("paths: {Fn::Sub: '${Table}/${Stage}'}")
    (tmp_path / "short.yaml").write_text("paths: !Ref Table")
    own = template(
        tmp_path,
        """
        Parameters:
          Stage: {Type: String, Default: v1}
          Topic: {Type: String, Default: ""}
          Days: {Type: Number, Default: 90}
          Flag: {Type: String, Default: true}
        Conditions:
          HasTopic: !Not [!Equals [!Ref Topic, ""]]
          IsFirst: !Equals [!Ref Stage, v1]
          Both: !And [!Condition HasTopic, !Condition IsFirst]
          Either: !Or [!Condition HasTopic, !Condition IsFirst]
          Odd: !Contains [a, b]
          IsFlag: !Equals [!Ref Flag, true]
          IsFlagText: !Equals [!Ref Flag, "true"]
          IsWeek: !Equals [7, !Ref Days]
          IsNoFlag: !Equals [!Ref Flag, "True"]
          OfLists: !Equals [[a], [a]]
        Resources:
          Table: {Type: AWS::DynamoDB::Table}
          Api: {Type: AWS::Serverless::Api, Properties: {StageName: !Ref Stage}}
        """,
    )
    physical = Physical()
    imports = Resolver(exporting, physical, PSEUDO)
    return Resolver(own, physical, PSEUDO, imports=imports, parameters={"Days": "7"})


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
        ({"Fn::Sub": "${!Literal}/${Stage}"}, "${Literal}/v1"),
        # a parameter's default, and a value from outside
        ([{"Ref": "Stage"}, {"Ref": "Days"}], ["v1", "7"]),
        # the stage that SAM makes of an API
        ({"Ref": "Api.Stage"}, "v1"),
        ({"Fn::If": ["IsFirst", {"Ref": "Table"}, "b"]}, "ref-of-Table"),
        ({"Fn::If": ["HasTopic", "a", "b"]}, "b"),
        ({"Fn::If": ["Both", "a", "b"]}, "b"),
        ({"Fn::If": ["Either", "a", "b"]}, "a"),
        ({"Fn::If": ["IsFlag", "a", "b"]}, "a"),
        ({"Fn::If": ["IsFlagText", "a", "b"]}, "a"),
        ({"Fn::If": ["IsWeek", "a", "b"]}, "a"),
        ({"Fn::If": ["IsNoFlag", "a", "b"]}, "b"),
        # a boolean in a text, as CloudFormation writes it
        ({"Ref": "Flag"}, "true"),
        ({"Fn::Sub": ["${Flag}/${Mine}/${Size}", {"Mine": False, "Size": 7}]}, "true/false/7"),
        ({"A": {"Fn::If": ["HasTopic", "a", {"Ref": "AWS::NoValue"}]}, "B": 1}, {"B": 1}),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        (
            {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "api.yaml"}}},
            {"paths": "ref-of-Table/v1"},
        ),
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
        ({"Fn::Join": ["", []]}, "Fn::Join is not emulated; use Ref, Fn::GetAtt, Fn::Sub"),
        ({"Fn::Transform": {"Name": "Mine"}}, "Fn::Transform is not emulated"),
        ({"Fn::If": ["None", 1, 2]}, "has no condition None"),
        ({"Fn::If": ["Odd", 1, 2]}, "no condition of "),
        ({"Fn::If": ["OfLists", 1, 2]}, r"yaml: Fn::Equals: a text, a number, true or false is"),
        ({"Fn::Sub": ["${Mine}", {"Mine": []}]}, r"yaml: Fn::Sub \${Mine}: a text, a number"),
        ({"Ref": "Nothing.Stage"}, "no resource Nothing"),
        (
            {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "none.yaml"}}},
            "cannot be included",
        ),
        # as AWS: short forms are the template's own
        (
            {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "short.yaml"}}},
            "cannot be included",
        ),
        ({"Ref": "Nothing"}, "no resource Nothing"),
        ({"Ref": "AWS::StackName"}, "AWS::StackName is not emulated"),
        ({"Fn::ImportValue": "nothing"}, "no template exports nothing"),
    ],
)
def test_what_is_unknown_is_refused_by_name(resolver: Resolver, value: object, cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        resolver.resolve(value)


def test_a_resource_stands_under_its_condition(resolver: Resolver) -> None:
    def stands(condition: str | None) -> bool:
        return resolver.stands(Resource("T", "AWS::DynamoDB::Table", {}, condition))

    assert stands(None)
    assert stands("IsFirst")
    assert not stands("HasTopic")


def test_a_parameter_that_is_not_allowed_is_refused_with_its_template(tmp_path: Path) -> None:
    own = template(tmp_path, "Resources: {}")
    with pytest.raises(TemplateError, match=r"template\.yaml: no parameter is named Stage"):
        Resolver(own, Physical(), PSEUDO, parameters={"Stage": "v1"})
