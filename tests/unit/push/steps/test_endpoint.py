"""The endpoint's life as SageMaker tells it, with the SDK's own client and answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from push.design import Design
from push.problem import PushError
from push.steps.endpoint import Endpoint
from push.undertaking import Undertaking
from tests.unit.push.stand import REGION, Stand

NAME = "credit-risk"


class Scripted:
    """SageMaker, with the answers that it is to give, in their order."""

    def __init__(self, stand: Stand, design: Design) -> None:
        self.client = boto3.session.Session("a", "b", region_name=REGION).client("sagemaker")
        self.new = design.config_request()["EndpointConfigName"]
        self.said: list[str] = []
        self.stub = Stubber(self.client)
        clients = replace(stand.clients, sagemaker=self.client)
        self.push: Undertaking = replace(
            stand.undertaking, design=design, clients=clients, say=self.said.append
        )

    def missing(self) -> None:
        self.stub.add_client_error(
            "describe_endpoint", "ValidationException", f'Could not find endpoint "{NAME}".'
        )

    def found(self, status: str, config: str = "old", reason: str | None = None) -> None:
        now = datetime.now(UTC)
        answer: dict[str, Any] = {
            "EndpointName": NAME,
            "EndpointArn": f"arn:aws:sagemaker:{REGION}:123456789012:endpoint/{NAME}",
            "EndpointConfigName": config,
            "EndpointStatus": status,
            "CreationTime": now,
            "LastModifiedTime": now,
        } | ({"FailureReason": reason} if reason else {})
        self.stub.add_response("describe_endpoint", answer, {"EndpointName": NAME})

    def asked(self, operation: str, config: str | None = None) -> None:
        request: dict[str, Any] = {"EndpointName": NAME}
        answer = {}
        if config:
            request["EndpointConfigName"] = config
            answer = {"EndpointArn": f"arn:aws:sagemaker:{REGION}:123456789012:endpoint/{NAME}"}
        if operation == "create_endpoint":
            request["Tags"] = ANY
        self.stub.add_response(operation, answer, request)

    def step(self) -> Endpoint:
        return Endpoint(self.push)


@pytest.fixture
def sagemaker(stand: Stand, design: Design) -> Iterator[Scripted]:
    script = Scripted(stand, design)
    with script.stub:
        yield script
    script.stub.assert_no_pending_responses()


def interrupt(_: str) -> None:
    """Stop the push while it waits."""
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's waiters sleep 30 s between two questions."""
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _: None)


def test_a_new_one_is_created_with_a_line_for_each_status(sagemaker: Scripted) -> None:
    sagemaker.missing()
    step = sagemaker.step()
    assert step.look().done is False
    sagemaker.asked("create_endpoint", sagemaker.new)
    for status in ("Creating", "Creating", "InService", "InService"):
        sagemaker.found(status, sagemaker.new)
    step.do()
    assert sagemaker.said == ["    Creating", "    Creating", "    InService"]


def test_one_that_serves_it_is_left_alone(sagemaker: Scripted) -> None:
    sagemaker.found("InService", sagemaker.new)
    assert sagemaker.step().look().done is True


def test_one_that_serves_another_version_is_updated(sagemaker: Scripted) -> None:
    sagemaker.found("InService")
    step = sagemaker.step()
    assert step.look().note == "serves old: is updated"
    sagemaker.asked("update_endpoint", sagemaker.new)
    sagemaker.found("Updating")
    sagemaker.found("InService", sagemaker.new)
    sagemaker.found("InService", sagemaker.new)
    step.do()
    # and back, when a later step fails
    sagemaker.found("InService", sagemaker.new)
    sagemaker.found("InService", sagemaker.new)
    sagemaker.asked("update_endpoint", "old")
    sagemaker.found("Updating", sagemaker.new)
    sagemaker.found("InService")
    step.undo()


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("The primary container did not pass the ping health check.", "what the container said"),
        ("The image size 12 GB is greater than the supported size", "make it smaller"),
        ("write: no space left on device", "the image is too big for it"),
        ("Unable to provision due to insufficient capacity", "AWS has no such instance free"),
        (None, "SageMaker gives no reason"),
    ],
)
def test_a_failed_creation_says_why_and_where_to_look(
    sagemaker: Scripted, reason: str | None, says: str
) -> None:
    sagemaker.missing()
    step = sagemaker.step()
    step.look()
    sagemaker.asked("create_endpoint", sagemaker.new)
    for status in ("Creating", "Failed", "Failed"):
        sagemaker.found(status, sagemaker.new, reason)
    with pytest.raises(PushError) as failed:
        step.do()
    assert says in str(failed.value)
    assert (reason or "") in str(failed.value)
    assert "/aws/sagemaker/Endpoints/credit-risk" in str(failed.value)
    sagemaker.asked("delete_endpoint")
    sagemaker.missing()
    step.undo()


def test_an_update_that_sagemaker_took_back_is_a_failure(sagemaker: Scripted) -> None:
    """It ends InService, with what it had (hashicorp/terraform-provider-aws #48997)."""
    sagemaker.found("InService")
    step = sagemaker.step()
    step.look()
    sagemaker.asked("update_endpoint", sagemaker.new)
    sagemaker.found("Updating")
    sagemaker.found("InService")
    sagemaker.found("InService", reason="the container did not start")
    with pytest.raises(PushError, match="the container did not start"):
        step.do()
    # it serves what it served before: there is nothing to undo
    sagemaker.found("InService")
    sagemaker.found("InService")
    step.undo()


def test_one_that_is_still_being_created_is_deleted_when_it_may_be(sagemaker: Scripted) -> None:
    sagemaker.missing()
    step = sagemaker.step()
    step.look()
    sagemaker.asked("create_endpoint", sagemaker.new)
    sagemaker.found("Creating", sagemaker.new)
    sagemaker.push.say = interrupt
    with pytest.raises(KeyboardInterrupt):
        step.do()
    sagemaker.push.say = sagemaker.said.append
    sagemaker.stub.add_client_error(
        "delete_endpoint", "ValidationException", "Cannot update in-progress endpoint"
    )
    for status in ("Creating", "Failed", "Failed"):
        sagemaker.found(status, sagemaker.new, "cancelled")
    sagemaker.asked("delete_endpoint")
    sagemaker.missing()
    step.undo()
    assert "cancelled" in sagemaker.said[-1]


@pytest.mark.parametrize(
    ("status", "says"),
    [("Failed", "aws sagemaker delete-endpoint"), ("Updating", "push again when it is InService")],
)
def test_one_that_cannot_be_updated_says_what_to_do(
    sagemaker: Scripted, status: str, says: str
) -> None:
    sagemaker.found(status)
    with pytest.raises(PushError, match=says):
        sagemaker.step().look()


def test_nothing_asked_is_nothing_to_undo(sagemaker: Scripted) -> None:
    sagemaker.step().undo()


def test_a_refusal_is_no_absence(sagemaker: Scripted) -> None:
    sagemaker.stub.add_client_error("describe_endpoint", "AccessDeniedException", "not you")
    with pytest.raises(sagemaker.client.exceptions.ClientError):
        sagemaker.step().look()
