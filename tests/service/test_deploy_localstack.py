"""`make deploy` and `make destroy` against LocalStack's CloudFormation, in a container of its own.

It makes the stack of data whole, and of what runs all but the functions: the API with its methods,
stage, usage plan and key, the roles, logs and alarms. It rolls back, which moto does not.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests

from deployment.delivery import deploy
from deployment.packages.archive import Package, pack
from deployment.packages.build import Code
from deployment.packages.wheels import Target
from deployment.problem import DeploymentError
from deployment.removal import remove
from deployment.undertaking import APP, DATA, Undertaking
from stack.compose import engine_answers
from tests.conftest import REGION
from tests.deployment_stand import for_localstack, undertaking
from tests.left_out import leave_out

IMAGE = "localstack/localstack:4.14.0"
SERVICES = "apigateway,cloudformation,cloudwatch,dynamodb,dynamodbstreams,iam,logs,s3,sqs,sts"
DEADLINE_S = 120
BUCKET = f"riskstack-artifacts-000000000000-{REGION}"

Deployments = Callable[..., Undertaking]


def docker(*arguments: str) -> str:
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607 - the user's own docker
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def localstack() -> Iterator[str]:
    """The address of a LocalStack with nothing in it.

    Each test has its own: a stack that failed is not removed by LocalStack, and blocks the next.
    """
    if not engine_answers():
        leave_out("deployment to LocalStack's CloudFormation", "no Docker Engine answers here")
    variables = {
        "SERVICES": SERVICES,
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "v2",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
    }
    environ = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    container = docker("run", "--detach", "--rm", "--publish", "127.0.0.1::4566", *environ, IMAGE)
    try:
        address = docker("port", container, "4566").splitlines()[0]
        deadline = time.monotonic() + DEADLINE_S
        while not is_healthy(f"http://{address}"):
            assert time.monotonic() < deadline, docker("logs", container)
            time.sleep(0.2)
        # its first answer takes a start of DynamoDB; a table that is created meanwhile, and tried
        # again by LocalStack itself, would be there already
        warm = boto3.client(
            "dynamodb",
            endpoint_url=f"http://{address}",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
        )
        assert warm.list_tables()["TableNames"] == []
        yield f"http://{address}"
    finally:
        docker("rm", "--force", container)


def is_healthy(url: str) -> bool:
    try:
        return requests.get(f"{url}/_localstack/health", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def deployments(localstack: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Deployments:
    """Makes deployments; `change` is done to the template of what runs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", localstack)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    def build(code: Code, _: Target) -> Package:
        return pack(code.name, {"code.py": code.name.encode()})

    monkeypatch.setattr("deployment.undertaking.build", build)

    def make(change: Callable[[dict[str, Any]], None] = lambda _: None) -> Undertaking:
        def adapt(body: dict[str, Any]) -> dict[str, Any]:
            adapted = for_localstack(body)
            change(adapted["Resources"])
            return adapted

        return undertaking(said, REGION, adapt, pause=0.2)

    return make


def a_key_that_is_not_there(resources: dict[str, Any]) -> None:
    resources["UsagePlanKey"]["Properties"]["KeyId"] = "nobody"


def test_the_api_is_there_as_it_is_declared(deployments: Deployments, said: list[str]) -> None:
    outputs = deploy(deployments())
    api_gateway = boto3.client("apigateway")
    (api,) = (one for one in api_gateway.get_rest_apis()["items"] if one["id"] in outputs["ApiUrl"])
    assert api["name"] == "riskstack"
    paths = {one["path"] for one in api_gateway.get_resources(restApiId=api["id"])["items"]}
    assert {f"/applications/{name}" for name in ("webform", "mobile", "chat", "phone", "mail")} < (
        paths
    )
    (stage,) = api_gateway.get_stages(restApiId=api["id"])["item"]
    assert stage["stageName"] == "v1"
    assert stage["variables"]["release"].startswith("etl.")
    (plan,) = api_gateway.get_usage_plans()["items"]
    assert plan["apiStages"] == [{"apiId": api["id"], "stage": "v1"}]
    assert plan["throttle"] == {"burstLimit": 2000, "rateLimit": 1000.0}
    (key,) = api_gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    assert key["id"] == outputs["ApiKeyId"]
    alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {"riskstack-router-is-behind", "riskstack-failures-wait", "riskstack-api-fails"} < {
        alarm["AlarmName"] for alarm in alarms
    }

    said.clear()
    assert deploy(deployments()) == outputs
    assert "everything is there already: nothing was changed" in said


def test_the_data_is_as_it_is_declared_and_outlives_its_stack(
    deployments: Deployments, said: list[str]
) -> None:
    deploy(deployments())
    (statement,) = statements()
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    remove(deployments(), dry_run=False)
    assert "keep AWS::DynamoDB::Table riskstack-audit: ALL=1 deletes it, too" in said
    assert boto3.client("dynamodb").list_tables()["TableNames"] == [
        "riskstack-applications",
        "riskstack-audit",
    ]
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket=BUCKET)


def statements() -> list[Any]:
    policy = boto3.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]
    parsed: list[Any] = json.loads(policy)["Statement"]
    return parsed


def test_a_resource_that_fails_rolls_back_and_tells(deployments: Deployments) -> None:
    broken = deployments(a_key_that_is_not_there)
    with pytest.raises(DeploymentError) as raised:
        deploy(broken)
    first, _, advice = str(raised.value).partition("\n")
    assert first.startswith(f"the stack {APP} ended in ROLLBACK_COMPLETE: ")
    assert "AWS::ApiGateway::UsagePlanKey UsagePlanKey: " in first
    assert "Invalid API Key identifier specified" in first
    assert "`make destroy`, then `make deploy` again" in advice
    # nothing more is tried
    with pytest.raises(DeploymentError, match=f"the stack {APP} is in ROLLBACK_COMPLETE"):
        deploy(deployments())
    assert broken.stack(DATA).described() is not None
