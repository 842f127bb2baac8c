"""`make deploy` and `make destroy` against moto: its CloudFormation, with what it lacks mended.

moto makes tables, queue, bucket, roles, log groups, functions, the mapping and the API's frame; the
API's methods, stage, plan and alarms it does not know (docs/deploy.md), and nothing is invoked.
"""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto.cloudformation.models import cloudformation_backends

from deployment.delivery import deploy
from deployment.packages.archive import Package, pack
from deployment.packages.build import Code
from deployment.packages.wheels import Target
from deployment.problem import DeploymentError
from deployment.removal import remove
from deployment.settings import Settings
from deployment.undertaking import APP, DATA, Undertaking
from tests.conftest import ACCOUNT, REGION
from tests.deployment_stand import mended_moto, undertaking

pytestmark = [
    # moto says so of each type that it does not know
    pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning"),
    pytest.mark.usefixtures("empty_aws", "small_packages"),
]
BUCKET = f"riskstack-artifacts-{ACCOUNT}-{REGION}"


@pytest.fixture
def small_packages(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Packages of one file each; its content is in the answer."""
    contents: dict[str, bytes] = {}

    def build(code: Code, target: Target) -> Package:
        assert target == Target("arm64", "3.13")
        return pack(code.name, {"code.py": contents.get(code.name, code.name.encode())})

    monkeypatch.setattr("deployment.undertaking.build", build)
    return contents


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def deployment(said: list[str]) -> Iterator[Undertaking]:
    with mended_moto():
        yield undertaking(said, REGION)


def keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(one["Key"].partition("/")[0] for one in found)


def test_what_the_templates_declare_is_there(deployment: Undertaking, said: list[str]) -> None:
    outputs = deploy(deployment)

    functions = {
        one["FunctionName"]: one for one in boto3.client("lambda").list_functions()["Functions"]
    }
    assert functions.keys() == {"riskstack-etl", "riskstack-router"}
    router = functions["riskstack-router"]
    assert (router["Runtime"], router["Handler"]) == ("python3.13", "router.handler.handler")
    assert router["Environment"]["Variables"]["APPLICATIONS_TABLE"] == "riskstack-applications"
    assert router["CodeSha256"] == pack("router", {"code.py": b"router"}).code_sha256
    assert "-RouterRole-" in router["Role"]

    (mapping,) = boto3.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    stream = boto3.client("dynamodb").describe_table(TableName="riskstack-applications")["Table"]
    assert mapping["EventSourceArn"] == stream["LatestStreamArn"]
    assert mapping["BatchSize"] == 100

    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        "/aws/apigateway/riskstack": 90,
        "/aws/lambda/riskstack-etl": 90,
        "/aws/lambda/riskstack-router": 90,
    }
    assert keys() == ["api", "api", "functions", "functions"]
    assert f"the API: {outputs['ApiUrl']}" in said
    assert any("get-api-key" in line and outputs["ApiKeyId"] in line for line in said)


def test_a_second_deployment_changes_nothing_and_says_so(
    deployment: Undertaking, said: list[str]
) -> None:
    first = deploy(deployment)
    said.clear()
    assert deploy(deployment) == first
    assert [line for line in said if "no changes" in line or "nothing" in line] == [
        f"stack {DATA}: no changes",
        f"stack {APP}: no changes",
        "everything is there already: nothing was changed",
    ]
    assert not any(line.startswith("uploaded") for line in said)


def test_new_code_is_a_change_of_its_function(
    deployment: Undertaking, said: list[str], small_packages: dict[str, bytes]
) -> None:
    deploy(deployment)
    small_packages["etl"] = b"mended"
    said.clear()
    deploy(deployment)
    assert f"stack {DATA}: no changes" in said
    assert "  ~ modify AWS::Lambda::Function EtlFunction" in said
    assert "  ~ modify AWS::Lambda::Function RouterFunction" not in said
    etl = boto3.client("lambda").get_function(FunctionName="riskstack-etl")["Configuration"]
    assert etl["CodeSha256"] == pack("etl", {"code.py": b"mended"}).code_sha256


def test_a_parameter_that_the_template_does_not_take_changes_nothing(
    deployment: Undertaking,
) -> None:
    other = replace(deployment, settings=Settings(parameters={"Architecture": "mips"}))
    with pytest.raises(ValueError, match="'mips' is not one of arm64, x86_64"):
        deploy(other)
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_data_is_kept(deployment: Undertaking, said: list[str]) -> None:
    deploy(deployment)
    # its stream would have moto start the function
    table = boto3.resource("dynamodb").Table("riskstack-audit")
    table.put_item(Item={"application_id": "app-1", "version": 1})
    said.clear()

    remove(deployment, dry_run=True)
    assert f"would delete the stack {APP}" in said
    assert "would keep AWS::DynamoDB::Table riskstack-applications: ALL=1 deletes it, too" in said
    assert len(boto3.client("lambda").list_functions()["Functions"]) == 2

    said.clear()
    remove(deployment, dry_run=False)
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert keys() == []
    assert table.item_count == 1
    assert f"keep AWS::S3::Bucket {BUCKET}: ALL=1 deletes it, too" in said


def test_everything_goes_where_that_is_asked_for(deployment: Undertaking, said: list[str]) -> None:
    deploy(deployment)
    boto3.client("s3").put_object(Bucket=BUCKET, Key="mine", Body=b"x")
    everything = replace(deployment, settings=Settings(everything=True))
    remove(deployment, dry_run=False)
    # what was kept is found by its name, without its stack
    remove(everything, dry_run=False)
    assert f"delete AWS::S3::Bucket {BUCKET}, with what is in it" in said
    assert boto3.client("s3").list_buckets()["Buckets"] == []
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    said.clear()
    remove(everything, dry_run=False)
    assert said[-1] == "there is nothing that a deployment has made"


def test_the_role_for_logs_is_taken_out_of_api_gateways_settings(
    deployment: Undertaking, said: list[str]
) -> None:
    deploy(deployment)
    roles = boto3.client("iam").list_roles()["Roles"]
    (role,) = (one["Arn"] for one in roles if "ApiGatewayLogRole" in one["RoleName"])
    api_gateway = boto3.client("apigateway")
    # what AWS::ApiGateway::Account does
    api_gateway.update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    remove(deployment, dry_run=False)
    assert "take the role for logs out of API Gateway's settings" in said
    assert not api_gateway.get_account().get("cloudwatchRoleArn")


def test_a_role_for_logs_that_is_there_is_left(deployment: Undertaking, said: list[str]) -> None:
    api_gateway = boto3.client("apigateway")
    role = f"arn:aws:iam::{ACCOUNT}:role/of-others"
    api_gateway.update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    deploy(deployment)
    assert "  + add AWS::IAM::Role EtlRole" in said
    names = [one["RoleName"] for one in boto3.client("iam").list_roles()["Roles"]]
    assert not any("ApiGatewayLogRole" in name for name in names)
    remove(deployment, dry_run=False)
    assert api_gateway.get_account()["cloudwatchRoleArn"] == role


def test_a_stack_whose_creation_failed_is_left_and_told(deployment: Undertaking) -> None:
    deploy(deployment)
    stack = cloudformation_backends[ACCOUNT][REGION].get_stack(APP)
    stack.status = "ROLLBACK_COMPLETE"
    with pytest.raises(DeploymentError, match=r"is in ROLLBACK_COMPLETE: .* `make destroy`"):
        deploy(deployment)
    remove(deployment, dry_run=False)
    assert boto3.client("lambda").list_functions()["Functions"] == []
