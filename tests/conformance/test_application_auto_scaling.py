"""Application Auto Scaling as boto3 sees it, over real HTTP: targets, policies, and what they do.

Requests and answers are those of botocore's service model.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.hosting_stand import wait_until
from tests.unit.hosting.control.served_hosting import Hosting, hosting, refused

NAME = "scaled"
RESOURCE = f"endpoint/{NAME}/variant/main"
TARGET: Any = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
METRIC: Any = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
POLICY: Any = {
    **TARGET,
    "PolicyName": "invocations",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1.0,
        "PredefinedMetricSpecification": METRIC,
        "ScaleOutCooldown": 0,
        "ScaleInCooldown": 0,
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosting]:
    with hosting(tmp_path_factory.mktemp("state"), metric_period_s=0.05) as running:
        running.endpoint(running.create(NAME, Environment={"ANSWER": "1"}))
        yield running


@pytest.fixture
def target(running: Hosting) -> Iterator[Any]:
    """A registered target, as it is described; what was scaled is scaled back at the end."""
    running.auto_scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    [target] = running.auto_scaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    yield target
    running.auto_scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=1)
    wait_until(lambda: instances(running) == 1)
    running.auto_scaling.deregister_scalable_target(**TARGET)


def instances(running: Hosting) -> int | None:
    described = running.sagemaker.describe_endpoint(EndpointName=NAME)
    if described["EndpointStatus"] != "InService":
        return None
    return described["ProductionVariants"][0]["CurrentInstanceCount"]


@contextmanager
def traffic(running: Hosting) -> Iterator[list[str]]:
    """Invoke the endpoint all the time, and give the answers."""
    answers: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(running.ask(NAME))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def test_a_target_is_described_as_it_was_registered(running: Hosting, target: Any) -> None:  # noqa: ANN401 - an answer
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)
    assert target["ResourceId"] == RESOURCE
    assert target["RoleARN"].startswith("arn:aws:iam::123456789012:role/aws-service-role/")
    # botocore's documentation of RegisterScalableTarget: what is not given is not changed
    again = running.auto_scaling.register_scalable_target(
        **TARGET, MaxCapacity=3, SuspendedState={"DynamicScalingInSuspended": True}
    )
    assert again["ScalableTargetARN"] == target["ScalableTargetARN"]
    [changed] = running.auto_scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[RESOURCE]
    )["ScalableTargets"]
    assert (changed["MinCapacity"], changed["MaxCapacity"]) == (1, 3)
    assert changed["SuspendedState"]["DynamicScalingInSuspended"]
    assert changed["CreationTime"] == target["CreationTime"]


@pytest.mark.usefixtures("target")
def test_a_policy_is_described_as_it_was_put(running: Hosting) -> None:
    scaling = running.auto_scaling
    put = scaling.put_scaling_policy(**POLICY)
    assert put["PolicyARN"].endswith(f":resource/sagemaker/{RESOURCE}:policyName/invocations")
    changed = {**POLICY["TargetTrackingScalingPolicyConfiguration"], "TargetValue": 1e6}
    again = scaling.put_scaling_policy(
        **{**POLICY, "TargetTrackingScalingPolicyConfiguration": changed}
    )
    assert again["PolicyARN"] == put["PolicyARN"]
    [policy] = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=RESOURCE, PolicyNames=["invocations"]
    )["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == changed
    # (hashicorp/terraform-provider-aws #41179)
    with refused(
        "ValidationException",
        "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
    ):
        scaling.put_scaling_policy(**{**POLICY, "PolicyName": "another"})
    scaling.delete_scaling_policy(**TARGET, PolicyName="invocations")
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.delete_scaling_policy(**TARGET, PolicyName="invocations")


@pytest.mark.usefixtures("target")
def test_traffic_adds_instances_and_its_end_takes_them_away(running: Hosting) -> None:
    running.auto_scaling.put_scaling_policy(**POLICY)
    with traffic(running) as answers:
        wait_until(lambda: instances(running) == 2)
    # no answer was missing while it grew
    assert set(answers) == {"1"}
    wait_until(lambda: instances(running) == 1)
    activities = running.auto_scaling.describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=RESOURCE
    )["ScalingActivities"]
    descriptions = [each["Description"] for each in activities]
    assert descriptions == [
        "Setting desired instance count to 1.",
        "Setting desired instance count to 2.",
    ]
    assert activities[-1]["StatusCode"] == "Successful"
    assert "invocations" in activities[-1]["Cause"]


@pytest.mark.usefixtures("target")
def test_capacity_is_brought_within_its_bounds(running: Hosting) -> None:
    running.auto_scaling.register_scalable_target(**TARGET, MinCapacity=2)
    wait_until(lambda: instances(running) == 2)
    assert running.ask(NAME) == "1"


def test_lists_come_in_pages(running: Hosting, target: Any) -> None:  # noqa: ANN401 - an answer
    running.endpoint(running.create("other", Environment={"ANSWER": "2"}))
    other = "endpoint/other/variant/main"
    running.auto_scaling.register_scalable_target(
        **{**TARGET, "ResourceId": other}, MinCapacity=1, MaxCapacity=1
    )
    pages = running.auto_scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 1}
    )
    found = [[each["ResourceId"] for each in page["ScalableTargets"]] for page in pages]
    assert found == [[other], [target["ResourceId"]]]
    with pytest.raises(running.auto_scaling.exceptions.InvalidNextTokenException):
        running.auto_scaling.describe_scalable_targets(
            ServiceNamespace="sagemaker", NextToken="guessed"
        )
    # a target goes with its endpoint
    running.delete("other")
    wait_until(
        lambda: (
            [
                each["ResourceId"]
                for each in running.auto_scaling.describe_scalable_targets(
                    ServiceNamespace="sagemaker"
                )["ScalableTargets"]
            ]
            == [RESOURCE]
        )
    )


PAGES = ["describe_scalable_targets", "describe_scaling_policies", "describe_scaling_activities"]


@pytest.mark.parametrize("operation", PAGES)
def test_a_token_that_was_not_given_is_refused(running: Hosting, operation: str) -> None:
    """InvalidNextTokenException, an error of every operation that gives pages (botocore)."""
    with pytest.raises(running.auto_scaling.exceptions.InvalidNextTokenException) as raised:
        getattr(running.auto_scaling, operation)(ServiceNamespace="sagemaker", NextToken="guessed")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


LONG = "x" * 1601


@pytest.mark.parametrize(
    ("operation", "members", "where"),
    [
        ("register_scalable_target", {**TARGET, "ResourceId": LONG}, "resourceId"),
        ("deregister_scalable_target", {**TARGET, "ResourceId": LONG}, "resourceId"),
        (
            "describe_scalable_targets",
            {"ServiceNamespace": "sagemaker", "ResourceIds": [LONG]},
            "resourceIds",
        ),
        ("put_scaling_policy", {**POLICY, "ResourceId": LONG}, "resourceId"),
        (
            "describe_scaling_policies",
            {"ServiceNamespace": "sagemaker", "ResourceId": LONG},
            "resourceId",
        ),
        ("delete_scaling_policy", {**TARGET, "PolicyName": LONG}, "policyName"),
        (
            "describe_scaling_activities",
            {"ServiceNamespace": "sagemaker", "ResourceId": LONG},
            "resourceId",
        ),
    ],
)
def test_what_breaks_the_service_model_is_refused(
    running: Hosting, operation: str, members: dict[str, Any], where: str
) -> None:
    """ValidationException is an error of every operation; the limit is ResourceIdMaxLen1600's."""
    with pytest.raises(running.auto_scaling.exceptions.ValidationException) as raised:
        getattr(running.auto_scaling, operation)(**members)
    message = raised.value.response["Error"]["Message"]
    assert message.startswith("1 validation error detected: Value ")
    assert f" at '{where}' failed to satisfy constraint: " in message
    assert "Member must have length less than or equal to 1600" in message


STEPS: Any = {
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity"},
}
CPU: Any = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        (
            "register_scalable_target",
            {"MinCapacity": 2, "MaxCapacity": 1},
            "Maximum capacity cannot be less than minimum capacity",
        ),
        (
            "register_scalable_target",
            {"MinCapacity": 0, "MaxCapacity": 1},
            "MinCapacity below 1 is not supported in this stack.",
        ),
        (
            "register_scalable_target",
            {"MinCapacity": 1},
            "MaxCapacity is missing: a new target has both bounds.",
        ),
        (
            "register_scalable_target",
            {"ResourceId": "endpoint/none/variant/main"},
            (
                'Endpoint "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/none" is not'
                " there, or not in service yet."
            ),
        ),
        (
            "register_scalable_target",
            {"ResourceId": f"endpoint/{NAME}/variant/none"},
            f"Variant none is not a production variant of endpoint {NAME}.",
        ),
        (
            "register_scalable_target",
            {"ResourceId": "table/applications"},
            (
                "ResourceId table/applications is not supported in this stack: give"
                " endpoint/<EndpointName>/variant/<VariantName>."
            ),
        ),
        (
            "register_scalable_target",
            {"ServiceNamespace": "ecs"},
            (
                "RegisterScalableTarget does not support ServiceNamespace ecs in this stack:"
                " it can be sagemaker."
            ),
        ),
        (
            "put_scaling_policy",
            {"PolicyName": "steps", **STEPS},
            (
                "PutScalingPolicy does not support PolicyType StepScaling in this stack:"
                " it can be TargetTrackingScaling."
            ),
        ),
        (
            "put_scaling_policy",
            {
                **POLICY,
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 1.0,
                    "PredefinedMetricSpecification": CPU,
                },
            },
            (
                "PutScalingPolicy does not support TargetTrackingScalingPolicyConfiguration."
                "PredefinedMetricSpecification.PredefinedMetricType"
                " ECSServiceAverageCPUUtilization in this stack: it can be"
                " SageMakerVariantInvocationsPerInstance."
            ),
        ),
        ("put_scaling_policy", {"PolicyName": "x"}, "PolicyType is missing: this stack supports"),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    running: Hosting, operation: str, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(running.auto_scaling, operation)(**{**TARGET, **members})
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(message)


def test_what_was_not_registered_is_not_found(running: Hosting) -> None:
    unknown = {**TARGET, "ResourceId": "endpoint/none/variant/main"}
    text = (
        "No scalable target found for service namespace: sagemaker, resource ID:"
        " endpoint/none/variant/main, scalable dimension: sagemaker:variant:DesiredInstanceCount"
    )
    with refused("ObjectNotFoundException", text):
        running.auto_scaling.deregister_scalable_target(**unknown)
    with refused("ObjectNotFoundException", text):
        running.auto_scaling.put_scaling_policy(**{**POLICY, **unknown})
