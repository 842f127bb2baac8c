from typing import Any

import pytest
from botocore.exceptions import ClientError

from deployment.problem import DeploymentError
from deployment.stack import SECONDS_BETWEEN_LOOKS, Request
from tests.unit.deployment.stand import (
    CHANGE_SET_ID,
    STACK_ID,
    MemoryCloudFormation,
    added,
    event,
    stack,
)

REQUEST = Request("Resources: {}", {"Stage": "v1", "ApiLogRole": None})
NOTHING = {
    "Status": "FAILED",
    "StatusReason": "The submitted information didn't contain changes. Submit different"
    " information to create a change set.",
}


def test_a_stack_is_created_and_its_events_are_shown_as_they_come() -> None:
    said: list[str] = []
    slept: list[float] = []
    cloudformation = MemoryCloudFormation(
        change_sets=[{"Status": "CREATE_IN_PROGRESS"}, {"Status": "CREATE_COMPLETE"}],
        changes=[added("Queue"), added("Table", "AWS::DynamoDB::Table")],
        steps=[
            ("CREATE_IN_PROGRESS", [event(1, "CREATE_IN_PROGRESS")]),
            ("CREATE_IN_PROGRESS", []),
            ("CREATE_COMPLETE", [event(2, "CREATE_COMPLETE")]),
        ],
    )
    assert stack(cloudformation, said, slept).put(REQUEST) is True
    (_, asked), (name, executed) = cloudformation.calls
    assert (name, executed) == ("execute_change_set", {"ChangeSetName": CHANGE_SET_ID})
    assert asked.pop("ChangeSetName").startswith("deploy-")
    assert asked == {
        "StackName": "app",
        "ChangeSetType": "CREATE",
        "TemplateBody": "Resources: {}",
        "Parameters": [
            {"ParameterKey": "Stage", "ParameterValue": "v1"},
            {"ParameterKey": "ApiLogRole", "UsePreviousValue": True},
        ],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": [{"Key": "application", "Value": "riskstack"}],
        "ImportExistingResources": False,
    }
    assert said == [
        "stack app: 2 changes",
        "  + add AWS::SQS::Queue Queue",
        "  + add AWS::DynamoDB::Table Table",
        "  09:00:00  CREATE_IN_PROGRESS   AWS::SQS::Queue Queue",
        "  09:00:00  CREATE_COMPLETE      AWS::SQS::Queue Queue",
    ]
    assert slept == [SECONDS_BETWEEN_LOOKS] * 3


@pytest.mark.parametrize(("status", "takes_in"), [(None, True), ("CREATE_COMPLETE", False)])
def test_what_is_there_already_is_taken_in_by_a_new_stack_alone(
    status: str | None, takes_in: bool
) -> None:
    cloudformation = MemoryCloudFormation(status, steps=[("UPDATE_COMPLETE", [])])
    stack(cloudformation, [], []).put(Request("Resources: {}", takes_in=True))
    assert cloudformation.calls[0][1]["ImportExistingResources"] is takes_in


def test_a_stack_without_changes_is_left_as_it_is() -> None:
    said: list[str] = []
    cloudformation = MemoryCloudFormation("UPDATE_COMPLETE", [NOTHING])
    assert stack(cloudformation, said, []).put(REQUEST) is False
    assert said == ["stack app: no changes"]
    assert [name for name, _ in cloudformation.calls] == ["create_change_set", "delete_change_set"]


def test_a_change_set_that_cannot_be_made_tells_why() -> None:
    failed = {"Status": "FAILED", "StatusReason": "Transform failed with: no Handler"}
    with pytest.raises(DeploymentError, match=r"take the stack app: Transform failed with: no Ha"):
        stack(MemoryCloudFormation(change_sets=[failed]), [], []).put(REQUEST)


FAILURE = [
    event(1, "UPDATE_FAILED", "Resource update cancelled"),
    event(2, "UPDATE_FAILED", "the name is taken"),
    event(3, "UPDATE_ROLLBACK_IN_PROGRESS", "Queue", "AWS::CloudFormation::Stack"),
]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "has put everything back as it was"),
        (None, "ROLLBACK_COMPLETE", "`make destroy`, then `make deploy` again"),
        ("CREATE_COMPLETE", "UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name app"),
    ],
)
def test_a_failure_rolls_back_and_tells_the_first_reason(
    before: str | None, after: str, says: str
) -> None:
    cloudformation = MemoryCloudFormation(
        before, steps=[("UPDATE_ROLLBACK_IN_PROGRESS", FAILURE), (after, [])]
    )
    with pytest.raises(DeploymentError) as raised:
        stack(cloudformation, [], []).put(REQUEST)
    first, _, advice = str(raised.value).partition("\n")
    assert first == f"the stack app ended in {after}: AWS::SQS::Queue Queue: the name is taken"
    assert says in advice


def test_a_failure_without_a_reason_says_where_to_look() -> None:
    cloudformation = MemoryCloudFormation("UPDATE_COMPLETE", steps=[("UPDATE_FAILED", [])])
    with pytest.raises(DeploymentError, match="no event says why: look at the stack"):
        stack(cloudformation, [], []).put(REQUEST)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_takes_no_change_is_left_alone(status: str) -> None:
    cloudformation = MemoryCloudFormation(status)
    with pytest.raises(DeploymentError, match=f"the stack app is in {status}: "):
        stack(cloudformation, [], []).put(REQUEST)
    assert cloudformation.calls == []


def test_a_stack_is_removed_by_its_id() -> None:
    said: list[str] = []
    cloudformation = MemoryCloudFormation(
        "ROLLBACK_COMPLETE",
        steps=[("DELETE_IN_PROGRESS", [event(1, "DELETE_COMPLETE")]), ("DELETE_COMPLETE", [])],
    )
    stack(cloudformation, said, []).remove()
    assert cloudformation.calls == [("delete_stack", {"StackName": STACK_ID})]
    assert said == ["  09:00:00  DELETE_COMPLETE      AWS::SQS::Queue Queue"]


def test_a_removal_that_fails_tells_why() -> None:
    failed = event(1, "DELETE_FAILED", "The bucket you tried to delete is not empty")
    cloudformation = MemoryCloudFormation("CREATE_COMPLETE", steps=[("DELETE_FAILED", [failed])])
    with pytest.raises(DeploymentError, match=r"ended in DELETE_FAILED: .* is not empty"):
        stack(cloudformation, [], []).remove()


@pytest.mark.parametrize("status", [None, "DELETE_COMPLETE"])
def test_a_stack_that_is_not_there_is_not_removed(status: str | None) -> None:
    cloudformation = MemoryCloudFormation(status)
    stack(cloudformation, [], []).remove()
    assert cloudformation.calls == []
    with pytest.raises(DeploymentError, match="there is no stack app: `make deploy`"):
        stack(cloudformation, [], []).outputs()


def test_a_stack_under_way_is_not_removed() -> None:
    cloudformation = MemoryCloudFormation("UPDATE_IN_PROGRESS")
    with pytest.raises(DeploymentError, match="another operation is under way: wait"):
        stack(cloudformation, [], []).remove()


def test_outputs_by_name() -> None:
    outputs: Any = {"ApiUrl": "https://api", "ApiKeyId": "k"}
    assert stack(MemoryCloudFormation("CREATE_COMPLETE", outputs=outputs), [], []).outputs() == (
        outputs
    )


def test_another_refusal_is_no_missing_stack() -> None:
    cloudformation = MemoryCloudFormation(denied="not authorized")
    with pytest.raises(ClientError, match="not authorized"):
        stack(cloudformation, [], []).described()
