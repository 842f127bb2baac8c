from datetime import UTC, datetime

import botocore.session
import pytest

from deployment import status
from deployment.problem import DeploymentError
from deployment.status import Event

STATUSES: list[str] = (
    botocore.session.get_session()
    .get_service_model("cloudformation")
    .shape_for("StackStatus")
    .metadata["enum"]
)


def event(state: str, reason: str = "", kind: str = "AWS::SQS::Queue") -> Event:
    return Event("id", "09:00:00", state, kind, "Queue", reason)


@pytest.mark.parametrize("state", [None, *STATUSES])
def test_every_status_of_aws_is_created_updated_or_refused_with_advice(state: str | None) -> None:
    """The statuses are botocore's."""
    if state in {None, "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}:
        assert status.change_set_type("app", state) == "CREATE"
    elif state in {
        "CREATE_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
    }:
        assert status.change_set_type("app", state) == "UPDATE"
    else:
        assert state is not None
        with pytest.raises(DeploymentError, match=f"^the stack app is in {state}: ") as raised:
            status.change_set_type("app", state)
        assert "look at its events in the console" not in str(raised.value)


@pytest.mark.parametrize(
    ("state", "moving", "done"),
    [
        ("CREATE_IN_PROGRESS", True, False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True, False),
        # a change set waits, nothing is under way
        ("REVIEW_IN_PROGRESS", False, False),
        ("CREATE_COMPLETE", False, True),
        ("UPDATE_ROLLBACK_COMPLETE", False, False),
        ("DELETE_COMPLETE", False, True),
    ],
)
def test_what_a_status_says(state: str, moving: bool, done: bool) -> None:
    assert status.is_moving(state) is moving
    assert status.is_done(state) is done


def test_the_first_failure_is_the_cause() -> None:
    cause = event("CREATE_FAILED", "the name is taken")
    events = [
        event("CREATE_IN_PROGRESS"),
        event("CREATE_FAILED", "Resource creation cancelled"),
        event("CREATE_FAILED", "The following failed: Queue", "AWS::CloudFormation::Stack"),
        cause,
        event("CREATE_FAILED", "another"),
    ]
    assert status.first_failure(events) == cause
    assert status.first_failure(events[:3]) is None


def test_an_event_in_a_line() -> None:
    read = Event.read(
        {
            "EventId": "1",
            "Timestamp": datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC),
            "ResourceStatus": "CREATE_FAILED",
            "ResourceType": "AWS::SQS::Queue",
            "LogicalResourceId": "Queue",
            "ResourceStatusReason": "the name is taken",
        }
    )
    assert read.text == "09:00:01  CREATE_FAILED        AWS::SQS::Queue Queue  the name is taken"
    assert Event.read({"EventId": "1", "Timestamp": datetime.now(UTC), "ResourceStatus": "X"}).text
