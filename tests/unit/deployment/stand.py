"""A stand for the tests of deployments: CloudFormation in memory, its operations as told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from botocore.exceptions import ClientError

from deployment.stack import Stack

STACK_ID = "arn:aws:cloudformation:eu-central-1:123456789012:stack/app/1"
CHANGE_SET_ID = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/c/1"
WHEN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def added(logical_id: str, kind: str = "AWS::SQS::Queue") -> dict[str, Any]:
    """A change that adds a resource."""
    resource = {"Action": "Add", "LogicalResourceId": logical_id, "ResourceType": kind}
    return {"Type": "Resource", "ResourceChange": resource}


def event(number: int, status: str, reason: str = "", kind: str = "AWS::SQS::Queue") -> Any:  # noqa: ANN401 - an answer
    """An event of a resource."""
    return {
        "EventId": str(number),
        "Timestamp": WHEN,
        "ResourceStatus": status,
        "ResourceType": kind,
        "LogicalResourceId": "Queue",
        "ResourceStatusReason": reason,
    }


@dataclass
class MemoryCloudFormation:
    """One stack; every look at it is the next of `statuses`, with that many more events."""

    status: str | None = None
    change_sets: list[dict[str, Any]] = field(
        default_factory=lambda: [{"Status": "CREATE_COMPLETE"}]
    )
    """What DescribeChangeSet gives, one after the other; the last one stays."""
    changes: Sequence[Any] = ()
    steps: list[tuple[str, list[Any]]] = field(default_factory=list)
    """What follows an operation: a status, and the events that came with it."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    denied: str | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _events: list[Any] = field(default_factory=lambda: [event(0, "CREATE_COMPLETE", "long ago")])
    _under_way: bool = False

    def describe_stacks(self, **_: object) -> dict[str, Any]:
        if self.denied:
            raise refused("AccessDenied", self.denied)
        if self._under_way and self.steps:
            self.status, events = self.steps.pop(0)
            self._events += events
        if self.status is None:
            raise refused("ValidationError", "Stack with id app does not exist")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"StackId": STACK_ID, "StackStatus": self.status, "Outputs": outputs}]}

    def create_change_set(self, **request: Any) -> dict[str, str]:  # noqa: ANN401 - a request
        self.calls.append(("create_change_set", request))
        return {"Id": CHANGE_SET_ID, "StackId": STACK_ID}

    def describe_change_set(self, **_: object) -> dict[str, Any]:
        return self.change_sets.pop(0) if len(self.change_sets) > 1 else self.change_sets[0]

    def delete_change_set(self, **request: Any) -> None:  # noqa: ANN401 - a request
        self.calls.append(("delete_change_set", request))

    def execute_change_set(self, **request: Any) -> None:  # noqa: ANN401 - a request
        self.calls.append(("execute_change_set", request))
        self._under_way = True

    def delete_stack(self, **request: Any) -> None:  # noqa: ANN401 - a request
        self.calls.append(("delete_stack", request))
        self._under_way = True

    def get_paginator(self, operation: str) -> "_Pages":
        return _Pages(
            [{"Changes": [one]} for one in self.changes]
            if operation == "describe_change_set"
            # newest first, as CloudFormation has them
            else [{"StackEvents": [one]} for one in reversed(self._events)]
        )


@dataclass
class _Pages:
    pages: list[dict[str, Any]]

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        return iter(self.pages)


def refused(code: str, message: str) -> ClientError:
    """What the SDK raises where AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


def stack(cloudformation: MemoryCloudFormation, said: list[str], slept: list[float]) -> Stack:
    """A stack of it."""
    return Stack("app", cast("Any", cloudformation), said.append, slept.append)
