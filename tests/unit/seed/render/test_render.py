"""The inverse holds: what is rendered for a channel, its adapter reads as the same answers."""

import csv
import io
import json
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.channels import adapt
from etl.core import application
from etl.request import Request as Received
from etl.submission import Submission
from riskstack.contract.application import Answers, Application, Channel, Home, Job, Marital, Status
from seed.render import RENDERERS, mail_batch
from seed.render.request import Request

money = st.decimals(min_value=0, max_value=10**9, places=2).map(float)
positive = st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2).map(float)
# letters, marks and signs that names hold, and whatever a CSV or a query string must escape
names = (
    st.lists(
        st.text(st.characters(categories=("L", "Mn")) | st.sampled_from("'-.&=;,\""), min_size=1),
        min_size=1,
        max_size=4,
    )
    .map(" ".join)
    .filter(lambda name: len(name) <= 200 and name.lower() not in {"-", "ignore"})
)
years = st.integers(0, 130)
any_answers = st.builds(
    Answers,
    full_name=st.none() | names,
    age=st.none() | years,
    marital=st.none() | st.sampled_from(Marital),
    home=st.none() | st.sampled_from(Home),
    job=st.none() | st.sampled_from(Job),
    seniority=st.none() | years,
    income=st.none() | money,
    expenses=st.none() | money,
    assets=st.none() | money,
    debt=st.none() | money,
    bad_record=st.none() | st.booleans(),
    amount=st.none() | positive,
    price=st.none() | money,
    term=st.none() | st.integers(1, 600),
)


def received(request: Request) -> list[Application]:
    """Take a rendered request as the ETL function does, short of keeping it."""
    read = adapt(
        Channel(request.path.removeprefix("/applications/")),
        Received(
            method="POST",
            resource=request.path,
            path_parameters={},
            headers={name.lower(): text for name, text in request.headers.items()},
            body=request.body,
        ),
    )
    return [
        application(one, request_id="request-1", received_at="now", min_confidence=0.8)
        for one in ([read] if isinstance(read, Submission) else read)
    ]


@pytest.mark.parametrize("kind", RENDERERS)
@given(answers=any_answers)
def test_an_adapter_reads_what_was_rendered(kind: str, answers: Answers) -> None:
    (read,) = received(RENDERERS[kind](answers, "ref-1"))
    assert read.answers == answers


@pytest.mark.parametrize("kind", RENDERERS)
def test_what_is_complete_is_received_under_its_reference(kind: str, answers: Answers) -> None:
    (read,) = received(RENDERERS[kind](answers, "ref-1"))
    assert read.status is Status.RECEIVED
    assert "ref-1" in read.source_ref
    (other,) = received(RENDERERS[kind](answers, "ref-2"))
    assert other.application_id != read.application_id


@pytest.mark.parametrize("kind", RENDERERS)
def test_a_rendering_is_the_same_every_time(kind: str, answers: Answers) -> None:
    assert RENDERERS[kind](answers, "ref-1") == RENDERERS[kind](answers, "ref-1")


@given(st.lists(any_answers, min_size=1, max_size=5))
def test_a_batch_holds_many_letters(letters: list[Answers]) -> None:
    request = mail_batch.batch((f"doc-{n}", answers) for n, answers in enumerate(letters))
    assert [one.answers for one in received(request)] == letters


def rendered(kind: str, answers: Answers) -> Request:
    return RENDERERS[kind](answers, "ref-1")


def test_a_form_has_thousands_separators_and_leaves_out_what_is_not_checked(
    answers: Answers,
) -> None:
    fields = parse_qs(rendered("webform", answers).body.decode())
    assert fields["assets"] == ["3,000"]
    assert (fields["first_name"], fields["last_name"]) == (["Ada"], ["Park"])
    assert "bad_record" not in fields


def test_the_app_has_minor_units_and_its_device(answers: Answers) -> None:
    request = rendered("mobile", answers)
    body = json.loads(request.body)
    assert body["application"]["loanAmount"] == 90_000
    assert body["device"]["platform"] == "ios"
    assert "X-Amz-Client-Context" in request.headers


def test_a_slot_holds_what_was_said(answers: Answers) -> None:
    event = json.loads(rendered("chat", answers).body)
    slots = event["sessionState"]["intent"]["slots"]
    assert slots["LoanAmount"]["value"] == {
        "originalValue": "I need nine hundred",
        "interpretedValue": "900",
        "resolvedValues": ["900"],
    }
    assert slots["CoApplicant"] is None


def test_connect_has_only_strings(answers: Answers) -> None:
    details = json.loads(rendered("phone", answers).body)["Details"]
    values = {**details["ContactData"]["Attributes"], **details["Parameters"]}
    assert all(isinstance(value, str) for value in values.values())
    assert details["Parameters"]["loan_amount"] == "900"


def test_a_batch_is_as_a_spreadsheet_with_a_decimal_comma_writes_it(answers: Answers) -> None:
    body = rendered("mail_batch", answers).body
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert [row["assets"] for row in rows] == ["3.000", "3000"]
    assert rows[0]["operator_id"] != rows[1]["operator_id"]
