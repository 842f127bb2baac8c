import json

import pytest

from gateway import gateway_response
from gateway.gateway_response import CONTENT_TOO_LONG, FORBIDDEN, GatewayResponse

ROWS = [row for row in vars(gateway_response).values() if isinstance(row, GatewayResponse)]


def test_a_row_becomes_an_answer() -> None:
    answer = FORBIDDEN.answer()
    assert answer.status == 403
    assert answer.headers == [
        (b"Content-Type", b"application/json"),
        (b"x-amzn-ErrorType", b"ForbiddenException"),
    ]
    assert answer.body == b'{"message":"Forbidden"}'


def test_a_connection_with_an_unread_body_ends() -> None:
    assert (b"Connection", b"close") in CONTENT_TOO_LONG.answer().headers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.body.decode())
def test_every_row_with_a_type_holds_one_message(row: GatewayResponse) -> None:
    assert 400 <= row.status < 600
    if row.error_type:
        ((name, message),) = json.loads(row.body).items()
        # the capital letter is AWS's own
        assert name == ("Message" if row.response_type == "ACCESS_DENIED" else "message")
        assert message == row.message


def test_answers_are_not_shared() -> None:
    FORBIDDEN.answer().headers.append((b"X", b"1"))
    assert (b"X", b"1") not in FORBIDDEN.answer().headers
