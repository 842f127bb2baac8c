"""The loop of auto scaling with a clock of its own: what it measures, asks for and writes down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.control.arn import Owner
from hosting.control.endpoints import Endpoints
from hosting.control.registry import Registry
from hosting.control.scaling_loop import ScalingLoop
from hosting.control.scaling_records import Resource, ScalingRecords
from hosting.control.tags import Tags
from hosting.control.target_tracking import HIGH_VALUES, LOW_VALUES
from hosting.live import Instance, LiveVariant
from hosting.store import Store
from tests.hosting_stand import ReadableLog

RESOURCE = Resource("risk", "main")
TARGET: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE.id,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "ScalableTargetARN": "arn:1",
    "MinCapacity": 1,
    "MaxCapacity": 4,
    "SuspendedState": {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False},
}


@dataclass
class FakeEndpoints:
    """One endpoint whose variant becomes what is asked for, unless it is told otherwise."""

    variant: LiveVariant
    gone: bool = False
    busy: bool = False
    starts: bool = True
    refusal: str | None = None
    asked: list[int] = field(default_factory=list)

    def is_gone(self, _name: str, _variant: str) -> bool:
        return self.gone

    def scalable(self, _name: str, _variant: str) -> LiveVariant | None:
        return None if self.busy else self.variant

    def rescale(self, _name: str, changes: Mapping[str, Mapping[str, int]]) -> None:
        if self.refusal:
            raise InvalidRequestError(self.refusal)
        count = changes["main"]["DesiredInstanceCount"]
        self.asked.append(count)
        if self.starts:
            self.variant.instances[:] = [Instance(str(number), {}) for number in range(count)]


class Stand:
    """The loop over a fake endpoint; a period is a minute of the stand's own clock."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        store = Store(folder)
        registry = Registry(
            store=store,
            owner=Owner("123456789012", "eu-central-1"),
            tags=Tags(store),
            clock=lambda: self.now,
            given=(),
            instance_limit=9,
        )
        self.records = ScalingRecords(registry)
        self.endpoints = FakeEndpoints(LiveVariant("main", "m", 1.0, [Instance("0", {})]))
        self.log = ReadableLog()
        self._registry = registry
        self.loop = self.new_loop()
        self.records.put_target(TARGET)

    def new_loop(self) -> ScalingLoop:
        endpoints = cast("Endpoints", self.endpoints)
        return ScalingLoop(self._registry, self.records, endpoints, self.log.logger, 60.0)

    def put_policy(self, **config: object) -> None:
        self.records.put_policy(
            {
                "PolicyName": "p",
                "ResourceId": RESOURCE.id,
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 10.0,
                    "ScaleOutCooldown": 0,
                    "ScaleInCooldown": 0,
                    **config,
                },
            }
        )

    def periods(self, count: int, invocations: int = 0) -> None:
        for _ in range(count):
            self.now += 60
            self.endpoints.variant.invocations += invocations
            self.loop.tick()

    def statuses(self) -> list[str]:
        return [each["StatusCode"] for each in self.records.activities(RESOURCE.id)]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_load_adds_instances_and_calm_takes_them_away(stand: Stand) -> None:
    stand.put_policy()
    # the first look only tells where the counter stands
    stand.periods(HIGH_VALUES, 30)
    assert stand.endpoints.asked == []
    stand.periods(1, 30)
    assert stand.endpoints.asked == [3]
    assert stand.statuses() == ["InProgress"]
    stand.periods(LOW_VALUES)
    assert stand.endpoints.asked == [3, 1]
    stand.periods(1)
    assert stand.statuses() == ["Successful", "Successful"]
    [last, first] = stand.records.activities()
    assert last["Description"] == "Setting desired instance count to 1."
    assert first["StatusMessage"] == (
        "Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker."
    )
    assert last["EndTime"] > last["StartTime"]


def test_the_maximum_holds(stand: Stand) -> None:
    stand.put_policy()
    stand.periods(HIGH_VALUES + 1, 10_000)
    assert stand.endpoints.asked == [4]


def test_no_policy_scales_nothing_but_the_bounds_hold(stand: Stand) -> None:
    stand.periods(HIGH_VALUES + 1, 10_000)
    assert stand.endpoints.asked == []
    stand.records.put_target({**TARGET, "MinCapacity": 2})
    stand.periods(1)
    assert stand.endpoints.asked == [2]
    assert stand.records.activities()[0]["Cause"] == "minimum or maximum capacity was changed"


def test_cooldowns_hold_back(stand: Stand) -> None:
    stand.put_policy(ScaleOutCooldown=600)
    stand.periods(HIGH_VALUES + 1, 20)
    assert stand.endpoints.asked == [2]
    # one more than that is needed, which is not more than was added
    stand.periods(5, 30)
    assert stand.endpoints.asked == [2]
    stand.periods(10, 30)
    assert stand.endpoints.asked == [2, 3]


def test_what_is_suspended_does_not_scale(stand: Stand) -> None:
    stand.put_policy()
    suspended = {**TARGET["SuspendedState"], "DynamicScalingOutSuspended": True}
    stand.records.put_target({**TARGET, "SuspendedState": suspended})
    stand.periods(HIGH_VALUES + 1, 10_000)
    assert stand.endpoints.asked == []


def test_an_endpoint_that_is_changing_is_let_alone(stand: Stand) -> None:
    stand.endpoints.busy = True
    stand.put_policy()
    stand.periods(HIGH_VALUES + 1, 10_000)
    assert stand.endpoints.asked == []


def test_an_update_begins_the_count_anew(stand: Stand) -> None:
    stand.put_policy()
    stand.periods(1, 1000)
    stand.endpoints.variant = LiveVariant("main", "m", 1.0, [Instance("0", {})])
    stand.periods(3)
    assert stand.endpoints.asked == []


def test_a_change_that_did_not_come_about_failed(stand: Stand) -> None:
    stand.endpoints.starts = False
    stand.put_policy()
    stand.periods(HIGH_VALUES + 1, 100)
    stand.periods(1)
    assert stand.statuses() == ["Failed"]
    assert stand.records.activities()[0]["StatusMessage"] == "The instances did not start."


def test_what_is_refused_is_told_in_the_log(stand: Stand) -> None:
    stand.endpoints.refusal = "too many"
    stand.put_policy()
    stand.periods(HIGH_VALUES + 1, 100)
    assert stand.statuses() == []
    [line] = stand.log.lines("auto scaling")
    assert (line["resource"], line["reason"]) == (RESOURCE.id, "too many")


def test_a_target_goes_with_its_variant(stand: Stand) -> None:
    stand.put_policy()
    stand.endpoints.gone = True
    stand.periods(1)
    assert stand.records.targets() == []
    assert stand.records.policies() == []


def test_what_a_former_hosting_left_under_way_is_ended(stand: Stand) -> None:
    stand.put_policy()
    stand.periods(HIGH_VALUES + 1, 100)
    assert stand.statuses() == ["InProgress"]
    stand.loop = stand.new_loop()
    stand.periods(1)
    assert stand.statuses() == ["Failed"]
