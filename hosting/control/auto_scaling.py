"""Application Auto Scaling: the operations on scalable targets, policies and activities.

Only variants of SageMaker's endpoints are targets, and only target tracking of their
InvocationsPerInstance is a policy. Not: when something is scaled (scaling_loop, target_tracking).
"""

import base64
from collections.abc import Iterable, Sequence
from uuid import uuid4

from hosting.control.api_errors import (
    InvalidNextTokenError,
    InvalidRequestError,
    ObjectNotFoundError,
)
from hosting.control.endpoints import Endpoints
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.members import Members
from hosting.control.registry import Registry
from hosting.control.scaling_records import DIMENSION, NAMESPACE, Resource, ScalingRecords
from hosting.store import Document

METRIC = "SageMakerVariantInvocationsPerInstance"
PAGE_SIZE = 50

_WHAT = frozenset({"ResourceId"})
_ONLY: dict[str, tuple[object, ...]] = {
    "ServiceNamespace": (NAMESPACE,),
    "ScalableDimension": (DIMENSION,),
}
_PAGE = frozenset({"MaxResults", "NextToken"})
_CONFIG = "TargetTrackingScalingPolicyConfiguration"

_SUSPENDED = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)

REGISTER = Members(
    # the role of the service itself is used where there is one, as for SageMaker (botocore), and
    # there are no scheduled actions that could be suspended
    _WHAT | {"MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState"},
    only=_ONLY,
)
IDENTIFY = Members(_WHAT, only=_ONLY)
DESCRIBE_TARGETS = Members(_PAGE | {"ResourceIds"}, only=_ONLY)
PUT_POLICY = Members(
    _WHAT
    | {
        "PolicyName",
        f"{_CONFIG}.TargetValue",
        f"{_CONFIG}.ScaleOutCooldown",
        f"{_CONFIG}.ScaleInCooldown",
        f"{_CONFIG}.DisableScaleIn",
    },
    only={
        **_ONLY,
        "PolicyType": ("TargetTrackingScaling",),
        f"{_CONFIG}.PredefinedMetricSpecification.PredefinedMetricType": (METRIC,),
    },
)
DESCRIBE_POLICIES = Members(_WHAT | _PAGE | {"PolicyNames"}, only=_ONLY)
DELETE_POLICY = Members(_WHAT | {"PolicyName"}, only=_ONLY)
DESCRIBE_ACTIVITIES = Members(_WHAT | _PAGE, only={**_ONLY, "IncludeNotScaledActivities": (False,)})


class AutoScaling:
    """The scalable targets that were registered, and what was asked for them."""

    def __init__(self, registry: Registry, records: ScalingRecords, endpoints: Endpoints) -> None:
        self._registry = registry
        self._records = records
        self._endpoints = endpoints

    def operations(self) -> Operations:
        """Give the operations of Application Auto Scaling."""
        return {
            "RegisterScalableTarget": Operation(self.register, REGISTER),
            "DeregisterScalableTarget": Operation(self.deregister, IDENTIFY),
            "DescribeScalableTargets": Operation(self.describe_targets, DESCRIBE_TARGETS),
            "PutScalingPolicy": Operation(self.put_policy, PUT_POLICY),
            "DescribeScalingPolicies": Operation(self.describe_policies, DESCRIBE_POLICIES),
            "DeleteScalingPolicy": Operation(self.delete_policy, DELETE_POLICY),
            "DescribeScalingActivities": Operation(self.describe_activities, DESCRIBE_ACTIVITIES),
        }

    async def register(self, request: Request) -> Document:
        """Create a target, or change the members of one that are given."""
        resource = Resource.parse(request["ResourceId"])
        if fault := self._endpoints.why_not_scalable(resource.endpoint, resource.variant):
            raise InvalidRequestError(fault)
        known = self._records.target(resource.id)
        before = known or {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource.id,
            "ScalableDimension": DIMENSION,
            "RoleARN": self._role(),
            "CreationTime": self._registry.now(),
            "SuspendedState": dict.fromkeys(_SUSPENDED, False),
            "ScalableTargetARN": self._target_arn(),
        }
        changes = {
            name: request[name] for name in ("MinCapacity", "MaxCapacity") if name in request
        }
        suspended = {**before["SuspendedState"], **request.get("SuspendedState", {})}
        target = {**before, **changes, "SuspendedState": suspended}
        for fault in _target_faults(target):
            raise InvalidRequestError(fault)
        self._records.put_target(target)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    async def deregister(self, request: Request) -> Document:
        """Delete a target with its policies."""
        self._records.delete_target(self._target(request)["ResourceId"])
        return {}

    async def describe_targets(self, request: Request) -> Document:
        """Give a page of targets."""
        wanted = request.get("ResourceIds")
        targets = [
            each
            for each in self._records.targets()
            if wanted is None or each["ResourceId"] in wanted
        ]
        return _page("ScalableTargets", targets, request)

    async def put_policy(self, request: Request) -> Document:
        """Create a policy of a target, or replace the one of that name."""
        for fault in _policy_faults(request):
            raise InvalidRequestError(fault)
        resource_id = self._target(request)["ResourceId"]
        name = request["PolicyName"]
        before = self._records.policies(resource_id)
        if any(each["PolicyName"] != name for each in before):
            # AWS's words (hashicorp/terraform-provider-aws #41179)
            raise InvalidRequestError(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            )
        policy = {
            "PolicyARN": self._policy_arn(resource_id, name),
            "CreationTime": self._registry.now(),
            **(before[0] if before else {}),
            "PolicyName": name,
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource_id,
            "ScalableDimension": DIMENSION,
            "PolicyType": "TargetTrackingScaling",
            _CONFIG: request[_CONFIG],
            # there is no CloudWatch here that could have them
            "Alarms": [],
        }
        self._records.put_policy(policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": []}

    async def describe_policies(self, request: Request) -> Document:
        """Give a page of policies."""
        names = request.get("PolicyNames")
        policies = [
            each
            for each in self._records.policies(request.get("ResourceId"))
            if names is None or each["PolicyName"] in names
        ]
        return _page("ScalingPolicies", policies, request)

    async def delete_policy(self, request: Request) -> Document:
        """Delete a policy; the instances that it asked for stay."""
        resource_id = request["ResourceId"]
        name = request["PolicyName"]
        if name not in {each["PolicyName"] for each in self._records.policies(resource_id)}:
            raise ObjectNotFoundError(
                f"No scaling policy found for service namespace: {NAMESPACE}, resource ID:"
                f" {resource_id}, scalable dimension: {DIMENSION}, policy name: {name}"
            )
        self._records.delete_policy(resource_id, name)
        return {}

    async def describe_activities(self, request: Request) -> Document:
        """Give a page of activities, the newest first."""
        activities = self._records.activities(request.get("ResourceId"))
        return _page("ScalingActivities", activities, request)

    def _target(self, request: Request) -> Request:
        target = self._records.target(request["ResourceId"])
        if target is None:
            raise ObjectNotFoundError(
                f"No scalable target found for service namespace: {NAMESPACE}, resource ID:"
                f" {request['ResourceId']}, scalable dimension: {DIMENSION}"
            )
        return target

    def _role(self) -> str:
        owner = self._registry.owner
        return (
            f"arn:aws:iam::{owner.account_id}:role/aws-service-role/"
            "sagemaker.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        )

    def _target_arn(self) -> str:
        owner = self._registry.owner
        return (
            f"arn:aws:application-autoscaling:{owner.region}:{owner.account_id}:"
            f"scalable-target/{uuid4().hex}"
        )

    def _policy_arn(self, resource_id: str, name: str) -> str:
        owner = self._registry.owner
        return (
            f"arn:aws:autoscaling:{owner.region}:{owner.account_id}:scalingPolicy:{uuid4()}:"
            f"resource/{NAMESPACE}/{resource_id}:policyName/{name}"
        )


def _target_faults(target: Request) -> Iterable[str]:
    for name in ("MinCapacity", "MaxCapacity"):
        if name not in target:
            yield f"{name} is missing: a new target has both bounds."
            return
    if target["MinCapacity"] < 1:
        yield "MinCapacity below 1 is not supported in this stack."
    if target["MaxCapacity"] < target["MinCapacity"]:
        yield "Maximum capacity cannot be less than minimum capacity"


def _policy_faults(request: Request) -> Iterable[str]:
    if "PolicyType" not in request:
        yield "PolicyType is missing: this stack supports TargetTrackingScaling."
    config = request.get(_CONFIG)
    if config is None:
        yield f"{_CONFIG} is missing."
        return
    if "PredefinedMetricSpecification" not in config:
        yield f"{_CONFIG}.PredefinedMetricSpecification is missing: give {METRIC}."
    if config["TargetValue"] <= 0:
        yield f"{_CONFIG}.TargetValue is to be above 0."
    for name in ("ScaleOutCooldown", "ScaleInCooldown"):
        if config.get(name, 0) < 0:
            yield f"{_CONFIG}.{name} is to be 0 or more seconds."


def _page(member: str, found: Sequence[Request], request: Request) -> Document:
    """Give a page of documents; NextToken tells how many came before."""
    size = request.get("MaxResults", PAGE_SIZE)
    if not 1 <= size <= PAGE_SIZE:
        raise InvalidRequestError(f"MaxResults is to be from 1 to {PAGE_SIZE}.")
    start = _read_token(request["NextToken"]) if "NextToken" in request else 0
    end = start + size
    following = {"NextToken": _token(end)} if end < len(found) else {}
    return {member: list(found[start:end]), **following}


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _read_token(token: str) -> int:
    try:
        position = int(base64.urlsafe_b64decode(token))
    except ValueError:
        position = -1
    if position < 0:
        raise InvalidNextTokenError("NextToken is not one that this operation gave.")
    return position
