"""The documents of auto scaling: targets, their policies, the activities.

Not: what the operations check (auto_scaling), or when something is scaled (scaling_loop).
"""

import re
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Request
from hosting.control.registry import Registry

TARGET = "scalable-target"
POLICY = "scaling-policy"
ACTIVITY = "scaling-activity"

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"

ACTIVITIES_KEPT = 100
"""Of each target; AWS keeps those of six weeks."""

_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")


@dataclass(frozen=True, slots=True)
class Resource:
    """A variant, as ResourceId names it."""

    endpoint: str
    variant: str

    @classmethod
    def parse(cls, resource_id: str) -> Self:
        """Read `endpoint/name/variant/name`. Raises InvalidRequestError."""
        match = _RESOURCE.fullmatch(resource_id)
        if match is None:
            raise InvalidRequestError(
                f"ResourceId {resource_id} is not supported in this stack: give"
                " endpoint/<EndpointName>/variant/<VariantName>."
            )
        return cls(match[1], match[2])

    @property
    def id(self) -> str:
        """Give the ResourceId."""
        return f"endpoint/{self.endpoint}/variant/{self.variant}"


class ScalingRecords:
    """Targets by ResourceId, policies by ResourceId and name, activities by ResourceId."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store = registry.store

    def target(self, resource_id: str) -> Request | None:
        """Give a target, or None where there is none."""
        return self._store.get(TARGET, resource_id)

    def targets(self) -> list[Request]:
        """Give all targets."""
        return list(self._store.all(TARGET))

    def put_target(self, target: Request) -> None:
        """Create or replace a target."""
        self._store.put(TARGET, target["ResourceId"], target)

    def delete_target(self, resource_id: str) -> None:
        """Delete a target, and its policies with it (botocore, DeregisterScalableTarget)."""
        for policy in self.policies(resource_id):
            self.delete_policy(resource_id, policy["PolicyName"])
        self._store.delete(TARGET, resource_id)
        self._store.delete(ACTIVITY, resource_id)

    def policies(self, resource_id: str | None = None) -> list[Request]:
        """Give the policies of a target, or of all."""
        policies: list[Request] = list(self._store.all(POLICY))
        return [each for each in policies if resource_id in {None, each["ResourceId"]}]

    def put_policy(self, policy: Request) -> None:
        """Create or replace a policy."""
        self._store.put(POLICY, _policy_key(policy["ResourceId"], policy["PolicyName"]), policy)

    def delete_policy(self, resource_id: str, name: str) -> None:
        """Delete a policy."""
        self._store.delete(POLICY, _policy_key(resource_id, name))

    def activities(self, resource_id: str | None = None) -> list[Request]:
        """Give the activities of a target, or of all, the newest first."""
        found = (
            self._store.all(ACTIVITY)
            if resource_id is None
            else filter(None, [self._store.get(ACTIVITY, resource_id)])
        )
        lists: list[Request] = list(found)
        activities = [activity for each in lists for activity in each["Activities"]]
        return sorted(activities, key=lambda each: each["StartTime"], reverse=True)

    def begin_activity(self, resource_id: str, count: int, cause: str) -> None:
        """Write down that a target's capacity is being changed."""
        activity = {
            "ActivityId": str(uuid4()),
            "ServiceNamespace": NAMESPACE,
            "ResourceId": resource_id,
            "ScalableDimension": DIMENSION,
            "Description": f"Setting desired instance count to {count}.",
            "Cause": cause,
            "StartTime": self._registry.now(),
            "StatusCode": "InProgress",
        }
        kept = [activity, *self.activities(resource_id)][:ACTIVITIES_KEPT]
        self._store.put(ACTIVITY, resource_id, {"Activities": kept})

    def end_activity(self, resource_id: str, failure: str | None) -> None:
        """Write down how the activity ended that is under way."""
        first, *others = self.activities(resource_id)
        count = first["Description"].removeprefix("Setting ")
        ended = {
            **first,
            "EndTime": self._registry.now(),
            "StatusCode": "Failed" if failure else "Successful",
            "StatusMessage": failure
            or f"Successfully set {count} Change successfully fulfilled by sagemaker.",
        }
        self._store.put(ACTIVITY, resource_id, {"Activities": [ended, *others]})


def _policy_key(resource_id: str, name: str) -> str:
    return f"{resource_id}/{name}"
