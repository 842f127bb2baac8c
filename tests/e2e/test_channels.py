import uuid
from collections.abc import Callable
from typing import Any

import pytest

from seed.render import RENDERERS
from seed.render.request import Request
from tests.running_stack import RunningStack

Sample = Callable[..., Request]


def accepted(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a response
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body["applications"][0] if "applications" in body else body


@pytest.mark.parametrize("channel", RENDERERS)
def test_an_application_comes_to_its_outcome(
    stack: RunningStack, sample: Sample, channel: str
) -> None:
    request = sample(channel)
    receipt = accepted(stack.post(request))
    assert receipt["status"] == "received"
    outcome = stack.outcome(receipt["application_id"])
    assert outcome["status"] == "in_review"
    assert outcome["channel"] == request.path.rpartition("/")[2]
    assert 0 < outcome["score"] < 1
    assert outcome["band"] in {"low", "medium", "high"}
    assert {reason["source"] for reason in outcome["reasons"]} <= {"rule", "model"}
    assert outcome["reasons"]
    trail = stack.audit_trail(receipt["application_id"])
    assert [event["action"]["S"] for event in trail] == ["submitted", "routed"]


def test_every_channel_gives_the_same_answers(stack: RunningStack, sample: Sample) -> None:
    items = []
    for channel in RENDERERS:
        receipt = accepted(stack.post(sample(channel, row=3)))
        stack.outcome(receipt["application_id"])
        items.append(stack.item(receipt["application_id"]))
    assert all(item["answers"] == items[0]["answers"] for item in items)
    assert len({item["score"]["N"] for item in items}) == 1


def test_a_rule_rejects(stack: RunningStack, sample: Sample) -> None:
    receipt = accepted(stack.post(sample(age=17)))
    outcome = stack.outcome(receipt["application_id"])
    assert outcome["status"] == "rejected"
    assert outcome["reasons"][0]["code"] == "under_age"
    assert outcome["decided_by"].startswith("rules:")
    assert outcome.get("score") is None


def test_a_missing_answer_waits_for_a_person(stack: RunningStack, sample: Sample) -> None:
    receipt = accepted(stack.post(sample(seniority=None)))
    assert receipt["status"] == "incomplete"
    assert receipt["open_questions"] == ["seniority"]


@pytest.mark.parametrize("channel", RENDERERS)
def test_the_same_submission_twice_is_one_application(
    stack: RunningStack, sample: Sample, channel: str
) -> None:
    request = sample(channel)
    first = accepted(stack.post(request))
    outcome = stack.outcome(first["application_id"])
    again = stack.post(request)
    assert again.ok
    body = again.json()
    second = body["applications"][0] if "applications" in body else body
    assert second["application_id"] == first["application_id"]
    assert stack.outcome(first["application_id"]) == outcome
    assert len(stack.audit_trail(first["application_id"])) == 2


def test_two_clicks_at_once_are_one_application(stack: RunningStack, sample: Sample) -> None:
    request = sample("webform")
    receipts = stack.submit_all([request] * 6, senders=6)
    assert len({receipt["application_id"] for receipt in receipts}) == 1
    stack.outcome(receipts[0]["application_id"])
    assert len(stack.audit_trail(receipts[0]["application_id"])) == 2


def test_updates_to_one_application_keep_their_order(stack: RunningStack, sample: Sample) -> None:
    reference = str(uuid.uuid4())
    first = accepted(stack.post(sample("mail_scan", reference=reference, seniority=None, age=None)))
    assert first["status"] == "incomplete"
    second = stack.post(sample("mail_scan", reference=reference, seniority=None)).json()
    assert second["application_id"] == first["application_id"]
    assert second["open_questions"] == ["seniority"]
    third = stack.post(sample("mail_scan", reference=reference)).json()
    assert third["application_id"] == first["application_id"]
    outcome = stack.outcome(first["application_id"], but_not="incomplete")
    assert outcome["status"] == "in_review"
    trail = stack.audit_trail(first["application_id"])
    assert [event["status"]["S"] for event in trail] == [
        "incomplete",
        "incomplete",
        "received",
        "in_review",
    ]
    assert [event["version"]["N"] for event in trail] == ["1", "2", "3", "4"]


def test_other_content_under_a_decided_reference_is_a_conflict(
    stack: RunningStack, sample: Sample
) -> None:
    reference = str(uuid.uuid4())
    receipt = accepted(stack.post(sample(reference=reference)))
    stack.outcome(receipt["application_id"])
    answer = stack.post(sample(row=1, reference=reference))
    assert answer.status_code == 409
    assert answer.json()["message"]
