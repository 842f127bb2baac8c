"""The chat bot: an Amazon Lex V2 event, posted by a client or sent by Lex itself.

Facts: Lex V2 developer guide, "AWS Lambda input event format for Lex V2" and "Common structures".
The format may grow without a new messageVersion, so that unknown members are left alone.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from etl.payload import Reference, digest, json_object, shaped
from etl.problem import InvalidSubmissionError, Problem
from etl.request import Request
from etl.submission import RawAnswer, Submission, gather
from etl.vocabulary import FIRST_NAME, LAST_NAME, question_named
from riskstack.contract.application import Channel

_FULFILLMENT = "FulfillmentCodeHook"
_Confidence: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Lex(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


def _score(value: object) -> object:
    """Unwrap the form that older documentation gives, `{"score": 0.93}`."""
    return value.get("score") if isinstance(value, dict) else value


class Value(_Lex, extra="allow"):
    """What was said for a slot and what Lex makes of it."""

    original_value: str | None = None
    interpreted_value: str | None = None


class Slot(_Lex, extra="allow"):
    """One slot; `shape` is not looked at, since Lex may leave it out."""

    value: Value | None = None
    values: "list[Slot | None] | None" = None


class Intent(_Lex):
    """What the user wants; an unfilled slot is null."""

    name: str
    slots: dict[str, Slot | None] | None = None
    confirmation_state: str | None = None


class _NamedIntent(_Lex):
    name: str | None = None


class Interpretation(_Lex):
    """One of the intents that may be meant, with Lex's confidence."""

    intent: _NamedIntent | None = None
    nlu_confidence: Annotated[_Confidence | None, BeforeValidator(_score)] = None


class SessionState(_Lex):
    """Where the conversation stands."""

    intent: Intent
    originating_request_id: Reference | None = None
    session_attributes: dict[str, Any] | None = None


class LexEvent(_Lex):
    """The members of a Lex V2 event that are read here."""

    invocation_source: Literal["DialogCodeHook", "FulfillmentCodeHook"]
    session_id: Reference
    interpretations: list[Interpretation] | None = None
    session_state: SessionState

    def slot_of(self, question: str) -> str | None:
        """Give the slot that asks a question, under the bot's own name, or `None`."""
        asked = {question}
        if question == "full_name":
            asked |= {FIRST_NAME, LAST_NAME}
        slots = self.session_state.intent.slots or {}
        return next((name for name in slots if question_named(name) in asked), None)


def read_event(event: Mapping[str, Any]) -> LexEvent:
    """Read a Lex V2 event.

    Raises:
        InvalidSubmissionError: it is none.
    """
    return shaped(LexEvent, event)


def adapt(request: Request) -> Submission:
    """Read the event that a client posts when its dialogue is complete.

    Raises:
        InvalidSubmissionError: it is no Lex V2 event, or its dialogue goes on.
    """
    event = read_event(json_object(request.body))
    if event.invocation_source != _FULFILLMENT:
        raise InvalidSubmissionError(
            [
                Problem(
                    "invocationSource",
                    "is of a dialogue that goes on; expected FulfillmentCodeHook",
                )
            ]
        )
    return submission(event, digest(request.body))


def submission(event: LexEvent, raw_sha256: str) -> Submission:
    """Read the answers of an event from the slots of `sessionState.intent`.

    The confidence of each is Lex's in the intent. An event without `originatingRequestId` is named
    by its session and digest.

    Raises:
        InvalidSubmissionError: the applicant took the application back.
    """
    intent = event.session_state.intent
    if event.invocation_source == _FULFILLMENT and intent.confirmation_state == "Denied":
        raise InvalidSubmissionError(
            [Problem("confirmationState", "is Denied; expected an application that was confirmed")]
        )
    gathered = gather(_answers(intent, _confidence(event)))
    request = event.session_state.originating_request_id or raw_sha256
    return Submission(
        channel=Channel.CHAT,
        reference=f"{event.session_id}/{request}",
        raw_sha256=raw_sha256,
        answers=gathered.answers,
        problems=gathered.problems(),
    )


def _confidence(event: LexEvent) -> float | None:
    for interpretation in event.interpretations or ():
        if interpretation.intent and interpretation.intent.name == event.session_state.intent.name:
            return interpretation.nlu_confidence
    return None


def _answers(intent: Intent, confidence: float | None) -> Iterator[tuple[str, RawAnswer]]:
    for name, slot in (intent.slots or {}).items():
        if slot is not None:
            # the value of a list is its values joined
            for part in slot.values or [slot]:
                if part is not None and part.value is not None:
                    said = part.value.interpreted_value or part.value.original_value
                    yield name, RawAnswer(said, confidence)
