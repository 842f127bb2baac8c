"""What happens to applications when parts of the stack stop, die and come back."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from seed.render import RENDERERS
from seed.render.request import Request
from tests.running_stack import RunningStack, wait_for

Sample = Callable[..., Request]
LOAD = 300


def test_an_endpoint_that_is_down_delays_and_loses_nothing(
    stack: RunningStack, sample: Sample
) -> None:
    stack.stop("model_server")
    try:
        receipts = stack.submit_all([sample(row=row) for row in range(5)])
        waiting = [stack.item(receipt["application_id"]) for receipt in receipts]
        assert {item["status"]["S"] for item in waiting} == {"received"}
    finally:
        stack.start("model_server")
    outcomes = [stack.outcome(receipt["application_id"]) for receipt in receipts]
    assert all(outcome["score"] is not None for outcome in outcomes)


def test_a_poison_record_blocks_nobody(stack: RunningStack, sample: Sample) -> None:
    poison = {"application_id": "app-poison", "status": "received", "version": "not a number"}
    item = {name: TypeSerializer().serialize(value) for name, value in poison.items()}
    stack.client("dynamodb").put_item(TableName="riskstack-applications", Item=item)
    receipt = stack.post(sample()).json()
    assert stack.outcome(receipt["application_id"])["status"] == "in_review"
    sqs = stack.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]

    def received() -> dict[str, Any] | None:
        messages = sqs.receive_message(QueueUrl=url).get("Messages", [])
        return json.loads(messages[0]["Body"]) if messages else None

    notice = wait_for(received, 30.0, "the failure queue stayed empty")
    assert notice["keys"] == {"application_id": {"S": "app-poison"}}
    assert notice["cause"].startswith("not an application")


def test_a_kill_in_mid_load_loses_nothing_and_decides_nothing_twice(
    stack: RunningStack, sample: Sample
) -> None:
    channels = list(RENDERERS)
    load = [sample(channels[n % len(channels)], row=n) for n in range(LOAD)]
    # moto's server keeps its tables in memory: only LocalStack can be killed and come back
    victims = ["router", "localstack", "router"] if stack.mode == "compose" else ["router"] * 3
    receipts: list[dict[str, Any]] = []
    sending = threading.Thread(target=lambda: receipts.extend(stack.submit_all(load)))
    sending.start()
    for number, victim in enumerate(victims):
        share = LOAD * (number + 1) // (len(victims) + 1)
        wait_for(lambda most=share: _written(stack) >= most or None, 120.0, "the load stands still")  # type: ignore[misc] # bound
        stack.kill(victim)
    sending.join()
    assert len({receipt["application_id"] for receipt in receipts}) == LOAD
    for receipt in receipts:
        outcome = stack.outcome(receipt["application_id"], patience=120.0)
        assert outcome["status"] in {"in_review", "rejected"}
        trail = stack.audit_trail(receipt["application_id"])
        assert [event["action"]["S"] for event in trail] == ["submitted", "routed"]


def test_data_is_there_after_down_and_up(stack: RunningStack, sample: Sample) -> None:
    receipt = stack.post(sample()).json()
    outcome = stack.outcome(receipt["application_id"])
    trail = stack.audit_trail(receipt["application_id"])
    stack.down()
    stack.up()
    assert stack.outcome(receipt["application_id"]) == outcome
    assert stack.audit_trail(receipt["application_id"]) == trail
    again = stack.post(sample()).json()
    assert stack.outcome(again["application_id"])["status"] == "in_review"


@pytest.fixture(autouse=True)
def _no_load_before(stack: RunningStack) -> None:
    """Count each test's load from nothing."""
    _baseline[0] = _count(stack)


_baseline = [0]


def _written(stack: RunningStack) -> int:
    try:
        return _count(stack) - _baseline[0]
    except (BotoCoreError, ClientError):
        return 0


def _count(stack: RunningStack) -> int:
    pages = stack.client("dynamodb").get_paginator("scan")
    return sum(
        page["Count"] for page in pages.paginate(TableName="riskstack-applications", Select="COUNT")
    )
