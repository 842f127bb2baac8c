"""What a stack's status allows, and what to do where it allows nothing.

Facts: CloudFormation user guide, "Stack status codes"; the codes themselves are botocore's
StackStatus. Asks nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deployment.problem import DeploymentError

_THERE = {
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
}
_DONE = {"CREATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE"}
_NOT_THERE = {None, "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
_ADVICE = {
    "ROLLBACK_COMPLETE": "its first creation failed, and all that it takes now is its removal:"
    " `make destroy`, then `make deploy` again",
    "ROLLBACK_FAILED": "its first creation failed, and so did the removal of what it had made:"
    " `make destroy`, then `make deploy` again",
    "CREATE_FAILED": "its first creation failed: `make destroy`, then `make deploy` again",
    "DELETE_FAILED": "its removal failed: `make destroy` says why; mend that, and destroy it again",
    "UPDATE_ROLLBACK_FAILED": "an update failed, and so did the way back: look at the stack's"
    " events, mend what they name, then"
    " `aws cloudformation continue-update-rollback --stack-name {name}`",
    "UPDATE_FAILED": "an update failed and was kept as it is:"
    " `aws cloudformation rollback-stack --stack-name {name}`",
    "IMPORT_ROLLBACK_FAILED": "an import failed, and so did the way back: look at the stack's"
    " events and mend what they name",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stack, as far as it is shown."""

    event_id: str
    time: str
    """Of the day."""
    status: str
    kind: str
    """The type of the resource."""
    logical_id: str
    reason: str

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> "Event":
        """Read what DescribeStackEvents gives."""
        return cls(
            event_id=event["EventId"],
            time=event["Timestamp"].strftime("%H:%M:%S"),
            status=event["ResourceStatus"],
            kind=event.get("ResourceType", ""),
            logical_id=event.get("LogicalResourceId", ""),
            reason=event.get("ResourceStatusReason", ""),
        )

    @property
    def text(self) -> str:
        """The event in one line."""
        reason = f"  {self.reason}" if self.reason else ""
        return f"{self.time}  {self.status:<20} {self.kind} {self.logical_id}{reason}"


def change_set_type(name: str, status: str | None) -> Literal["CREATE", "UPDATE"]:
    """Tell whether a stack is to be created or updated.

    Raises:
        DeploymentError: neither is possible now; the text says what to do.
    """
    if status in _NOT_THERE:
        return "CREATE"
    if status in _THERE:
        return "UPDATE"
    raise DeploymentError(f"the stack {name} is in {status}: {advice(name, str(status))}")


def advice(name: str, status: str) -> str:
    """Say what to do about a stack that can be neither created nor updated."""
    if is_moving(status):
        return "another operation is under way: wait for its end, then try again"
    return _ADVICE.get(status, "look at its events in the console of CloudFormation").format(
        name=name
    )


def is_moving(status: str) -> bool:
    """Tell whether an operation is under way."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def is_done(status: str) -> bool:
    """Tell whether an operation has ended as it should."""
    return status in _DONE


def first_failure(events: Iterable[Event]) -> Event | None:
    """Give the event that made the others fail, from events in their order.

    The stack's own event repeats it, and what was under way meanwhile is cancelled.
    """
    for event in events:
        is_own = event.kind == "AWS::CloudFormation::Stack"
        if event.status.endswith("_FAILED") and not is_own and "cancelled" not in event.reason:
            return event
    return None
