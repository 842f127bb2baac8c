"""SageMaker's control API as boto3 sees it, over real HTTP, with endpoints of real processes.

Requests and answers are those of botocore's service model; texts of errors name their source.
"""

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from botocore.exceptions import ClientError, WaiterError

from tests.hosting_stand import DEADLINE_S, HttpContainer, wait_until
from tests.unit.hosting.control.served_hosting import ROOT, Hosting, hosting, refused
from tests.unit.hosting.fleet.fleets import COMMAND, model

ARN = "arn:aws:sagemaker:eu-central-1:123456789012"

VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
VARIANT = {
    "VariantName": "main",
    "ModelName": "none",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosting]:
    with hosting(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def name() -> str:
    return f"n{uuid4().hex[:12]}"


def test_the_life_of_an_endpoint(running: Hosting, name: str, tmp_path: Path) -> None:
    sagemaker = running.sagemaker
    running.create(name, ModelDataUrl=model(tmp_path / "one", "0.1"), Environment={"A": "b"})
    created = sagemaker.create_endpoint(
        EndpointName=name, EndpointConfigName=name, Tags=[{"Key": "team", "Value": "risk"}]
    )
    assert created["EndpointArn"] == f"{ARN}:endpoint/{name}"
    creating = sagemaker.describe_endpoint(EndpointName=name)
    assert creating["EndpointStatus"] == "Creating"
    assert creating["PendingDeploymentSummary"]["EndpointConfigName"] == name
    described = running.in_service(name)
    assert "PendingDeploymentSummary" not in described
    [variant] = described["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 1)
    assert (variant["CurrentWeight"], variant["DesiredWeight"]) == (1.0, 1.0)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == "tiny"
    assert running.ask(name) == "0.1"

    # more instances, another weight
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[
            {"VariantName": "main", "DesiredInstanceCount": 2, "DesiredWeight": 3}
        ],
    )
    [variant] = running.in_service(name)["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (2, 3.0)

    # another configuration
    other = running.create(f"{name}-2", ModelDataUrl=model(tmp_path / "two", "0.2"))
    updated = sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
    assert updated["EndpointArn"] == f"{ARN}:endpoint/{name}"
    described = running.in_service(name)
    assert described["EndpointConfigName"] == other
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert running.ask(name) == "0.2"

    running.delete(name)
    with refused("ValidationException", f'Could not find endpoint "{ARN}:endpoint/{name}".'):
        sagemaker.describe_endpoint(EndpointName=name)
    with pytest.raises(running.runtime.exceptions.ClientError, match="not found"):
        running.ask(name)
    for each in (name, other):
        sagemaker.delete_endpoint_config(EndpointConfigName=each)
        sagemaker.delete_model(ModelName=each)


def test_models_are_described_as_they_were_created(running: Hosting, name: str) -> None:
    container = {
        "Image": "tiny",
        "Mode": "SingleModel",
        "ModelDataUrl": "s3://bucket/model.tar.gz",
        "Environment": {"KEY": "value"},
    }
    role = "arn:aws:iam::123456789012:role/sagemaker"
    running.sagemaker.create_model(
        ModelName=name,
        PrimaryContainer=container,  # type: ignore[arg-type] # a dict of str is one of literals
        ExecutionRoleArn=role,
        EnableNetworkIsolation=False,
    )
    described = running.sagemaker.describe_model(ModelName=name)
    assert described["PrimaryContainer"] == container
    assert (described["ModelArn"], described["ExecutionRoleArn"]) == (f"{ARN}:model/{name}", role)
    with refused(
        "ValidationException", f'Cannot create already existing model "{ARN}:model/{name}".'
    ):
        running.sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "tiny"})
    running.sagemaker.delete_model(ModelName=name)
    # (aws/sagemaker-python-sdk #101 for the form of these texts)
    with refused("ValidationException", f'Could not find model "{ARN}:model/{name}".'):
        running.sagemaker.describe_model(ModelName=name)
    with refused("ValidationException", f'Could not find model "{ARN}:model/{name}".'):
        running.sagemaker.delete_model(ModelName=name)


def test_configurations_are_described_as_they_were_created(running: Hosting, name: str) -> None:
    sagemaker = running.sagemaker
    sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "tiny"})
    variant: Any = {
        "VariantName": "main",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 0.5,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
    }
    shadow: Any = {**variant, "VariantName": "shadow"}
    capture: Any = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 50,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    asynchronous: Any = {
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
        "OutputConfig": {"S3OutputPath": "s3://bucket/out", "S3FailurePath": "s3://bucket/bad"},
    }
    created = sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant],
        ShadowProductionVariants=[shadow],
        DataCaptureConfig=capture,
        AsyncInferenceConfig=asynchronous,
    )
    assert created["EndpointConfigArn"] == f"{ARN}:endpoint-config/{name}"
    described = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert described["ProductionVariants"] == [variant]
    assert described["ShadowProductionVariants"] == [shadow]
    assert described["DataCaptureConfig"] == capture
    assert described["AsyncInferenceConfig"] == asynchronous
    # (hashicorp/terraform-provider-aws #40048)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    with refused(
        "ValidationException",
        f'Could not find endpoint configuration "{ARN}:endpoint-config/{name}".',
    ):
        sagemaker.describe_endpoint_config(EndpointConfigName=name)


def test_lists_come_in_pages_filtered_and_sorted(running: Hosting, name: str) -> None:
    sagemaker = running.sagemaker
    names = [f"{name}-{letter}" for letter in "cab"]
    for each in names:
        sagemaker.create_model(ModelName=each, PrimaryContainer={"Image": "tiny"})
    pages = sagemaker.get_paginator("list_models").paginate(
        NameContains=name, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found = [[each["ModelName"] for each in page["Models"]] for page in pages]
    assert found == [[f"{name}-a", f"{name}-b"], [f"{name}-c"]]
    # by default the newest first (botocore, ListModels)
    newest = sagemaker.list_models(NameContains=name)["Models"]
    assert [each["ModelName"] for each in newest] == names[::-1]
    after = newest[-1]["CreationTime"]
    later = sagemaker.list_models(NameContains=name, CreationTimeAfter=after)["Models"]
    assert f"{name}-c" not in [each["ModelName"] for each in later]
    with pytest.raises(ClientError, match="NextToken is not one"):
        sagemaker.list_models(NextToken="guessed")
    sagemaker.list_endpoint_configs(NameContains=name)
    assert sagemaker.list_endpoints(NameContains=name, StatusEquals="InService")["Endpoints"] == []


def test_resources_have_tags(running: Hosting, name: str) -> None:
    sagemaker = running.sagemaker
    tags: Any = [{"Key": "team", "Value": "risk"}]
    arn = sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "tiny"}, Tags=tags)[
        "ModelArn"
    ]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    more: Any = [{"Key": "team", "Value": "fraud"}, {"Key": "stage", "Value": "t"}]
    assert sagemaker.add_tags(ResourceArn=arn, Tags=more)["Tags"] == more
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == more[1:]
    sagemaker.delete_model(ModelName=name)
    with pytest.raises(ClientError, match="Could not find resource"):
        sagemaker.list_tags(ResourceArn=arn)


def test_no_request_is_dropped_by_an_update(running: Hosting, name: str, tmp_path: Path) -> None:
    running.create(name, ModelDataUrl=model(tmp_path / "one", "0.1"))
    other = running.create(f"{name}-2", ModelDataUrl=model(tmp_path / "two", "0.2"))
    running.endpoint(name)
    over = threading.Event()

    def ask() -> list[str]:
        answers = []
        while not over.is_set():
            answers.append(running.ask(name))
        return [*answers, running.ask(name)]

    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            running.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
            running.in_service(name)
        finally:
            over.set()
        for each in asking:
            answers = each.result(DEADLINE_S)
            assert set(answers) == {"0.1", "0.2"}
            # once the new fleet has answered the old one does no more
            assert answers == sorted(answers)
    running.delete(name)


def test_an_invocation_ends_on_the_instance_that_it_began_on(
    running: Hosting, name: str, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    running.create(
        name,
        ModelDataUrl=model(tmp_path / "one", "0.1"),
        Environment={"MOOD": "slow", "GO": str(go)},
    )
    other = running.create(f"{name}-2", ModelDataUrl=model(tmp_path / "two", "0.2"))
    running.endpoint(name)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(running.ask, name)
        running.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
        running.in_service(name)
        assert running.ask(name) == "0.2"
        assert not slow.done()
        go.touch()
        assert slow.result(DEADLINE_S) == "0.1"
    running.delete(name)


def test_an_update_that_fails_changes_nothing_but_the_failure_reason(
    running: Hosting, name: str
) -> None:
    running.create(name, Environment={"ANSWER": "0.1"})
    broken = running.create(f"{name}-2", Environment={"MOOD": "exit"})
    running.endpoint(name)
    running.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=broken)
    described = running.in_service(name)
    assert described["EndpointConfigName"] == name
    # AWS's words (awslabs/llm-hosting-container #18), then those of the container
    assert described["FailureReason"].startswith(
        "The primary container for production variant main did not pass the ping health check."
        " Please check CloudWatch logs for this endpoint. It ended with exit code 1:"
    )
    assert running.ask(name) == "0.1"
    running.delete(name)


def test_what_cannot_start_fails_with_a_reason(running: Hosting, name: str) -> None:
    running.create(name, Image="nginx")
    running.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(WaiterError, match="Failed"):
        running.in_service(name)
    described = running.sagemaker.describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "Failed"
    assert "Image nginx needs a container engine" in described["FailureReason"]
    with refused(
        "ValidationException", f'Cannot update failed endpoint "{ARN}:endpoint/{name}": delete it.'
    ):
        running.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=name)
    running.delete(name)


def test_an_endpoint_under_way_is_not_to_be_changed(running: Hosting, name: str) -> None:
    running.create(name, Environment={"MOOD": "sick"})
    sagemaker = running.sagemaker
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    text = f'Cannot update in-progress endpoint "{ARN}:endpoint/{name}".'
    with refused("ValidationException", text):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=name)
    with refused("ValidationException", text):
        sagemaker.delete_endpoint(EndpointName=name)
    # (aws/sagemaker-python-sdk #101)
    with refused(
        "ValidationException", f'Cannot create already existing endpoint "{ARN}:endpoint/{name}".'
    ):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_more_instances_than_the_machine_is_to_carry_are_refused(
    running: Hosting, name: str
) -> None:
    running.create(name, count=7)
    with pytest.raises(running.sagemaker.exceptions.ResourceLimitExceeded) as raised:
        running.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert "a request delta of 7 Instances" in raised.value.response["Error"]["Message"]


def test_an_update_beyond_what_the_machine_is_to_carry_is_refused(
    running: Hosting, name: str
) -> None:
    """ResourceLimitExceeded is an error of both updates too (botocore)."""
    sagemaker = running.sagemaker
    running.endpoint(running.create(name, Environment={"ANSWER": "0.1"}))
    many = running.create(f"{name}-2", count=7)
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded) as raised:
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=many)
    assert "a request delta of 7 Instances" in raised.value.response["Error"]["Message"]
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded) as raised:
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name,
            DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 8}],
        )
    assert "a request delta of 7 Instances" in raised.value.response["Error"]["Message"]
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
    running.delete(name)


def test_an_instance_that_ends_is_replaced(running: Hosting, name: str) -> None:
    running.create(name, Environment={"ANSWER": "0.1"})
    running.endpoint(name)
    described = running.sagemaker.describe_endpoint(EndpointName=name)
    [pid] = [
        json.loads(file.read_text())["pid"]
        for file in running.state.glob(f"processes/{name}-*/process.json")
    ]
    os.kill(pid, 9)

    def is_back() -> bool:
        try:
            return running.ask(name) == "0.1"
        except ClientError:
            return False

    wait_until(lambda: not is_back())
    wait_until(is_back)
    again = running.sagemaker.describe_endpoint(EndpointName=name)
    assert again["ProductionVariants"] == described["ProductionVariants"]
    running.delete(name)


def test_endpoints_come_back_after_a_restart(name: str, tmp_path: Path) -> None:
    with hosting(tmp_path) as before:
        before.create(name, count=2, ModelDataUrl=model(tmp_path / "one", "0.1"))
        before.endpoint(name)
        before.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name,
            DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredWeight": 7}],
        )
        described = before.in_service(name)
        # an endpoint goes on without what it was made of
        before.sagemaker.delete_endpoint_config(EndpointConfigName=name)
        before.sagemaker.delete_model(ModelName=name)
    with hosting(tmp_path) as after:
        back = after.in_service(name)
        assert back["ProductionVariants"] == described["ProductionVariants"]
        assert back["CreationTime"] == described["CreationTime"]
        assert after.ask(name) == "0.1"


@contextmanager
def process(state: Path) -> Iterator[Hosting]:
    """Run hosting as a process of its own, and kill it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "ENDPOINTS_FILE": str(ROOT / "deploy" / "endpoint.yaml"),
        "STATE": str(state),
        "CONTAINERS": "credit-risk=http://127.0.0.1:9",
        "PROCESS_IMAGES": f"tiny={shlex.join(COMMAND)}",
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    hosting = Hosting(f"http://127.0.0.1:{port}", state)

    def is_up() -> bool:
        try:
            return bool(requests.get(f"{hosting.url}/health", timeout=DEADLINE_S).content)
        except requests.ConnectionError:
            return False

    with subprocess.Popen(
        [sys.executable, "-m", "hosting"],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.DEVNULL,
    ) as running:
        try:
            wait_until(is_up)
            yield hosting
        finally:
            running.kill()


def test_instances_outlive_a_hosting_that_is_killed(name: str, tmp_path: Path) -> None:
    def pids(running: Hosting) -> list[int]:
        files = running.state.glob("processes/*/process.json")
        return [json.loads(file.read_text())["pid"] for file in files]

    with process(tmp_path) as before:
        before.endpoint(before.create(name, Environment={"ANSWER": "0.1"}))
        started = pids(before)
    with process(tmp_path) as after:
        after.in_service(name)
        assert after.ask(name) == "0.1"
        assert pids(after) == started
        # they end with the endpoint
        after.delete(name)
        assert pids(after) == []


def test_a_declared_endpoint_is_one_like_others_but_for_its_one_instance(
    tmp_path: Path, name: str
) -> None:
    container = HttpContainer()
    with container.running(), hosting(tmp_path, container.url) as running:
        sagemaker = running.sagemaker
        described = running.in_service("credit-risk")
        assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
        assert sagemaker.describe_model(ModelName="credit-risk")["PrimaryContainer"] == {
            "ContainerHostname": "primary"
        }
        assert running.ask("credit-risk") == "0.5"
        with pytest.raises(ClientError, match="cannot be scaled: the container of model"):
            sagemaker.update_endpoint_weights_and_capacities(
                EndpointName="credit-risk",
                DesiredWeightsAndCapacities=[
                    {"VariantName": "AllTraffic", "DesiredInstanceCount": 2}
                ],
            )
        other = running.create(name, ModelDataUrl=model(tmp_path / "one", "0.1"))
        sagemaker.update_endpoint(EndpointName="credit-risk", EndpointConfigName=other)
        running.in_service("credit-risk")
        assert running.ask("credit-risk") == "0.1"
    with hosting(tmp_path, container.url) as after:
        # what was changed is not declared anew, what was deleted is
        after.in_service("credit-risk")
        assert after.ask("credit-risk") == "0.1"
        after.delete("credit-risk")
    fresh = HttpContainer()
    with fresh.running(), hosting(tmp_path, fresh.url) as again:
        again.in_service("credit-risk")
        assert again.ask("credit-risk") == "0.5"


def test_a_declared_endpoint_whose_container_never_answers_can_be_deleted(tmp_path: Path) -> None:
    with hosting(tmp_path) as running:
        described = running.sagemaker.describe_endpoint(EndpointName="credit-risk")
        assert described["EndpointStatus"] == "Creating"
        running.delete("credit-risk")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "create_model",
        {"PrimaryContainer": {"Image": "tiny"}, "VpcConfig": VPC},
        "CreateModel does not support VpcConfig.SecurityGroupIds in this stack: leave it out.",
    ),
    (
        "create_model",
        {"PrimaryContainer": {"Image": "tiny"}, "EnableNetworkIsolation": True},
        "CreateModel does not support EnableNetworkIsolation True in this stack: it can be False.",
    ),
    (
        "create_model",
        {"PrimaryContainer": {"ModelPackageName": "package"}},
        (
            "CreateModel does not support PrimaryContainer.ModelPackageName in this stack:"
            " leave it out."
        ),
    ),
    (
        "create_model",
        {"PrimaryContainer": {}},
        "PrimaryContainer.Image is missing: give the image that serves the model.",
    ),
    ("create_model", {}, "A model has either a PrimaryContainer or Containers: give one of them."),
    (
        "create_model",
        {"PrimaryContainer": {"Image": "tiny", "ModelDataUrl": "s3://bucket/model.zip"}},
        (
            "PrimaryContainer.ModelDataUrl s3://bucket/model.zip is neither"
            " s3://bucket/key.tar.gz nor file:///folder, a folder that hosting can read."
        ),
    ),
    (
        "create_endpoint_config",
        {"ProductionVariants": [{**VARIANT, "ServerlessConfig": SERVERLESS}]},
        (
            "CreateEndpointConfig does not support"
            " ProductionVariants.ServerlessConfig.MemorySizeInMB in this stack: leave it out."
        ),
    ),
    (
        "create_endpoint_config",
        {"ProductionVariants": [VARIANT]},
        f'Could not find model "{ARN}:model/none".',
    ),
]


@pytest.mark.parametrize(("operation", "members", "message"), REFUSED)
def test_what_is_not_emulated_is_refused_by_name(
    running: Hosting, name: str, operation: str, members: dict[str, Any], message: str
) -> None:
    names = {"create_model": "ModelName", "create_endpoint_config": "EndpointConfigName"}
    with refused("ValidationException", message):
        getattr(running.sagemaker, operation)(**{names[operation]: name, **members})


def post(running: Hosting, target: str, body: str) -> requests.Response:
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    return requests.post(running.url, body, headers=headers, timeout=DEADLINE_S)


@pytest.mark.parametrize(
    ("target", "body", "code", "message"),
    [
        (
            "SageMaker.CreateDomain",
            "{}",
            "UnknownOperationException",
            "CreateDomain is not supported by this stack.",
        ),
        (
            "SageMaker.Guess",
            "{}",
            "UnknownOperationException",
            "SageMaker.Guess is no operation of AWS.",
        ),
        (
            "DynamoDB_20120810.GetItem",
            "{}",
            "UnknownOperationException",
            "DynamoDB_20120810.GetItem is no operation of this stack.",
        ),
        ("SageMaker.ListModels", "{", "SerializationException", "The body is not JSON."),
        ("SageMaker.ListModels", "[]", "SerializationException", "The body is not a JSON object."),
        pytest.param(
            "SageMaker.ListModels",
            '{"a":' * 100_000,
            "SerializationException",
            "The body is nested too deeply.",
            id="deep",
        ),
        *(
            (
                "SageMaker.CreateEndpointConfig",
                f'{{"ProductionVariants": [{{"InitialVariantWeight": {number}}}]}}',
                "SerializationException",
                "The body has a number that is not finite.",
            )
            for number in ("NaN", "-Infinity", "1e999", "1" + "0" * 309)
        ),
        (
            "AnyScaleFrontendService.PutScalingPolicy",
            '{"TargetTrackingScalingPolicyConfiguration": {"TargetValue": NaN}}',
            "SerializationException",
            "The body has a number that is not finite.",
        ),
        (
            "SageMaker.ListModels",
            '{"NextToken": "MQ=="}',
            "ValidationException",
            "NextToken is not one that this operation gave for this SortBy: start without it.",
        ),
        (
            "SageMaker.ListModels",
            '{"MaxResults": "5"}',
            "SerializationException",
            "maxResults: STRING_VALUE can not be converted to integer.",
        ),
        (
            "SageMaker.CreateEndpointConfig",
            json.dumps(
                {
                    "EndpointConfigName": "a_b",
                    "ProductionVariants": [{**VARIANT, "InitialInstanceCount": 0}],
                }
            ),
            "ValidationException",
            (
                "2 validation errors detected: Value 'a_b' at 'endpointConfigName' failed to"
                " satisfy constraint: Member must satisfy regular expression pattern:"
                " [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}; Value '0' at"
                " 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint:"
                " Member must have value greater than or equal to 1"
            ),
        ),
        (
            "SageMaker.DescribeModel",
            '{"ModelName": null}',
            "ValidationException",
            (
                "1 validation error detected: Value null at 'modelName' failed to satisfy"
                " constraint: Member must not be null"
            ),
        ),
    ],
)
def test_errors_are_those_of_the_json_protocol(
    running: Hosting, target: str, body: str, code: str, message: str
) -> None:
    response = post(running, target, body)
    assert response.status_code == 400
    assert response.headers["x-amzn-requestid"]
    assert (response.json()["__type"], response.json()["message"]) == (code, message)
