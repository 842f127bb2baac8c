"""The mobile app: camelCase, money in minor units, sent again when it was offline.

The blocks about device and place say nothing about the applicant's answers and are left alone, as
is the client context of AWS's mobile SDKs (X-Amz-Client-Context).
"""

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from etl.payload import Reference, digest, json_object, shaped
from etl.problem import Problem
from etl.request import Request
from etl.submission import RawAnswer, Submission, gather
from etl.vocabulary import question_named
from riskstack.contract.application import Channel

_MONEY = frozenset({"income", "expenses", "assets", "debt", "amount", "price"})
_MINOR_UNITS = 100


class _Body(BaseModel):
    schema_: Literal["mobile/2"] = Field(alias="schema")
    client_ref: Reference | None = None
    application: dict[str, Any]


def adapt(request: Request) -> Submission:
    """Read the app's JSON, schema `mobile/2`.

    Raises:
        InvalidSubmissionError: it is not of that schema.
    """
    body = shaped(_Body, json_object(request.body))
    answers: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in body.application.items():
        question = question_named(name)
        if question not in _MONEY or value is None:
            answers[name] = value
        elif isinstance(value, int) and not isinstance(value, bool):
            answers[name] = Decimal(value) / _MINOR_UNITS
        else:
            problems.append(Problem(question, "is not money; expected whole minor units (cents)"))
    gathered = gather((name, RawAnswer(value)) for name, value in answers.items())
    return Submission(
        channel=Channel.MOBILE,
        reference=body.client_ref or request.idempotency_key(),
        raw_sha256=digest(request.body),
        answers=gathered.answers,
        problems=(*problems, *gathered.problems()),
    )
