"""The web form, as a browser posts it."""

from urllib.parse import urlencode

from riskstack.contract.application import Answers
from seed.render.request import Request
from seed.render.wording import written


def render(answers: Answers, reference: str) -> Request:
    """Render a form; the page made the idempotency key when it was opened."""
    fields: dict[str, str | None] = {
        **_name(answers.full_name),
        "age": _text(answers.age),
        "marital": answers.marital,
        "home": answers.home,
        "job": answers.job,
        "seniority": _text(answers.seniority),
        "income": _money(answers.income),
        "expenses": _money(answers.expenses),
        "assets": _money(answers.assets),
        "debt": _money(answers.debt),
        "amount": _money(answers.amount),
        "price": _money(answers.price),
        "term": _text(answers.term),
        "consent": "on",
    }
    if answers.bad_record is None:
        fields["bad_record"] = ""
    elif answers.bad_record:
        # a check box that is not checked is not sent at all
        fields["bad_record"] = "on"
    return Request(
        "/applications/webform",
        {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": reference},
        urlencode({name: value or "" for name, value in fields.items()}).encode(),
    )


def _name(full_name: str | None) -> dict[str, str | None]:
    first, _, last = (full_name or "").rpartition(" ")
    return {"first_name": first, "last_name": last} if first else {"name": last}


def _money(amount: float | None) -> str | None:
    return None if amount is None else written(amount)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
