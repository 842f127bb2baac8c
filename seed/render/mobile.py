"""The mobile app's JSON, sent from its queue after it was offline."""

import base64
import json

from riskstack.contract.application import Answers
from seed.render.request import Request, json_request

_CLIENT_CONTEXT = {
    "client": {
        "installation_id": "6f1c2f0e-9a55-4f0b-8a75-3c1c5a0e7d11",
        "app_title": "CompanyX",
        "app_version_name": "4.2.1",
        "app_version_code": "421",
        "app_package_name": "com.companyx.apply",
    },
    "custom": {"session": "8d0c"},
    "env": {
        "platform_version": "17.5",
        "platform": "ios",
        "make": "apple",
        "model": "iPhone16,2",
        "locale": "en_US",
    },
}


def render(answers: Answers, reference: str) -> Request:
    """Render the app's body; `client_ref` is the reference."""
    application = {
        "fullName": answers.full_name,
        "age": answers.age,
        "maritalStatus": answers.marital,
        "housing": answers.home,
        "employment": {"part_time": "partTime"}.get(answers.job or "", answers.job),
        "yearsInJob": answers.seniority,
        "monthlyIncome": _minor(answers.income),
        "monthlyExpenses": _minor(answers.expenses),
        "totalAssets": _minor(answers.assets),
        "totalDebt": _minor(answers.debt),
        "badRecord": answers.bad_record,
        "loanAmount": _minor(answers.amount),
        "purchasePrice": _minor(answers.price),
        "termMonths": answers.term,
    }
    body = {
        "schema": "mobile/2",
        "client_ref": reference,
        "submitted_at": "2026-03-02T08:15:30Z",
        "device": _CLIENT_CONTEXT["env"],
        "geo": {"lat": 52.52, "lon": 13.4, "accuracy_m": 35},
        "application": application,
        "offline_queued": True,
    }
    context = base64.b64encode(json.dumps(_CLIENT_CONTEXT).encode()).decode()
    return json_request("/applications/mobile", body, {"X-Amz-Client-Context": context})


def _minor(amount: float | None) -> int | None:
    return None if amount is None else round(amount * 100)
