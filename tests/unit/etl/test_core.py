import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from etl.core import (
    ConflictError,
    application,
    application_id,
    correction,
    is_application_id,
    status_view,
)
from etl.problem import InvalidSubmissionError, Problem
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Answers, Application, Channel, Status
from riskstack.contract.decision import Decision, Reason, Source, decision_changes
from riskstack.contract.record import MalformedItemError, to_item

RAW = {
    "full_name": "Ana Silva",
    "age": "30",
    "seniority": "4",
    "expenses": "45",
    "bad_record": "no",
    "amount": "900",
    "price": "1,500",
    "term": "36",
}
ANSWERS = Answers(
    full_name="Ana Silva",
    age=30,
    seniority=4,
    expenses=45.0,
    bad_record=False,
    amount=900.0,
    price=1500.0,
    term=36,
)


def submission(
    raw: dict[str, str] | None = None,
    sure: dict[str, float] | None = None,
    *,
    reference: str | None = "ref-1",
    doubtful: frozenset[str] = frozenset(),
    problems: tuple[Problem, ...] = (),
) -> Submission:
    return Submission(
        channel=Channel.PHONE,
        reference=reference,
        raw_sha256="digest-1",
        answers={
            question: RawAnswer(value, (sure or {}).get(question))
            for question, value in (RAW if raw is None else raw).items()
        },
        doubtful=doubtful,
        problems=problems,
    )


def made(one: Submission) -> Application:
    return application(one, request_id="request-1", received_at="now", min_confidence=0.8)


def test_the_id_is_derived_from_channel_and_reference() -> None:
    expected = base64.b32encode(hashlib.sha256(b"mail\0doc-1").digest()).decode()[:26].lower()
    assert application_id(Channel.MAIL, "doc-1") == f"app-{expected}"
    assert application_id(Channel.PHONE, "doc-1") != f"app-{expected}"


def test_an_id_is_told_from_other_texts() -> None:
    assert is_application_id(application_id(Channel.MAIL, "doc-1"))
    for text in ("", "app-", "app-" + "1" * 26, f"{application_id(Channel.MAIL, 'x')}\n", "x" * 30):
        assert not is_application_id(text)


def test_complete_answers_are_received() -> None:
    assert made(submission()) == Application(
        application_id=application_id(Channel.PHONE, "ref-1"),
        channel=Channel.PHONE,
        status=Status.RECEIVED,
        version=1,
        source_ref="ref-1",
        raw_sha256="digest-1",
        received_at="now",
        answers=ANSWERS,
    )


def test_without_a_reference_the_request_stands_in() -> None:
    anonymous = made(submission(reference=None))
    assert anonymous.source_ref == "request-1"
    assert anonymous.application_id == application_id(Channel.PHONE, "request-1")


def test_missing_required_answers_are_open_questions() -> None:
    incomplete = made(submission(RAW | {"age": "", "term": "-"}))
    assert incomplete.status is Status.INCOMPLETE
    assert incomplete.open_questions == ("age", "term")
    nothing = made(submission({}))
    assert nothing.open_questions == tuple(RAW)


def test_a_doubtful_answer_is_left_out_and_open_whether_required_or_not() -> None:
    unsure = made(
        submission(RAW | {"income": "100", "debt": "5"}, {"age": 0.79, "income": 0.1, "debt": 0.8})
    )
    assert unsure.status is Status.INCOMPLETE
    assert unsure.open_questions == ("age", "income")
    assert unsure.answers == replace(ANSWERS, age=None, debt=5.0)
    assert unsure.field_confidence == {"age": 0.79, "income": 0.1, "debt": 0.8}


def test_a_confidence_is_kept_as_far_as_dynamodb_takes_it() -> None:
    unsure = made(submission(sure={"age": 1e-200, "term": 0.123456789}))
    assert unsure.field_confidence == {"age": 0.0, "term": 0.123457}
    TypeSerializer().serialize(to_item(unsure))


def test_a_blank_is_not_doubtful() -> None:
    blank = made(submission(RAW | {"income": ""}, {"income": 0.1}))
    assert blank.status is Status.RECEIVED
    assert blank.field_confidence == {}


def test_what_the_adapter_doubts_is_open() -> None:
    assert made(submission(doubtful=frozenset({"age", "home"}))).open_questions == ("age", "home")


def test_a_doubtful_answer_is_not_impossible() -> None:
    assert made(submission(RAW | {"age": "3OO"}, {"age": 0.2})).open_questions == ("age",)


def test_every_impossible_answer_is_named() -> None:
    problem = Problem("price", "is not money; expected whole minor units (cents)")
    with pytest.raises(InvalidSubmissionError) as refused:
        made(submission(RAW | {"age": "200", "income": "-1"}, problems=(problem,)))
    assert [one.field for one in refused.value.problems] == ["age", "income", "price"]


def item(one: Application, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - of an item
    return to_item(one) | attributes


def again(raw: dict[str, str], digest: str = "digest-2") -> Application:
    return replace(made(submission(raw)), raw_sha256=digest, received_at="later")


def test_the_same_payload_again_is_a_retry_whatever_became_of_the_application() -> None:
    stored = item(made(submission()), status="accepted", version=4)
    assert correction(stored, again(RAW, "digest-1")) is None


def test_another_payload_that_says_the_same_is_a_retry() -> None:
    assert correction(item(made(submission())), again(RAW | {"price": "1500.00"})) is None


def test_other_content_for_an_incomplete_application_is_a_correction() -> None:
    incomplete = made(submission(RAW | {"age": ""}))
    complete = again(RAW)
    step = correction(item(incomplete, version=3, superseded_sha256=["digest-0"]), complete)
    assert step is not None
    assert (step.application_id, step.version) == (incomplete.application_id, 3)
    assert (step.before, step.after) == (Status.INCOMPLETE, Status.RECEIVED)
    assert (step.action, step.actor, step.at) == ("corrected", "channel:phone", "later")
    assert step.changes["raw_sha256"] == "digest-2"
    assert step.changes["superseded_sha256"] == ["digest-0", "digest-1"]
    assert step.changes["open_questions"] == []
    assert step.changes["answers"]["age"] == 30  # type: ignore[index] # a map


@pytest.mark.parametrize("name", ["ANA  SILVA", "anasilva", ""])
def test_the_same_person_may_correct(name: str) -> None:
    incomplete = made(submission(RAW | {"age": ""}))
    assert correction(item(incomplete), again(RAW | {"full_name": name})) is not None


def test_an_accent_may_be_spelt_in_two_ways() -> None:
    incomplete = made(submission(RAW | {"full_name": "Jos\u00e9", "age": ""}))
    assert correction(item(incomplete), again(RAW | {"full_name": "Jose\u0301"})) is not None


def test_a_name_that_was_not_known_may_be_added() -> None:
    incomplete = made(submission(RAW | {"full_name": ""}))
    assert correction(item(incomplete), again(RAW)) is not None


def test_another_person_corrects_nothing() -> None:
    incomplete = item(made(submission(RAW | {"age": ""})))
    with pytest.raises(ConflictError, match="another applicant: send a new appl") as conflict:
        correction(incomplete, again(RAW | {"full_name": "Bob Silva"}))
    assert conflict.value.application_id == incomplete["application_id"]
    assert conflict.value.status == "incomplete"


def test_a_correction_may_leave_questions_open() -> None:
    step = correction(
        item(made(submission(RAW | {"age": "", "term": ""}))), again(RAW | {"age": ""})
    )
    assert step is not None
    assert step.after is Status.INCOMPLETE


def test_a_late_retry_of_what_was_corrected_undoes_nothing() -> None:
    stored = item(again(RAW | {"age": ""}, "digest-2"), superseded_sha256=["digest-1"])
    assert correction(stored, again(RAW | {"age": "", "term": ""}, "digest-1")) is None


@pytest.mark.parametrize("status", ["received", "in_review", "rejected", "accepted"])
def test_other_content_for_an_application_that_is_complete_is_a_conflict(status: str) -> None:
    stored = item(made(submission()), status=status)
    with pytest.raises(ConflictError, match=f"and is {status}: send a new application") as conflict:
        correction(stored, again(RAW | {"age": "31"}))
    assert conflict.value.application_id == stored["application_id"]
    assert conflict.value.status == status


def test_what_is_stored_must_be_an_application() -> None:
    with pytest.raises(MalformedItemError):
        correction({"application_id": "app-x"}, again(RAW))


def test_the_status_of_a_new_application() -> None:
    stored = item(made(submission(RAW | {"age": ""})), expires_at=1, updated_at="now")
    assert status_view(stored) == {
        "application_id": stored["application_id"],
        "channel": "phone",
        "status": "incomplete",
        "version": 1,
        "received_at": "now",
        "updated_at": "now",
        "open_questions": ["age"],
    }


def test_the_status_of_a_decided_application_gives_its_reasons_as_they_are() -> None:
    decision = Decision(
        status=Status.REJECTED,
        reasons=(Reason(Source.RULE, "under_age", "Age: 17, which is under age"),),
        rules_version="rules-1",
        model_version="model-1",
        score=0.25,
        band="low",
        priority="normal",
    )
    stored = item(
        made(submission()),
        **decision_changes(decision),
        status="rejected",
        updated_at="later",
        decided_by="rules",
        decided_at="later",
        claimed_by="auditor",
    )
    view = status_view(stored)
    assert view == {
        "application_id": stored["application_id"],
        "channel": "phone",
        "status": "rejected",
        "version": 1,
        "received_at": "now",
        "updated_at": "later",
        "open_questions": [],
        "score": 0.25,
        "band": "low",
        "priority": "normal",
        "reasons": [{"source": "rule", "code": "under_age", "text": "Age: 17, which is under age"}],
        "decided_by": "rules",
        "decided_at": "later",
        "model_version": "model-1",
        "rules_version": "rules-1",
    }
    assert type(view["version"]) is int
    assert type(view["score"]) is float
