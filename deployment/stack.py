"""One CloudFormation stack: its change sets, its events, its end. The rules are `status`'s."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from deployment import change, status
from deployment.problem import DeploymentError
from deployment.status import Event

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

SECONDS_BETWEEN_LOOKS = 3.0
_TAG: Any = {"Key": "application", "Value": "riskstack"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a stack is to be."""

    body: str
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    """`None` is the value that the stack has already."""
    takes_in: bool = False
    """Whether resources that are there already by the names of the template become the stack's."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack by its name."""

    name: str
    cloudformation: "CloudFormationClient"
    say: Callable[[str], None]
    sleep: Callable[[float], None]

    def described(self) -> Mapping[str, Any] | None:
        """Ask for the stack; `None` where there is none."""
        try:
            (stack,) = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            # CloudFormation has no code of its own for that
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

    def is_new(self) -> bool:
        """Tell whether the stack is to be created.

        Raises:
            DeploymentError: it can be neither created nor updated now.
        """
        return self._change_set_type() == "CREATE"

    def outputs(self) -> dict[str, str]:
        """Give the outputs, by name.

        Raises:
            DeploymentError: there is no stack.
        """
        found = self.described()
        if found is None:
            raise DeploymentError(f"there is no stack {self.name}: `make deploy` creates it")
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}

    def put(self, request: Request) -> bool:
        """Create or update the stack by a change set; tell whether anything was changed.

        Raises:
            DeploymentError: it cannot be, or it failed and CloudFormation has rolled it back; the
                text has the reason of the first failure.
        """
        kind = self._change_set_type()
        parameters: list[Any] = [
            {"ParameterKey": name, "UsePreviousValue": True}
            if value is None
            else {"ParameterKey": name, "ParameterValue": value}
            for name, value in request.parameters.items()
        ]
        created = self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{uuid.uuid4().hex[:12]}",
            ChangeSetType=kind,
            TemplateBody=request.body,
            Parameters=parameters,
            # roles are made, and SAM's transform makes resources of its own
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[_TAG],
            ImportExistingResources=request.takes_in and kind == "CREATE",
        )
        changes = self._changes(created["Id"])
        if changes is None:
            self.cloudformation.delete_change_set(ChangeSetName=created["Id"])
            self.say(f"stack {self.name}: no changes")
            return False
        self.say(f"stack {self.name}: {len(changes)} changes")
        for one in changes:
            self.say(f"  {change.line(one)}")
        seen = self._seen(created["StackId"])
        self.cloudformation.execute_change_set(ChangeSetName=created["Id"])
        self._follow(created["StackId"], seen)
        return True

    def remove(self) -> None:
        """Delete the stack, if it is there.

        Raises:
            DeploymentError: it cannot be deleted; the text has the reason of the first failure.
        """
        found = self.described()
        if found is None:
            return
        if status.is_moving(found["StackStatus"]):
            raise DeploymentError(
                f"the stack {self.name} is in {found['StackStatus']}:"
                f" {status.advice(self.name, found['StackStatus'])}"
            )
        stack_id = found["StackId"]
        seen = self._seen(stack_id)
        # by its id: the name is nobody's when it is gone
        self.cloudformation.delete_stack(StackName=stack_id)
        self._follow(stack_id, seen)

    def _change_set_type(self) -> Literal["CREATE", "UPDATE"]:
        found = self.described()
        return status.change_set_type(self.name, found["StackStatus"] if found else None)

    def _changes(self, change_set_id: str) -> list[Any] | None:
        """Wait for a change set; give its changes, `None` where there are none."""
        while True:
            answer = self.cloudformation.describe_change_set(ChangeSetName=change_set_id)
            if answer["Status"] == "CREATE_COMPLETE":
                break
            if answer["Status"] == "FAILED":
                reason = answer.get("StatusReason", "no reason is given")
                if change.is_empty(reason):
                    return None
                raise DeploymentError(
                    f"CloudFormation does not take the stack {self.name}: {reason}"
                )
            self.sleep(SECONDS_BETWEEN_LOOKS)
        pages = self.cloudformation.get_paginator("describe_change_set")
        return [
            one
            for page in pages.paginate(ChangeSetName=change_set_id)
            for one in page.get("Changes", ())
        ]

    def _follow(self, stack_id: str, seen: set[str]) -> None:
        """Show events until the operation ends."""
        events: list[Event] = []
        while True:
            (stack,) = self.cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
            # asked after the status, so that at its end none is missing
            for event in self._events(stack_id):
                if event.event_id not in seen:
                    seen.add(event.event_id)
                    events.append(event)
                    self.say(f"  {event.text}")
            if not status.is_moving(stack["StackStatus"]):
                break
            self.sleep(SECONDS_BETWEEN_LOOKS)
        if not status.is_done(stack["StackStatus"]):
            raise DeploymentError(self._failure(stack["StackStatus"], events))

    def _failure(self, ended: str, events: list[Event]) -> str:
        cause = status.first_failure(events)
        why = (
            f"{cause.kind} {cause.logical_id}: {cause.reason}"
            if cause
            else "no event says why: look at the stack in the console of CloudFormation"
        )
        back = (
            "\nCloudFormation has put everything back as it was"
            if ended == "UPDATE_ROLLBACK_COMPLETE"
            else f"\n{status.advice(self.name, ended)}"
        )
        return f"the stack {self.name} ended in {ended}: {why}{back}"

    def _seen(self, stack_id: str) -> set[str]:
        return {event.event_id for event in self._events(stack_id)}

    def _events(self, stack_id: str) -> list[Event]:
        """Give all events, oldest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events")
        found = [
            Event.read(event)
            for page in pages.paginate(StackName=stack_id)
            for event in page["StackEvents"]
        ]
        return found[::-1]
