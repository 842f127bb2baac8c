import json
from datetime import UTC, datetime

from riskstack.emulator.execution.invocation import Invocation
from riskstack.emulator.function import Result
from riskstack.emulator.lambda_api.event_records import End, dead_letter_attributes, record
from riskstack.emulator.lambda_api.event_rules import Condition

INVOCATION = Invocation(b'{"n": 1.10, "e": "\xc3\xa9"}', "r-1")


def test_payloads_stand_as_they_were_given() -> None:
    end = End(Condition.SUCCESS, 1, Result(b"1e3"))
    body = record("arn", INVOCATION, end, datetime(2026, 1, 2, tzinfo=UTC)).decode()
    assert '"requestPayload": {"n": 1.10, "e": "é"}' in body
    assert body.endswith('"responsePayload": 1e3}')
    assert json.loads(body)["timestamp"] == "2026-01-02T00:00:00.000Z"


def test_a_long_error_message_is_cut_in_a_dead_letter() -> None:
    document = {"errorMessage": "é" * 600}
    attributes = dead_letter_attributes(INVOCATION, Result(json.dumps(document).encode(), "x"))
    assert attributes["ErrorMessage"]["StringValue"] == "é" * 512


def test_an_event_that_was_never_run_has_no_error() -> None:
    assert dead_letter_attributes(INVOCATION, None).keys() == {"RequestID"}
