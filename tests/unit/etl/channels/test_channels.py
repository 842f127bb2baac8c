"""What holds for every channel: no payload, however strange, does more than be refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.channels import ADAPTERS, adapt, chat, phone
from etl.core import application
from etl.problem import InvalidSubmissionError, UnsupportedMediaTypeError
from etl.request import Request
from etl.submission import Submission
from riskstack.contract.application import Channel
from riskstack.contract.record import to_item

MakeRequest = Callable[..., Request]

MEMBERS = """
schema client_ref application age income loanAmount first_name last_name
invocationSource sessionId sessionState interpretations nluConfidence
intent name slots value values interpretedValue
Details ContactData ContactId Attributes Parameters VoiceBotConfidence
DocumentId Blocks Id BlockType EntityTypes Relationships Type Ids Text Confidence
"""
NAMES = st.sampled_from(MEMBERS.split())
ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""With halves of surrogate pairs, which JSON can spell."""
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from(["mobile/2", "FulfillmentCodeHook", "KEY_VALUE_SET", "KEY", "VALUE", "a"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | ANY_TEXT, inner),
    max_leaves=10,
)
PAYLOADS = [(channel, kind) for channel, kinds in ADAPTERS.items() for kind in kinds]


# how long it takes to draw a payload says nothing here
unhurried = settings(suppress_health_check=[HealthCheck.too_slow])


def take(channel: Channel, kind: str, body: bytes) -> None:
    """Read a payload as far as an item that DynamoDB's client takes, or see it refused."""
    request = Request(
        method="POST", resource="", path_parameters={}, headers={"content-type": kind}, body=body
    )
    try:
        read = adapt(channel, request)
        for submission in [read] if isinstance(read, Submission) else read:
            new = application(submission, request_id="r", received_at="t", min_confidence=0.8)
            TypeSerializer().serialize(to_item(new))
    except InvalidSubmissionError as error:
        assert error.problems  # noqa: PT017 - to be taken is as good


@unhurried
@given(st.sampled_from(PAYLOADS), st.binary())
def test_any_bytes_are_taken_or_refused(payload: tuple[Channel, str], body: bytes) -> None:
    take(*payload, body)


@unhurried
@given(st.sampled_from(PAYLOADS), JSON)
def test_any_json_is_taken_or_refused(payload: tuple[Channel, str], value: object) -> None:
    take(*payload, json.dumps(value).encode())


@unhurried
@given(st.lists(st.lists(st.text(max_size=8), max_size=7), max_size=6), st.sampled_from(";,"))
def test_any_table_is_taken_or_refused(rows: list[list[str]], delimiter: str) -> None:
    header = ["batch_id", "operator_id", "keyed_at", "doc_id", "name", "age", "income"]
    text = "\n".join(delimiter.join(row) for row in [header, *rows])
    take(Channel.MAIL, "text/csv", text.encode(errors="surrogatepass"))


def read_lex(event: dict[str, Any]) -> Submission:
    return chat.submission(chat.read_event(event), "digest")


@pytest.mark.parametrize("read", [read_lex, phone.adapt_event])
@unhurried
@given(event=st.dictionaries(NAMES, JSON))
def test_any_event_is_taken_or_refused(
    read: Callable[[dict[str, Any]], Submission], event: dict[str, Any]
) -> None:
    try:
        application(read(event), request_id="r", received_at="t", min_confidence=0.8)
    except InvalidSubmissionError as error:
        assert error.problems  # noqa: PT017 - to be taken is as good


@unhurried
@given(JSON, JSON, JSON)
def test_any_slot_attribute_and_block_is_taken_or_refused(
    one: object, other: object, third: object
) -> None:
    slots = {"Age": one, "Income": {"value": other}, "Debt": {"values": [third]}}
    lex = {
        "invocationSource": "FulfillmentCodeHook",
        "sessionId": "s",
        "sessionState": {"intent": {"name": "i", "slots": slots}},
    }
    take(Channel.CHAT, "application/json", json.dumps(lex).encode())
    contact = {"ContactId": "c", "Attributes": {"Age": one, "Name": other}}
    connect = {"Details": {"ContactData": contact, "Parameters": {"Age": third}}}
    take(Channel.PHONE, "application/json", json.dumps(connect).encode())
    blocks = [one, {"BlockType": "WORD", "Id": "w", "Text": other}]
    take(Channel.MAIL, "application/json", json.dumps({"Blocks": blocks}).encode())
    app = {"schema": "mobile/2", "application": {"age": one, "loanAmount": other, "name": third}}
    take(Channel.MOBILE, "application/json", json.dumps(app).encode())


def test_slots_within_slots_without_end_are_refused() -> None:
    slot: dict[str, Any] = {}
    for _ in range(400):
        slot = {"values": [slot]}
    intent = {"name": "i", "slots": {"Age": slot}}
    lex = {
        "invocationSource": "FulfillmentCodeHook",
        "sessionId": "s",
        "sessionState": {"intent": intent},
    }
    with pytest.raises(InvalidSubmissionError):
        chat.read_event(lex)


@pytest.mark.parametrize(
    ("channel", "kind", "taken"),
    [
        ("webform", "text/plain", "application/x-www-form-urlencoded or application/json"),
        ("webform", "multipart/form-data", "application/x-www-form-urlencoded or application/json"),
        ("mobile", "text/csv", "application/json"),
        ("mail", "application/pdf", "application/json or text/csv"),
    ],
)
def test_another_content_type_is_refused_with_those_that_are_taken(
    request_of: MakeRequest, channel: str, kind: str, taken: str
) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match=f"the channel {channel} takes {taken}"):
        adapt(Channel(channel), request_of(b"", kind))
