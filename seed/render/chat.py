"""The chat bot: the Lex V2 event of a dialogue that is complete.

Facts: Lex V2 developer guide, "AWS Lambda input event format for Lex V2".
"""

from typing import Any

from riskstack.contract.application import Answers
from seed.render.request import Request, json_request
from seed.render.wording import spoken

_INTENT = "ApplyForLoan"


def render(answers: Answers, reference: str) -> Request:
    """Render the event as a client posts it."""
    return json_request("/applications/chat", event(answers, reference))


def event(answers: Answers, reference: str) -> dict[str, Any]:
    """Make the event as Lex sends it; the session and its request are named after the reference."""
    intent = {
        "name": _INTENT,
        "state": "ReadyForFulfillment",
        "confirmationState": "Confirmed",
        "slots": _slots(answers),
    }
    return {
        "messageVersion": "1.0",
        "invocationSource": "FulfillmentCodeHook",
        "inputMode": "Text",
        "responseContentType": "text/plain; charset=utf-8",
        "sessionId": f"session-{reference}",
        "inputTranscript": "yes that's right",
        "invocationLabel": "",
        "bot": {
            "id": "ABCDEFGHIJ",
            "name": "ApplyBot",
            "localeId": "en_US",
            "version": "3",
            "aliasId": "TSTALIASID",
            "aliasName": "prod",
        },
        "interpretations": [
            {"interpretationSource": "Lex", "nluConfidence": 0.93, "intent": intent},
            {
                "intent": {
                    "name": "FallbackIntent",
                    "state": "ReadyForFulfillment",
                    "confirmationState": "None",
                    "slots": {},
                }
            },
        ],
        "requestAttributes": {"x-amz-lex:channels:platform": "Web"},
        "sessionState": {
            "activeContexts": [],
            "sessionAttributes": {},
            "originatingRequestId": reference,
            "intent": intent,
        },
        "transcriptions": [
            {
                "transcription": "yes that's right",
                "transcriptionConfidence": 1.0,
                "resolvedContext": {"intent": _INTENT},
                "resolvedSlots": {},
            }
        ],
    }


def _slots(answers: Answers) -> dict[str, object]:
    return {
        "FullName": _said(answers.full_name, f"my name is {answers.full_name}"),
        "Age": _number(answers.age, "{} years old"),
        "MaritalStatus": _said(answers.marital, f"I am {answers.marital}"),
        "Housing": _said(answers.home),
        "Employment": _said(answers.job and answers.job.replace("_", " ")),
        "YearsInJob": _number(answers.seniority, "for {} years"),
        "Income": _number(answers.income, "about {} a month"),
        "Expenses": _number(answers.expenses, "{}"),
        "Assets": _number(answers.assets, "{}"),
        "Debt": _number(answers.debt, "{}"),
        "BadRecord": _flag(answers.bad_record),
        "LoanAmount": _number(answers.amount, "I need {}"),
        "Price": _number(answers.price, "it costs {}"),
        "TermMonths": _number(answers.term, "{} months"),
        "CoApplicant": None,
    }


def _said(value: str | None, original: str | None = None) -> dict[str, object] | None:
    if value is None:
        return None
    return {
        "shape": "Scalar",
        "value": {
            "originalValue": original or value,
            "interpretedValue": value,
            "resolvedValues": [value],
        },
    }


def _number(number: float | None, words: str) -> dict[str, object] | None:
    if number is None:
        return None
    return _said(f"{number:.2f}".removesuffix(".00"), words.format(spoken(number)))


def _flag(flag: bool | None) -> dict[str, object] | None:  # noqa: FBT001 - an answer, not a switch
    return _said({True: "yes", False: "no", None: None}[flag], "no, never" if not flag else "once")
