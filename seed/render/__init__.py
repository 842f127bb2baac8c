"""Answers as each channel sends them: the inverse of the ETL function's adapters."""

from collections.abc import Callable, Mapping

from riskstack.contract.application import Answers
from seed.render import chat, mail_batch, mail_scan, mobile, phone, webform
from seed.render.request import Request

RENDERERS: Mapping[str, Callable[[Answers, str], Request]] = {
    "webform": webform.render,
    "mobile": mobile.render,
    "chat": chat.render,
    "phone": phone.render,
    "mail_scan": mail_scan.render,
    "mail_batch": mail_batch.render,
}
"""What renders answers under a reference, by the name of the payload."""
