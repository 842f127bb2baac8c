import pytest

from riskstack.contract.application import SUCCESSORS, Status
from riskstack.contract.decision import (
    Decision,
    ForbiddenTransitionError,
    Reason,
    Source,
    Transition,
    decision_changes,
)


def step(before: Status, after: Status) -> Transition:
    return Transition(
        application_id="app-1",
        version=1,
        before=before,
        after=after,
        action="tested",
        actor="test",
        at="2026-03-01T09:00:00+00:00",
        changes={},
    )


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_only_the_listed_steps_can_be_taken(before: Status, after: Status) -> None:
    if after in SUCCESSORS[before]:
        assert step(before, after).after is after
    else:
        with pytest.raises(ForbiddenTransitionError, match=f"from {before} to {after}"):
            step(before, after)


def test_an_outcome_is_final() -> None:
    assert not SUCCESSORS[Status.ACCEPTED]
    assert not SUCCESSORS[Status.REJECTED]


def test_a_decision_sets_its_attributes() -> None:
    decision = Decision(
        status=Status.REJECTED,
        reasons=(Reason(Source.RULE, "under_age", "The applicant is 17 years old"),),
        rules_version="abc",
    )
    assert decision_changes(decision) == {
        "score": None,
        "band": None,
        "priority": None,
        "model_version": None,
        "rules_version": "abc",
        "reasons": [
            {"source": "rule", "code": "under_age", "text": "The applicant is 17 years old"}
        ],
    }
