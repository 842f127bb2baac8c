"""One adapter per channel, native payload to `Submission`. Pure: no clock, SDK or environment."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from etl.channels import chat, mail_batch, mail_scan, mobile, phone, webform
from etl.problem import UnsupportedMediaTypeError
from etl.request import Request
from etl.submission import Submission
from riskstack.contract.application import Channel

Adapter: TypeAlias = Callable[[Request], Submission | tuple[Submission, ...]]

_JSON = "application/json"

ADAPTERS: Mapping[Channel, Mapping[str, Adapter]] = {
    Channel.WEBFORM: {
        "application/x-www-form-urlencoded": webform.from_form,
        _JSON: webform.from_json,
    },
    Channel.MOBILE: {_JSON: mobile.adapt},
    Channel.CHAT: {_JSON: chat.adapt},
    Channel.PHONE: {_JSON: phone.adapt},
    Channel.MAIL: {_JSON: mail_scan.adapt, "text/csv": mail_batch.adapt},
}
"""What reads a request, by channel and media type."""


def adapt(channel: Channel, request: Request) -> Submission | tuple[Submission, ...]:
    """Read a request as its channel sends it: one submission, or those of a batch.

    Raises:
        UnsupportedMediaTypeError: the channel does not take the content type.
        InvalidSubmissionError: the payload is not what the channel sends.
    """
    taken = ADAPTERS[channel]
    if request.media_type not in taken:
        raise UnsupportedMediaTypeError(f"the channel {channel} takes {' or '.join(taken)}")
    return taken[request.media_type](request)
