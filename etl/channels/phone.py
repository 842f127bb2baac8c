"""The phone: the event of an Amazon Connect contact flow, posted by a client or sent by Connect.

Facts: Connect administrator guide, "Grant Connect access to your Lambda functions". All attributes
and parameters are strings. Names and channel words differ between releases ("Voice", "VOICE"), so
that neither is looked at; endpoints, queue and audio may be null and are left alone.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_pascal

from etl.answers import is_blank
from etl.payload import Reference, digest, digest_of_json, json_object, shaped
from etl.problem import InvalidSubmissionError, Problem
from etl.request import Request
from etl.submission import Gathered, RawAnswer, Submission, gather
from riskstack.contract.application import Channel

_CONFIDENCE = "VoiceBotConfidence"
_SURENESS = TypeAdapter(Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)])


class _Connect(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)


class ContactData(_Connect):
    """What Connect knows about the contact; attributes were set by the flow's earlier blocks."""

    contact_id: Reference
    attributes: dict[str, Any] | None = None


class Details(_Connect):
    """The contact, and the parameters that the flow gives to this one invocation."""

    contact_data: ContactData
    parameters: dict[str, Any] | None = None


class ConnectEvent(_Connect):
    """The members of a Connect event that are read here."""

    details: Details


def adapt(request: Request) -> Submission:
    """Read the event that a client posts.

    Raises:
        InvalidSubmissionError: it is no Connect event.
    """
    return _submission(json_object(request.body), digest(request.body))


def adapt_event(event: Mapping[str, Any]) -> Submission:
    """Read the event that Connect sends.

    Raises:
        InvalidSubmissionError: it is no Connect event.
    """
    return _submission(event, digest_of_json(event))


def _submission(event: Mapping[str, Any], raw_sha256: str) -> Submission:
    """Read the answers; a parameter goes before the attribute that answers the same question.

    The confidence of each is the attribute or parameter `VoiceBotConfidence`.
    """
    details = shaped(ConnectEvent, event).details
    attributes = details.contact_data.attributes or {}
    parameters = details.parameters or {}
    confidence = _confidence({**attributes, **parameters})
    kept, given = _gathered(attributes, confidence), _gathered(parameters, confidence)
    answered = {
        question: answer for question, answer in given.answers.items() if not is_blank(answer.value)
    }
    gathered = Gathered(
        answers={**kept.answers, **answered},
        conflicts=given.conflicts | (kept.conflicts - answered.keys()),
    )
    return Submission(
        channel=Channel.PHONE,
        reference=details.contact_data.contact_id,
        raw_sha256=raw_sha256,
        answers=gathered.answers,
        problems=gathered.problems(),
    )


def _gathered(values: Mapping[str, object], confidence: float | None) -> Gathered:
    return gather((name, RawAnswer(value, confidence)) for name, value in values.items())


def _confidence(values: Mapping[str, object]) -> float | None:
    for name, value in values.items():
        if name.casefold() == _CONFIDENCE.casefold() and not is_blank(value):
            try:
                return _SURENESS.validate_python(value)
            except ValidationError:
                raise InvalidSubmissionError(
                    [Problem(_CONFIDENCE, "is not a confidence; expected a number from 0 to 1")]
                ) from None
    return None
