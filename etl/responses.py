"""The answers that API Gateway, Lex and Connect expect, and the table of errors.

Facts: API Gateway developer guide, "Output format of a Lambda function for proxy integration"; Lex
V2 developer guide, "AWS Lambda response format for Lex V2"; Connect administrator guide, "Grant
Connect access to your Lambda functions" (a flat map of strings).
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal, TypeAlias, TypedDict

from etl.channels.chat import LexEvent
from etl.core import ConflictError
from etl.intake import BusyError, Outcome, UnknownApplicationError
from etl.problem import InvalidSubmissionError, UnsupportedMediaTypeError
from etl.store import StoreUnavailableError


class UnknownRouteError(LookupError):
    """The function serves no such method and resource: see gateway/openapi.yaml."""


STATUS_OF: Mapping[type[Exception], HTTPStatus] = {
    InvalidSubmissionError: HTTPStatus.BAD_REQUEST,
    UnknownApplicationError: HTTPStatus.NOT_FOUND,
    UnknownRouteError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What an HTTP client is told; every other error is a failed invocation, which it sees as a 502."""
CLIENT_ERRORS = tuple(STATUS_OF)

HEADERS = {
    "Content-Type": "application/json",
    # the web form may lie on another host; a proxy integration leaves this to the function
    "Access-Control-Allow-Origin": "*",
}

_IntentState: TypeAlias = Literal["Failed", "Fulfilled", "InProgress"]


class ProxyResponse(TypedDict):
    """What API Gateway turns into an HTTP response."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def http(status: HTTPStatus, body: Mapping[str, object]) -> ProxyResponse:
    """Answer with a JSON object."""
    return {
        "statusCode": status.value,
        "headers": dict(HEADERS),
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def http_outcome(outcome: Outcome) -> ProxyResponse:
    """Answer a submission: 202 where it is to be decided, 200 where it was known."""
    known = outcome.action == "repeated"
    return http(HTTPStatus.OK if known else HTTPStatus.ACCEPTED, outcome_body(outcome))


def outcome_body(outcome: Outcome) -> dict[str, object]:
    """Give what a client is told of a submission that was taken."""
    return {
        "application_id": outcome.application_id,
        "status": outcome.status,
        "open_questions": list(outcome.open_questions),
    }


def http_error(error: Exception) -> ProxyResponse:
    """Answer with the status of an error, its message, and what is wrong where."""
    body: dict[str, object] = {"message": str(error)}
    match error:
        case InvalidSubmissionError():
            body = {"message": "The application cannot be taken", "errors": errors(error)}
        case ConflictError():
            body |= {"application_id": error.application_id, "status": error.status}
    return http(STATUS_OF[type(error)], body)


def errors(error: InvalidSubmissionError) -> list[dict[str, str]]:
    """Give problems as a client reads them."""
    return [{"field": one.field, "problem": one.problem} for one in error.problems]


def lex_delegate(event: LexEvent) -> dict[str, Any]:
    """Tell Lex to go on with the dialogue as the bot defines it."""
    return {"sessionState": _session_state(event, {"type": "Delegate"}, "InProgress")}


def lex_taken(event: LexEvent, outcome: Outcome) -> dict[str, Any]:
    """Close the dialogue of an application that was taken."""
    text = f"Thank you, application {outcome.application_id} is {outcome.status}."
    if outcome.open_questions:
        text = (
            f"Thank you. We will come back to you about application {outcome.application_id}:"
            f" {', '.join(outcome.open_questions)}."
        )
    answer = _lex(event, {"type": "Close"}, "Fulfilled", text)
    answer["sessionState"]["sessionAttributes"] |= {
        "application_id": outcome.application_id,
        "application_status": outcome.status,
    }
    return answer


def lex_refused(event: LexEvent, error: Exception) -> dict[str, Any]:
    """Say what is wrong, and ask again for the first slot that it is wrong in, if there is one.

    Where a slot is asked for the dialogue goes on and the intent is in progress; else it failed.
    """
    problems = error.problems if isinstance(error, InvalidSubmissionError) else ()
    slot = next(filter(None, (event.slot_of(one.field) for one in problems)), None)
    if slot is None:
        return _lex(event, {"type": "Close"}, "Failed", str(error))
    action = {"type": "ElicitSlot", "slotToElicit": slot}
    answer = _lex(event, action, "InProgress", str(error))
    answer["sessionState"]["intent"]["slots"][slot] = None
    return answer


def _lex(
    event: LexEvent, action: Mapping[str, str], state: _IntentState, text: str
) -> dict[str, Any]:
    return {
        "sessionState": _session_state(event, action, state),
        "messages": [{"contentType": "PlainText", "content": text}],
    }


def _session_state(
    event: LexEvent, action: Mapping[str, str], state: _IntentState
) -> dict[str, Any]:
    """Give the session back with its attributes and slots as they came."""
    intent = event.session_state.intent.model_dump(by_alias=True, exclude_unset=True)
    return {
        "dialogAction": dict(action),
        "intent": {"name": intent["name"], "slots": intent.get("slots") or {}, "state": state},
        "sessionAttributes": dict(event.session_state.session_attributes or {}),
    }


def connect_outcome(outcome: Outcome) -> dict[str, str]:
    """Tell a flow what became of its application, for its branches to look at."""
    return {
        "status": outcome.status,
        "application_id": outcome.application_id,
        "open_questions": ", ".join(outcome.open_questions),
    }


def connect_refused(error: InvalidSubmissionError | ConflictError) -> dict[str, str]:
    """Tell a flow why its application cannot be taken."""
    if isinstance(error, ConflictError):
        return {
            "status": "conflict",
            "application_id": error.application_id,
            "problems": str(error),
        }
    return {"status": "invalid", "problems": str(error)}
