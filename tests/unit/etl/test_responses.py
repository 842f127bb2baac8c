import json
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from etl import responses
from etl.channels.chat import LexEvent, read_event
from etl.core import ConflictError
from etl.intake import BusyError, Outcome, UnknownApplicationError
from etl.problem import InvalidSubmissionError, Problem, UnsupportedMediaTypeError
from etl.store import StoreUnavailableError

CREATED = Outcome("created", "app-1", "received", ())
OPEN = Outcome("created", "app-1", "incomplete", ("age", "term"))
INVALID = InvalidSubmissionError([Problem("age", "is out of range"), Problem("debt", "is bad")])
CONFLICT = ConflictError("app-1", "in_review", "the reference is taken")


def slot(value: str) -> dict[str, Any]:
    return {
        "shape": "Scalar",
        "value": {"originalValue": value, "interpretedValue": value, "resolvedValues": [value]},
    }


def lex_event(source: str = "FulfillmentCodeHook", **slots: object) -> LexEvent:
    return read_event(
        {
            "invocationSource": source,
            "sessionId": "session-1",
            "sessionState": {
                "sessionAttributes": {"applicant_id": "a-1"},
                "intent": {"name": "Apply", "state": "ReadyForFulfillment", "slots": slots},
            },
        }
    )


@pytest.mark.parametrize(
    ("action", "status"), [("created", 202), ("corrected", 202), ("repeated", 200)]
)
def test_a_submission_is_answered_with_where_it_stands(action: str, status: int) -> None:
    response = responses.http_outcome(Outcome(action, "app-1", "incomplete", ("age",)))
    assert response == {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": '{"application_id": "app-1", "status": "incomplete", "open_questions": ["age"]}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownApplicationError("there is none"), 404),
        (responses.UnknownRouteError("there is none"), 404),
        (UnsupportedMediaTypeError("the channel takes"), 415),
        (BusyError("send it again"), 503),
        (StoreUnavailableError("is busy"), 503),
    ],
)
def test_each_error_has_its_status_and_says_what_to_do(error: Exception, status: int) -> None:
    response = responses.http_error(error)
    assert response["statusCode"] == status
    assert json.loads(response["body"]) == {"message": str(error)}


def test_an_invalid_submission_is_answered_with_every_problem() -> None:
    response = responses.http_error(INVALID)
    assert response["statusCode"] == 400
    assert json.loads(response["body"]) == {
        "message": "The application cannot be taken",
        "errors": [
            {"field": "age", "problem": "is out of range"},
            {"field": "debt", "problem": "is bad"},
        ],
    }


def test_a_conflict_is_answered_with_the_application_that_is_there() -> None:
    response = responses.http_error(CONFLICT)
    assert response["statusCode"] == 409
    assert json.loads(response["body"]) == {
        "message": "the reference is taken",
        "application_id": "app-1",
        "status": "in_review",
    }


def test_lex_closes_the_dialogue_of_an_application_that_was_taken() -> None:
    assert responses.lex_taken(lex_event(Age=slot("30")), CREATED) == {
        "sessionState": {
            "dialogAction": {"type": "Close"},
            "intent": {"name": "Apply", "slots": {"Age": slot("30")}, "state": "Fulfilled"},
            "sessionAttributes": {
                "applicant_id": "a-1",
                "application_id": "app-1",
                "application_status": "received",
            },
        },
        "messages": [
            {
                "contentType": "PlainText",
                "content": "Thank you, application app-1 is received.",
            }
        ],
    }


def test_lex_tells_what_is_open() -> None:
    answer = responses.lex_taken(lex_event(), OPEN)
    assert answer["messages"][0]["content"].endswith("about application app-1: age, term.")


def test_lex_asks_again_for_the_first_slot_that_is_wrong() -> None:
    answer = responses.lex_refused(lex_event(Debt=slot("x"), Years=None, Age=slot("200")), INVALID)
    assert answer["sessionState"]["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "Age"}
    assert answer["sessionState"]["intent"] == {
        "name": "Apply",
        "slots": {"Debt": slot("x"), "Years": None, "Age": None},
        "state": "InProgress",
    }
    assert answer["messages"] == [
        {"contentType": "PlainText", "content": "age: is out of range; debt: is bad"}
    ]


def test_lex_stays_in_progress_while_the_dialogue_goes_on() -> None:
    answer = responses.lex_refused(lex_event("DialogCodeHook", Age=slot("200")), INVALID)
    assert answer["sessionState"]["intent"]["state"] == "InProgress"
    assert responses.lex_delegate(lex_event("DialogCodeHook", Age=slot("30"))) == {
        "sessionState": {
            "dialogAction": {"type": "Delegate"},
            "intent": {"name": "Apply", "slots": {"Age": slot("30")}, "state": "InProgress"},
            "sessionAttributes": {"applicant_id": "a-1"},
        }
    }


@pytest.mark.parametrize("error", [INVALID, CONFLICT])
def test_lex_closes_where_no_slot_can_mend_it(error: Exception) -> None:
    answer = responses.lex_refused(lex_event(), error)
    assert answer["sessionState"]["dialogAction"] == {"type": "Close"}
    assert answer["sessionState"]["intent"]["state"] == "Failed"
    assert answer["messages"][0]["content"] == str(error)


@pytest.mark.parametrize(
    "answer",
    [
        responses.lex_taken(lex_event(Age=slot("30"), Debt=None), CREATED),
        responses.lex_refused(lex_event(Age=slot("200")), INVALID),
        responses.lex_refused(lex_event(), CONFLICT),
        responses.lex_delegate(lex_event("DialogCodeHook")),
    ],
)
def test_answers_to_lex_have_the_shapes_of_its_service_model(answer: dict[str, Any]) -> None:
    model = get_session().get_service_model("lexv2-runtime")
    state = answer["sessionState"]
    # the model has no nulls; Lex says that a slot which is not filled is null
    state["intent"]["slots"] = {k: v for k, v in state["intent"]["slots"].items() if v}
    for shape, values in (
        ("SessionState", [state]),
        ("Message", answer.get("messages", [])),
    ):
        for value in values:
            report = ParamValidator().validate(value, model.shape_for(shape))
            assert not report.has_errors(), report.generate_report()
    action: Any = model.shape_for("DialogActionType")
    intent_state: Any = model.shape_for("IntentState")
    assert state["dialogAction"]["type"] in action.enum
    assert state["intent"]["state"] in intent_state.enum


def test_connect_gets_a_flat_map_of_strings() -> None:
    for answer in (
        responses.connect_outcome(CREATED),
        responses.connect_refused(INVALID),
        responses.connect_refused(CONFLICT),
    ):
        assert all(isinstance(value, str) for value in answer.values())
    assert responses.connect_outcome(OPEN) == {
        "status": "incomplete",
        "application_id": "app-1",
        "open_questions": "age, term",
    }
    assert responses.connect_refused(INVALID) == {
        "status": "invalid",
        "problems": "age: is out of range; debt: is bad",
    }
    assert responses.connect_refused(CONFLICT) == {
        "status": "conflict",
        "application_id": "app-1",
        "problems": "the reference is taken",
    }
