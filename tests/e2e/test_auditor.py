from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from seed.client import Auditor, RefusedError
from seed.render.request import Request
from tests.running_stack import RunningStack

Sample = Callable[..., Request]


def in_review(stack: RunningStack, request: Request) -> dict[str, Any]:
    outcome = stack.outcome(stack.submit(request)["application_id"])
    assert outcome["status"] == "in_review"
    return outcome


@pytest.mark.parametrize("decision", ["accepted", "rejected"])
def test_an_auditor_decides(stack: RunningStack, sample: Sample, decision: str) -> None:
    status = in_review(stack, sample())
    Auditor(stack.address, "Robin Audit").decide(status, decision, "As the papers say.")
    decided = stack.outcome(status["application_id"])
    assert decided["status"] == decision
    assert decided["decided_by"] == "auditor:Robin Audit"
    trail = stack.audit_trail(status["application_id"])
    assert [event["action"]["S"] for event in trail] == [
        "submitted",
        "routed",
        "claimed",
        "decided",
    ]


def test_of_two_auditors_one_decides(stack: RunningStack, sample: Sample) -> None:
    status = in_review(stack, sample())
    refusals: list[str] = []

    def attempt(name: str) -> bool:
        try:
            Auditor(stack.address, name).decide(status, "accepted", f"{name} was first.")
        except RefusedError as error:
            refusals.append(str(error))
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, [f"Auditor {number}" for number in range(8)]))
    assert won.count(True) == 1
    assert all(": 409 " in refusal for refusal in refusals)
    decided = stack.outcome(status["application_id"])
    assert decided["decided_by"] == f"auditor:Auditor {won.index(True)}"
    assert len(stack.audit_trail(status["application_id"])) == 4
