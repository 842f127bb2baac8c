from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from console.case import Event, read_case, read_event
from riskstack.contract.application import Answers, Application, Channel, Status
from riskstack.contract.decision import Reason, Source
from riskstack.contract.record import MalformedItemError, to_item

APPLICATION = Application(
    application_id="app-1",
    channel=Channel.CHAT,
    status=Status.IN_REVIEW,
    version=3,
    source_ref="ref",
    raw_sha256="0" * 64,
    received_at="2026-03-02T08:40:00Z",
    answers=Answers(full_name="Ada Example"),
)

EVENT = {
    "application_id": "app-1",
    "version": 2,
    "at": "2026-03-02T08:41:00Z",
    "action": "claimed",
    "actor": "auditor:Grace",
    "status": "in_review",
    "changes": {"claimed_by": "auditor:Grace"},
}


def test_a_new_application_is_a_case_without_an_outcome() -> None:
    case = read_case(to_item(APPLICATION))
    assert case.application == APPLICATION
    assert case.received_at == datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
    assert {case.score, case.band, case.claimed_by, case.decided_at, case.note} == {None}
    assert case.reasons == ()


def test_a_case_holds_what_was_added_to_the_application() -> None:
    case = read_case(
        to_item(APPLICATION)
        | {
            "score": Decimal("0.62"),
            "band": "high",
            "priority": "urgent",
            "reasons": [{"source": "rule", "code": "DEBT_RATIO", "text": "Debt is high"}],
            "model_version": "credit-7",
            "rules_version": "3",
            "claimed_by": "auditor:Grace",
            "claimed_at": "2026-03-02T09:00:00+01:00",
            "decided_by": "auditor:Grace",
            "decided_at": "2026-03-02T09:00:00.250Z",
            "note": "Checked.",
        }
    )
    assert (case.score, case.band, case.priority) == (0.62, "high", "urgent")
    assert case.reasons == (Reason(Source.RULE, "DEBT_RATIO", "Debt is high"),)
    assert (case.model_version, case.rules_version) == ("credit-7", "3")
    assert (case.claimed_by, case.decided_by, case.note) == (
        "auditor:Grace",
        "auditor:Grace",
        "Checked.",
    )
    assert case.claimed_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert case.decided_at == datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "damage",
    [
        {"status": "lost"},
        {"received_at": "yesterday"},
        {"received_at": "2026-03-02T08:40:00"},
        {"claimed_at": 7},
        {"score": "high"},
        {"reasons": [{"source": "rumour", "code": "A", "text": "B"}]},
        {"reasons": [{"source": "rule"}]},
        {"reasons": 7},
    ],
)
def test_a_damaged_item_is_no_case(damage: dict[str, Any]) -> None:
    with pytest.raises(MalformedItemError):
        read_case(to_item(APPLICATION) | damage)


def test_an_event_is_read_from_the_trail() -> None:
    assert read_event(EVENT) == Event(
        at=datetime(2026, 3, 2, 8, 41, tzinfo=UTC),
        action="claimed",
        actor="auditor:Grace",
        status="in_review",
    )


@pytest.mark.parametrize("damage", [{"at": "then"}, {"at": None}])
def test_a_damaged_item_is_no_event(damage: dict[str, Any]) -> None:
    with pytest.raises(MalformedItemError):
        read_event(EVENT | damage)
