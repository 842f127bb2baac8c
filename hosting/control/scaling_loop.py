"""What makes scalable targets scale: measures once a period, asks the rule, changes endpoints.

The clock is handed in. Not: the rule (target_tracking), or what a change does (endpoints, life).
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import NoReturn

from aws_lambda_powertools import Logger

from hosting.control.api_errors import ApiError
from hosting.control.endpoints import Endpoints
from hosting.control.json_protocol import Request
from hosting.control.registry import Registry
from hosting.control.scaling_records import Resource, ScalingRecords
from hosting.control.target_tracking import (
    COOLDOWN_S,
    VALUES_KEPT,
    Policy,
    Step,
    bounded,
    desired,
)
from hosting.live import LiveVariant
from riskstack.contract.fault import place

MINUTE_S = 60.0


@dataclass(slots=True)
class _Watched:
    """A target as the loop knows it; of steps it knows the last growth and the last shrinking."""

    variant: LiveVariant | None = None
    counted: int = 0
    values: deque[float] = field(default_factory=lambda: deque(maxlen=VALUES_KEPT))
    grown: Step | None = None
    shrunk: Step | None = None
    under_way: int | None = None
    """The capacity that a change leads to which is under way."""


class ScalingLoop:
    """Scales what is registered."""

    def __init__(
        self,
        registry: Registry,
        records: ScalingRecords,
        endpoints: Endpoints,
        log: Logger,
        period_s: float,
    ) -> None:
        """Take how long a period is, in seconds."""
        self._registry = registry
        self._records = records
        self._endpoints = endpoints
        self._log = log
        self._period_s = period_s
        self._watched: dict[str, _Watched] = {}

    async def run(self) -> NoReturn:
        """Measure and scale once a period, until cancelled."""
        while True:
            await asyncio.sleep(self._period_s)
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001 - one fault must not end it
                self._log.error("auto scaling", extra=place(error))

    def tick(self) -> None:
        """Measure every target, and scale those that need it."""
        targets = self._records.targets()
        # a target that is registered again after it was deregistered is another one
        arns = {target["ScalableTargetARN"] for target in targets}
        self._watched = {arn: each for arn, each in self._watched.items() if arn in arns}
        for target in targets:
            resource = Resource.parse(target["ResourceId"])
            if self._endpoints.is_gone(resource.endpoint, resource.variant):
                self._records.delete_target(resource.id)
                continue
            arn = target["ScalableTargetARN"]
            if arn not in self._watched:
                self._watched[arn] = _Watched()
                self._end_former(resource)
            variant = self._endpoints.scalable(resource.endpoint, resource.variant)
            if variant is not None:
                self._follow(target, resource, self._watched[arn], variant)

    def _end_former(self, resource: Resource) -> None:
        """End the activity that a former hosting left under way."""
        activities = self._records.activities(resource.id)
        if activities and activities[0]["StatusCode"] == "InProgress":
            self._records.end_activity(resource.id, "Hosting was started anew.")

    def _follow(
        self, target: Request, resource: Resource, watched: _Watched, variant: LiveVariant
    ) -> None:
        capacity = len(variant.instances)
        if watched.variant is not variant:
            watched.variant, watched.counted = variant, variant.invocations
        else:
            invocations = variant.invocations - watched.counted
            watched.counted = variant.invocations
            watched.values.append(invocations / capacity / self._period_s * MINUTE_S)
        if watched.under_way is not None:
            failure = None if capacity == watched.under_way else "The instances did not start."
            self._records.end_activity(resource.id, failure)
            watched.under_way = None
        self._scale(target, resource, watched, capacity)

    def _scale(self, target: Request, resource: Resource, watched: _Watched, capacity: int) -> None:
        now = self._registry.now()
        wanted, cause = capacity, "minimum or maximum capacity was changed"
        steps = [step for step in (watched.grown, watched.shrunk) if step is not None]
        for document in self._records.policies(resource.id):
            policy = _policy(document, target)
            asked = desired(policy, capacity, list(watched.values), steps, now)
            if asked != capacity:
                wanted = asked
                cause = f"target tracking triggered policy {document['PolicyName']}"
        wanted = bounded(wanted, target["MinCapacity"], target["MaxCapacity"])
        if wanted == capacity:
            return
        try:
            self._endpoints.rescale(
                resource.endpoint, {resource.variant: {"DesiredInstanceCount": wanted}}
            )
        except ApiError as error:
            self._log.warning(
                "auto scaling", extra={"resource": resource.id, "reason": error.message}
            )
            return
        self._log.info(
            "auto scaling",
            extra={"resource": resource.id, "from": capacity, "to": wanted, "cause": cause},
        )
        step = Step(now, wanted - capacity)
        if step.change > 0:
            # a growth ends the cooldown of a shrinking
            watched.grown, watched.shrunk = step, None
        else:
            watched.shrunk = step
        watched.under_way = wanted
        self._records.begin_activity(resource.id, wanted, cause)


def _policy(document: Request, target: Request) -> Policy:
    config = document["TargetTrackingScalingPolicyConfiguration"]
    suspended = target["SuspendedState"]
    return Policy(
        target=config["TargetValue"],
        scale_out_cooldown_s=config.get("ScaleOutCooldown", COOLDOWN_S),
        scale_in_cooldown_s=config.get("ScaleInCooldown", COOLDOWN_S),
        scale_in=not (
            config.get("DisableScaleIn", False) or suspended["DynamicScalingInSuspended"]
        ),
        scale_out=not suspended["DynamicScalingOutSuspended"],
    )
