"""The phone: the event of a Connect contact flow that asked a caller.

Facts: Connect administrator guide, "Grant Connect access to your Lambda functions".
"""

from typing import Any

from riskstack.contract.application import Answers
from seed.render.request import Request, json_request

_INSTANCE = (
    "arn:aws:connect:eu-central-1:123456789012:instance/9308c2a1-9bc6-4cea-8290-6c0b4a6d38fa"
)


def render(answers: Answers, reference: str) -> Request:
    """Render the event as a client posts it."""
    return json_request("/applications/phone", event(answers, reference))


def event(answers: Answers, reference: str) -> dict[str, Any]:
    """Make the event as Connect sends it; the contact id is the reference."""
    attributes = {
        "Language": "en-US",
        "VoiceBotConfidence": "0.91",
        "FullName": answers.full_name,
        "Age": answers.age,
        "MaritalStatus": answers.marital,
        "Housing": answers.home,
        "Employment": answers.job and answers.job.replace("_", " "),
        "YearsInJob": answers.seniority,
        "Income": answers.income,
        "Expenses": answers.expenses,
        "Assets": answers.assets,
        "Debt": answers.debt,
        "BadRecord": {True: "true", False: "false", None: None}[answers.bad_record],
    }
    parameters = {
        "loan_amount": answers.amount,
        "purchase_price": answers.price,
        "term_months": answers.term,
    }
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": _strings(attributes),
                "Channel": "VOICE",
                "ContactId": reference,
                "InitialContactId": reference,
                "PreviousContactId": reference,
                "CustomerEndpoint": {"Address": "+11234567890", "Type": "TELEPHONE_NUMBER"},
                "SystemEndpoint": {"Address": "+18005550100", "Type": "TELEPHONE_NUMBER"},
                "InitiationMethod": "INBOUND",
                "InstanceARN": _INSTANCE,
                "MediaStreams": {"Customer": {"Audio": None}},
                "Queue": {
                    "ARN": f"{_INSTANCE}/queue/5cba7cbf-1ecb-4b6d-b8bd-fe91079b3fc8",
                    "Name": "Applications",
                },
            },
            "Parameters": _strings(parameters),
        },
    }


def _strings(values: dict[str, Any]) -> dict[str, str]:
    """Give the values as Connect has them: strings, and none for what was not said."""
    return {
        name: f"{value:.2f}".removesuffix(".00") if isinstance(value, float) else str(value)
        for name, value in values.items()
        if value is not None
    }
