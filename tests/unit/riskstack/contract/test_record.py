from dataclasses import replace
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from riskstack.contract.application import Answers, Application, Channel, Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import (
    MalformedItemError,
    Tables,
    creation,
    from_item,
    to_item,
    transition_writes,
)

money = st.none() | st.floats(0, 1e12).map(lambda value: round(value, 4))
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).filter(
    str.strip
)
applications = st.builds(
    Application,
    application_id=texts,
    channel=st.sampled_from(Channel),
    status=st.sampled_from(Status),
    version=st.integers(1, 10**6),
    source_ref=texts,
    raw_sha256=texts,
    received_at=texts,
    answers=st.builds(
        Answers,
        full_name=st.none() | texts,
        age=st.none() | st.integers(0, 130),
        income=money,
        amount=st.none() | st.floats(0.01, 1e12).map(lambda value: round(value, 4)),
        bad_record=st.none() | st.booleans(),
    ),
    open_questions=st.lists(texts).map(tuple),
    field_confidence=st.dictionaries(texts, st.floats(0, 1).map(lambda value: round(value, 4))),
)


@given(applications)
def test_an_application_survives_dynamodb(application: Application) -> None:
    wire = TypeSerializer().serialize(to_item(application))
    assert from_item(TypeDeserializer().deserialize(wire)) == application


@pytest.mark.parametrize("name", ["application_id", "version", "answers", "status", "channel"])
def test_a_missing_attribute_is_malformed(application: Application, name: str) -> None:
    item = to_item(application)
    del item[name]
    with pytest.raises(MalformedItemError, match=name):
        from_item(item)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "not a number"),
        ("status", "lost"),
        ("application_id", ""),
        ("raw_sha256", Decimal(1)),
        ("answers", "none"),
        ("answers", []),
        ("answers", {"age": "old"}),
        ("field_confidence", []),
        ("version", Decimal(0)),
        ("version", Decimal("1e125")),
        ("version", "1"),
        ("answers", {"full_name": Decimal(1)}),
        ("answers", {"bad_record": "yes"}),
        ("answers", {"bad_record": Decimal(1)}),
        ("answers", {"income": "1000"}),
        ("answers", {"income": True}),
        ("answers", {"income": None}),
        ("answers", {"age": Decimal("36.5")}),
        ("answers", {"amount": Decimal("1e29")}),
    ],
)
def test_a_wrong_attribute_is_malformed(application: Application, name: str, value: object) -> None:
    with pytest.raises(MalformedItemError):
        from_item({**to_item(application), name: value})


def test_creation_is_conditional_and_opens_the_audit_trail(
    application: Application, tables: Tables
) -> None:
    put, audit = creation(application, tables, {"expires_at": 1})
    assert put["Put"]["ConditionExpression"] == "attribute_not_exists(application_id)"
    assert put["Put"]["Item"]["expires_at"] == 1
    assert audit["Put"]["Item"] == {
        "application_id": application.application_id,
        "version": 1,
        "at": application.received_at,
        "action": "submitted",
        "actor": "channel:webform",
        "status": "received",
    }


def test_a_transition_sets_removes_and_raises_the_version(tables: Tables) -> None:
    step = Transition(
        application_id="app-1",
        version=3,
        before=Status.IN_REVIEW,
        after=Status.ACCEPTED,
        action="decided",
        actor="auditor:kim",
        at="2026-03-01T09:00:00+00:00",
        changes={"note": "sound", "claimed_by": None, "score": 0.25},
    )
    update, audit = transition_writes(step, tables, condition="attribute_exists(#note)")
    request = update["Update"]
    assert request["UpdateExpression"].endswith(" REMOVE #claimed_by")
    assert request["ConditionExpression"] == "#version = :read AND attribute_exists(#note)"
    assert request["ExpressionAttributeValues"][":read"] == 3
    assert request["ExpressionAttributeValues"][":version"] == 4
    assert request["ExpressionAttributeValues"][":score"] == Decimal("0.25")
    assert audit["Put"]["Item"]["changes"] == {"note": "sound", "score": Decimal("0.25")}
    assert audit["Put"]["Item"]["version"] == 4


def test_what_dynamodb_cannot_hold_is_refused(application: Application, tables: Tables) -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        creation(replace(application), tables, {"odd": object()})
