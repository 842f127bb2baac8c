from collections.abc import Callable
from typing import Any

import pytest

from etl.channels import chat
from etl.problem import InvalidSubmissionError
from etl.request import Request
from etl.submission import RawAnswer
from riskstack.contract.application import Channel

MakeRequest = Callable[..., Request]


def slot(interpreted: str | None, original: str = "as said") -> dict[str, Any]:
    return {
        "shape": "Scalar",
        "value": {
            "originalValue": original,
            "interpretedValue": interpreted,
            "resolvedValues": [interpreted] if interpreted else [],
        },
    }


def event(slots: object, **changes: object) -> dict[str, Any]:
    intent = {"name": "Apply", "state": "ReadyForFulfillment", "slots": slots}
    return {
        "invocationSource": "FulfillmentCodeHook",
        "sessionId": "session-1",
        "interpretations": [
            {"intent": {"name": "Other"}, "nluConfidence": 0.2},
            {"intent": {"name": "Apply"}, "nluConfidence": 0.93},
        ],
        "sessionState": {"originatingRequestId": "request-1", "intent": intent},
        **changes,
    }


def read(raw: dict[str, Any]) -> dict[str, RawAnswer]:
    return dict(chat.submission(chat.read_event(raw), "digest").answers)


def test_slots_are_read_with_the_confidence_of_their_intent() -> None:
    submission = chat.submission(
        chat.read_event(event({"Income": slot("42000", "forty two thousand")})), "digest"
    )
    assert submission.channel is Channel.CHAT
    assert submission.reference == "session-1/request-1"
    assert submission.raw_sha256 == "digest"
    assert submission.answers == {"income": RawAnswer("42000", 0.93)}


def test_the_slots_of_the_session_count_and_not_those_of_an_interpretation() -> None:
    stale = {"name": "Apply", "slots": {"Income": slot("1")}}
    raw = event({"Income": slot("2")}, interpretations=[{"intent": stale, "nluConfidence": 0.9}])
    assert read(raw) == {"income": RawAnswer("2", 0.9)}


def test_what_lex_makes_of_it_goes_before_what_was_said() -> None:
    assert read(event({"Age": slot("30", "thirty")}))["age"].value == "30"
    assert read(event({"Age": slot(None, "thirty")}))["age"].value == "thirty"
    assert read(event({"Age": {"value": {"originalValue": "thirty"}}}))["age"].value == "thirty"


def test_a_slot_may_be_null_and_its_shape_may_be_missing() -> None:
    scalar = slot("30")
    del scalar["shape"]
    assert read(event({"Age": scalar, "Income": None, "Debt": {"value": None}})).keys() == {"age"}
    assert read(event(None)) == {}


def test_a_list_says_its_values_one_by_one() -> None:
    def listed(*values: str) -> dict[str, Any]:
        return {**slot(" and ".join(values)), "shape": "List", "values": [*map(slot, values), None]}

    assert read(event({"Debt": listed("1000")}))["debt"].value == "1000"
    raw = chat.read_event(event({"Debt": listed("1000", "2000"), "Debts": listed("car", "card")}))
    assert [one.field for one in chat.submission(raw, "digest").problems] == ["debt"]


@pytest.mark.parametrize(
    ("confidence", "sure"), [(0.4, 0.4), ({"score": 0.4}, 0.4), ({}, None), (None, None), ("1", 1)]
)
def test_the_confidence_is_a_number_or_a_score(confidence: object, sure: float | None) -> None:
    interpretation = {"intent": {"name": "Apply"}, "nluConfidence": confidence}
    raw = event({"Age": slot("30")}, interpretations=[interpretation])
    assert read(raw)["age"].confidence == sure


@pytest.mark.parametrize("interpretations", [None, [], [{}], [{"intent": None}]])
def test_without_an_interpretation_there_is_no_confidence(interpretations: object) -> None:
    raw = event({"Age": slot("30")}, interpretations=interpretations)
    assert read(raw) == {"age": RawAnswer("30")}


def test_without_a_request_id_the_digest_names_the_submission() -> None:
    raw = event({})
    del raw["sessionState"]["originatingRequestId"]
    assert chat.submission(chat.read_event(raw), "digest").reference == "session-1/digest"


def test_unknown_members_do_no_harm() -> None:
    raw = event({"Age": slot("30") | {"new": {}}}, invocationLabel="x", transcriptions=[{"new": 1}])
    raw["sessionState"] |= {"activeContexts": None, "runtimeHints": None, "dialogAction": None}
    assert read(raw) == {"age": RawAnswer("30", 0.93)}


def test_an_application_that_was_denied_is_refused_when_it_comes_to_be_fulfilled() -> None:
    raw = event({"Age": slot("30")})
    raw["sessionState"]["intent"]["confirmationState"] = "Denied"
    with pytest.raises(InvalidSubmissionError, match="confirmationState: is Denied"):
        read(raw)
    assert read(raw | {"invocationSource": "DialogCodeHook"}).keys() == {"age"}


def test_a_client_posts_only_dialogues_that_are_complete(request_of: MakeRequest) -> None:
    raw = event({"Age": slot("30")})
    assert chat.adapt(request_of(raw)).answers == {"age": RawAnswer("30", 0.93)}
    with pytest.raises(InvalidSubmissionError, match="expected FulfillmentCodeHook"):
        chat.adapt(request_of(raw | {"invocationSource": "DialogCodeHook"}))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"sessionId": None}, "sessionId"),
        ({"sessionId": ""}, "sessionId"),
        ({"invocationSource": "Other"}, "invocationSource"),
        ({"sessionState": {}}, "sessionState.intent"),
        ({"sessionState": {"intent": {"slots": {}}}}, "sessionState.intent.name"),
        (
            {"interpretations": [{"intent": {"name": "Apply"}, "nluConfidence": 93}]},
            "interpretations.0.nluConfidence",
        ),
    ],
)
def test_another_structure_is_refused(changes: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        read(event({}, **changes))
    assert [problem.field for problem in refused.value.problems] == [place]


def test_the_slot_of_a_question_is_found_under_the_bots_name() -> None:
    lex = chat.read_event(event({"LastName": None, "LoanAmount": None}))
    assert lex.slot_of("amount") == "LoanAmount"
    assert lex.slot_of("full_name") == "LastName"
    assert lex.slot_of("age") is None
    assert chat.read_event(event(None)).slot_of("age") is None
