"""The plan asks nobody: its clients are none."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from deployment.packages.wheels import Target
from deployment.plan import plan, transformed
from deployment.problem import DeploymentError
from deployment.settings import Settings
from deployment.templates import written
from deployment.undertaking import Undertaking
from riskstack.emulator.template import Template

pytestmark = pytest.mark.usefixtures("small_packages")


def planned(root: Path, **parameters: str) -> list[str]:
    """Give what the plan says."""
    said: list[str] = []
    nobody = cast("Any", None)
    plan(Undertaking(root, Settings(parameters), "eu-west-1", nobody, said.append, nobody))
    return said


def resource(said: list[str], logical_id: str) -> dict[str, Any]:
    """Give the properties of a resource as the plan has them."""
    (start,) = (
        at for at, line in enumerate(said) if line.startswith("+") and line.endswith(logical_id)
    )
    lines = []
    for line in said[start + 1 :]:
        if not line.startswith("    "):
            break
        lines.append(line)
    properties: dict[str, Any] = yaml.safe_load("\n".join(lines))
    return properties


def test_the_plan_has_every_resource_that_aws_would_make(root: Path) -> None:
    said = planned(root)
    kinds = [line.split()[1] for line in said if line.startswith("+")]
    assert {
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        # SAM makes these of its own types
        "AWS::Lambda::Function",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGateway::UsagePlan",
        "AWS::ApiGateway::ApiKey",
        "AWS::CloudWatch::Alarm",
        "AWS::IAM::Role",
    } <= set(kinds)
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
    stacks = [line for line in said if line.startswith("stack ")]
    assert sum(int(line.split()[2]) for line in stacks) == len(kinds)
    assert said[-1] == "nothing was changed"


def test_properties_are_resolved_as_far_as_no_account_is_needed(root: Path) -> None:
    said = planned(root)
    router = resource(said, "RouterFunction")
    assert router["Environment"]["Variables"]["AUDIT_TABLE"] == "riskstack-audit"
    assert router["Role"] == "<RouterRole.Arn>"
    assert router["LoggingConfig"]["LogGroup"] == "/aws/lambda/riskstack-router"
    assert router["Code"]["S3Bucket"] == "riskstack-artifacts-<account>-eu-west-1"
    assert any(f"sha256 {Path(router['Code']['S3Key']).stem}" in line for line in said)
    mapping = resource(said, "RouterFunctionApplications")
    assert mapping["EventSourceArn"] == "<ApplicationsTable.StreamArn>"
    assert resource(said, "FailuresWait")["Dimensions"] == [
        {"Name": "QueueName", "Value": "riskstack-failures"}
    ]
    assert "AlarmActions" not in resource(said, "FailuresWait")


def test_settings_are_parameters(root: Path, small_packages: list[Target]) -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    said = planned(
        root, Architecture="x86_64", Stage="v7", AlarmTopicArn=topic, LogRetentionDays="7"
    )
    assert {target.architecture for target in small_packages} == {"x86_64"}
    assert resource(said, "EtlFunction")["Architectures"] == ["x86_64"]
    assert resource(said, "ApiStage")["StageName"] == "v7"
    assert resource(said, "EtlLogGroup")["RetentionInDays"] == "7"
    alarm = resource(said, "ApiFails")
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
    assert not any("ApiGatewayV2" in line for line in said)


def test_the_http_api_is_there_where_it_is_asked_for(root: Path) -> None:
    said = planned(root, HttpApi="create")
    assert any(line.startswith("+ AWS::ApiGatewayV2::Api ") for line in said)
    assert resource(said, "HttpApiMayInvokeEtl")["FunctionName"] == "riskstack-etl"


def test_a_template_that_sam_does_not_take_is_refused() -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": "python3.13"}}
    with pytest.raises(DeploymentError, match=r"SAM does not take deploy/app\.yaml: .*\[F\]"):
        transformed(yaml.safe_dump({"Resources": {"F": function}}), {}, "eu-west-1")


def test_sam_takes_the_template_with_what_it_includes(root: Path) -> None:
    """CloudFormation includes before it transforms (user guide, "AWS::Include transform")."""
    body = yaml.safe_load(written(Template.read(root / "deploy" / "app.yaml").body))
    for name, file in (("Api", "openapi.yaml"), ("ClientsHttpApi", "http-api.yaml")):
        definition = yaml.safe_load((root / "gateway" / file).read_text())
        body["Resources"][name]["Properties"]["DefinitionBody"] = definition
    for name in ("EtlFunction", "RouterFunction"):
        body["Resources"][name]["Properties"]["CodeUri"] = "s3://bucket/key"
    made = transformed(yaml.safe_dump(body), {"Stage": "v1"}, "eu-west-1").body["Resources"]
    paths = made["Api"]["Properties"]["Body"]["paths"]
    assert "/applications/webform" in paths
    # one stage, and it is ours
    assert [key for key, one in made.items() if one["Type"] == "AWS::ApiGateway::Stage"] == [
        "ApiStage"
    ]
    # what runs has the role that is declared, and no other is made
    assert made["EtlFunction"]["Properties"]["Role"] == {"Fn::GetAtt": ["EtlRole", "Arn"]}
    roles = {key for key, one in made.items() if one["Type"] == "AWS::IAM::Role"}
    assert roles == {"EtlRole", "RouterRole", "ApiGatewayLogRole"}


@pytest.mark.parametrize("name", ["data.yaml", "app.yaml"])
def test_cfn_lint_finds_nothing(root: Path, name: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), root / "deploy" / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_metric_that_matters_has_an_alarm(root: Path) -> None:
    app = Template.read(root / "deploy" / "app.yaml")
    alarms = [one.properties for one in app.resources("AWS::CloudWatch::Alarm")]
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms}
    assert watched == {
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "IteratorAge"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    }
    assert all(alarm["AlarmActions"] == alarm["OKActions"] for alarm in alarms)


def test_every_log_ends(root: Path) -> None:
    app = Template.read(root / "deploy" / "app.yaml")
    groups = {one.logical_id: one.properties for one in app.resources("AWS::Logs::LogGroup")}
    assert {group["RetentionInDays"]["Ref"] for group in groups.values()} == {"LogRetentionDays"}
    for function in app.resources("AWS::Serverless::Function"):
        own = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
        name = function.properties["FunctionName"]
        assert groups[own]["LogGroupName"] == f"/aws/lambda/{name}"
        assert function.properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert function.properties["Tracing"] == "PassThrough"
