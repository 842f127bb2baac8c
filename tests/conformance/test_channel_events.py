"""The channels' events as AWS documents them, each whole, through the handler with its real parts.

Sources: API Gateway developer guide, "Input format of a Lambda function for proxy integration"; Lex
V2 developer guide, "AWS Lambda input event format for Lex V2"; Connect administrator guide, "Grant
Connect access to your Lambda functions", and the events of Powertools and of the Go SDK; Textract
developer guide, "Form Data (Key-Value Pairs)"; botocore's service models.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.data_classes import ConnectContactFlowEvent
from botocore.session import get_session
from botocore.validate import ParamValidator

from etl import handler as etl
from etl.channels import adapt
from etl.problem import InvalidSubmissionError
from etl.request import Request
from gateway.openapi import read
from riskstack.contract.application import REQUIRED, Answers, Application, Channel
from riskstack.contract.record import Tables, from_item
from seed.render import mail_scan, phone
from tests import gateway_stand

EVENTS = Path(__file__).parent / "channel_events"


def documented(name: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads((EVENTS / f"{name}.json").read_text())


Invoke = Callable[[Mapping[str, Any]], dict[str, Any]]
Stored = Callable[[], list[Application]]


@pytest.fixture(autouse=True)
def _environment(aws: str, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert aws
    monkeypatch.setenv("APPLICATIONS_TABLE", tables.applications)
    monkeypatch.setenv("AUDIT_TABLE", tables.audit)
    monkeypatch.setenv("MIN_CONFIDENCE", "0.80")
    monkeypatch.setenv("RETENTION_DAYS", "365")
    etl.build.cache_clear()
    yield
    etl.build.cache_clear()


@pytest.fixture
def stored(tables: Tables) -> Stored:
    """Give the applications in the table."""

    def scan() -> list[Application]:
        table = boto3.resource("dynamodb").Table(tables.applications)
        return [from_item(item) for item in table.scan()["Items"]]

    return scan


@pytest.fixture
def invoke() -> Invoke:
    """Invoke the handler; event and answer are JSON, as Lambda has them."""

    def call(event: Mapping[str, Any]) -> dict[str, Any]:
        context: Any = SimpleNamespace(aws_request_id="9b4b8f4e-0d46-4a5b-8f0e-0f3f4a8f6f10")
        answer: dict[str, Any] = json.loads(
            json.dumps(etl.handler(json.loads(json.dumps(event)), context))
        )
        return answer

    return call


def proxy_event(channel: str, body: str, headers: dict[str, str]) -> dict[str, Any]:
    """Make the whole REST proxy event that API Gateway sends."""
    text = (EVENTS / "rest_proxy.json").read_text().replace("{channel}", channel)
    event: dict[str, Any] = json.loads(text)
    event |= {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": body,
    }
    return event


def post(channel: str, value: object, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return proxy_event(
        channel, json.dumps(value), {"Content-Type": "application/json", **(headers or {})}
    )


def accepted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Check an answer to API Gateway for a new application; give its body."""
    assert answer.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert answer["statusCode"] == 202
    body: dict[str, Any] = json.loads(answer["body"])
    assert body.keys() == {"application_id", "status", "open_questions"}
    return body


@pytest.mark.parametrize("binary", [False, True])
def test_the_event_of_a_web_form(invoke: Invoke, stored: Stored, *, binary: bool) -> None:
    event = proxy_event(
        "webform",
        "first_name=Ana&income=42%2C000&consent=on",
        {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"},
    )
    if binary:
        encoded = base64.b64encode(event["body"].encode()).decode()
        event |= {"body": encoded, "isBase64Encoded": True}
    body = accepted(invoke(event))
    assert (body["status"], set(body["open_questions"])) == (
        "incomplete",
        set(REQUIRED) - {"bad_record"},
    )
    (application,) = stored()
    assert application.answers == Answers(income=42_000.0, bad_record=False)
    assert application.source_ref == event["requestContext"]["requestId"]


def test_the_body_of_the_mobile_app_with_its_client_context(invoke: Invoke, stored: Stored) -> None:
    context = base64.b64encode(json.dumps(documented("client_context")).encode()).decode()
    body = accepted(invoke(post("mobile", documented("mobile"), {"X-Amz-Client-Context": context})))
    assert set(body["open_questions"]) == set(REQUIRED) - {"full_name", "amount"}
    (application,) = stored()
    assert application.answers == Answers(full_name="Ana Silva", amount=9000.0)
    assert application.source_ref == documented("mobile")["client_ref"]


def test_a_lex_event(invoke: Invoke, stored: Stored) -> None:
    answer = invoke(documented("lex_v2"))
    (application,) = stored()
    assert application.answers == Answers(income=42_000.0)
    assert application.field_confidence == {"income": 0.93}
    assert (
        application.source_ref
        == "c0f2a1d4-6b7e-4d0f-9c57-3f1f6f0f2b11/36a9799a-9a19-45b6-9b38-b94057cd1a65"
    )
    assert answer == {
        "sessionState": {
            "dialogAction": {"type": "Close"},
            "intent": {
                "name": "ApplyForLoan",
                "state": "Fulfilled",
                "slots": documented("lex_v2")["sessionState"]["intent"]["slots"],
            },
            "sessionAttributes": {
                "applicant_id": "a-17",
                "application_id": application.application_id,
                "application_status": "incomplete",
            },
        },
        "messages": [
            {
                "contentType": "PlainText",
                "content": "Thank you. We will come back to you about application"
                f" {application.application_id}: full_name, age, seniority, expenses, bad_record,"
                " amount, price, term.",
            }
        ],
    }


def test_a_lex_event_that_is_posted_is_the_same_application(invoke: Invoke, stored: Stored) -> None:
    invoke(documented("lex_v2"))
    answer = invoke(post("chat", documented("lex_v2")))
    assert answer["statusCode"] == 200
    (application,) = stored()
    assert json.loads(answer["body"])["application_id"] == application.application_id


@pytest.mark.parametrize("confidence", [0.5, {"score": 0.5}])
def test_a_lex_event_in_either_form_of_its_confidence(
    invoke: Invoke, stored: Stored, confidence: object
) -> None:
    event: dict[str, Any] = documented("lex_v2")
    event["interpretations"][0]["nluConfidence"] = confidence
    invoke(event)
    (application,) = stored()
    assert "income" in application.open_questions
    assert application.answers == Answers()


def test_a_lex_event_while_the_dialogue_goes_on(invoke: Invoke, stored: Stored) -> None:
    event: dict[str, Any] = documented("lex_v2") | {"invocationSource": "DialogCodeHook"}
    event["sessionState"]["activeContexts"] = None
    event["proposedNextState"] = None
    assert invoke(event)["sessionState"]["dialogAction"] == {"type": "Delegate"}
    assert stored() == []


def test_a_connect_event(invoke: Invoke, stored: Stored) -> None:
    answer = invoke(documented("connect"))
    (application,) = stored()
    assert application.answers == Answers(income=42_000.0, amount=9000.0)
    assert application.field_confidence == {"income": 0.91, "amount": 0.91}
    assert application.source_ref == "5ca32fbd-8f92-46af-92a5-6b0f970f0efe"
    assert answer == {
        "status": "incomplete",
        "application_id": application.application_id,
        "open_questions": "full_name, age, seniority, expenses, bad_record, price, term",
    }


def test_a_connect_event_as_other_releases_send_it(invoke: Invoke, stored: Stored) -> None:
    event: dict[str, Any] = documented("connect") | {"Name": "ContactFlowExecution"}
    event["Details"]["ContactData"] |= {
        "Channel": "Voice",
        "CustomerEndpoint": None,
        "SystemEndpoint": None,
        "Queue": None,
        "MediaStreams": {"Customer": {"Audio": None}},
    }
    posted = accepted(invoke(post("phone", event)))
    (application,) = stored()
    assert application.application_id == posted["application_id"]
    # the flow may invoke the function for the same contact: it is the same application
    assert invoke(documented("connect"))["application_id"] == posted["application_id"]


def test_a_textract_analysis(invoke: Invoke, stored: Stored) -> None:
    body = accepted(invoke(post("mail", documented("textract"), {"X-Document-Id": "letter-4711"})))
    assert set(body["open_questions"]) == set(REQUIRED)
    (application,) = stored()
    # the pair's confidence is below the threshold, though the words' is not
    assert application.answers == Answers()
    assert application.field_confidence == pytest.approx({"full_name": 0.5156})
    assert application.source_ref == "letter-4711"


def test_a_textract_analysis_in_another_order_and_surer(invoke: Invoke, stored: Stored) -> None:
    analysis: dict[str, Any] = documented("textract")
    analysis["Blocks"].reverse()
    for block in analysis["Blocks"]:
        block["Confidence"] = 99.0
    accepted(invoke(post("mail", analysis)))
    (application,) = stored()
    assert application.answers == Answers(full_name="Ana Carolina")
    assert application.source_ref == application.raw_sha256


@pytest.mark.parametrize(
    ("delimiter", "mark", "income"), [(";", "\ufeff", "1.234,50"), (",", "", '"1234,50"')]
)
def test_a_batch_keyed_by_two_operators(
    invoke: Invoke, stored: Stored, delimiter: str, mark: str, income: str
) -> None:
    header = ["batch_id", "operator_id", "keyed_at", "doc_id", "name", "income", "age"]
    rows = [
        ["b-1", "op-1", "2026-03-02T09:14:00", "letter-4711", "Ana Silva", income, "30"],
        ["b-1", "op-2", "2026-03-02T10:41:00", "letter-4711", "Ana Silva", "1234.5", "36"],
    ]
    text = mark + "".join(delimiter.join(row) + "\r\n" for row in [header, *rows])
    answer = invoke(proxy_event("mail", text, {"Content-Type": "text/csv"}))
    (application,) = stored()
    assert application.answers == Answers(full_name="Ana Silva", income=1234.5)
    assert (answer["statusCode"], json.loads(answer["body"])) == (
        202,
        {
            "applications": [
                {
                    "doc_id": "letter-4711",
                    "application_id": application.application_id,
                    "status": "incomplete",
                    "open_questions": list(application.open_questions),
                }
            ]
        },
    )
    assert set(application.open_questions) == set(REQUIRED) - {"full_name"}


def test_a_letter_that_was_scanned_and_then_keyed_is_one_application(
    invoke: Invoke, stored: Stored
) -> None:
    accepted(invoke(post("mail", {**documented("textract"), "DocumentId": "letter-4711"})))
    header = "batch_id,operator_id,keyed_at,doc_id,name,age"
    keyed = [f"b-1,{operator},t,letter-4711,Ana Silva,30" for operator in ("op-1", "op-2")]
    text = "\n".join([header, *keyed])
    invoke(proxy_event("mail", text, {"Content-Type": "text/csv; charset=utf-8"}))
    (application,) = stored()
    assert application.version == 2
    assert application.answers == Answers(full_name="Ana Silva", age=30)


def test_sample_scans_have_the_shape_of_textracts_service_model(answers: Answers) -> None:
    model = get_session().get_service_model("textract")
    analysis = mail_scan.analysis(answers)
    shape = model.operation_model("AnalyzeDocument").output_shape
    assert shape is not None
    report = ParamValidator().validate(analysis, shape)
    assert not report.has_errors(), report.generate_report()
    block_types: Any = model.shape_for("BlockType")
    assert {block["BlockType"] for block in analysis["Blocks"]} <= set(block_types.enum)


def test_sample_calls_read_as_powertools_reads_a_contact_flow(answers: Answers) -> None:
    event = ConnectContactFlowEvent(phone.event(answers, "contact-1"))
    assert event.contact_data.contact_id == "contact-1"
    assert event.contact_data.channel.name == "VOICE"
    assert event.contact_data.attributes["Age"] == "36"
    assert event.parameters["term_months"] == "36"


INTENT: dict[str, object] = {"name": "Apply"}
LEX: dict[str, object] = {
    "invocationSource": "FulfillmentCodeHook",
    "sessionId": "s-1",
    "sessionState": {"intent": INTENT},
}
CONTACT: dict[str, object] = {"ContactId": "c-1"}
MOBILE: dict[str, object] = {"schema": "mobile/2", "application": {}}
WORD = {"BlockType": "WORD", "Id": "w-1"}
TAKEN: list[tuple[Channel, dict[str, object]]] = [
    (Channel.WEBFORM, {}),
    (Channel.WEBFORM, {"age": None, "term": [36]}),
    (Channel.MOBILE, MOBILE),
    (Channel.MOBILE, {**MOBILE, "client_ref": None, "submitted_at": None, "device": None}),
    (Channel.MOBILE, {**MOBILE, "client_ref": "m-1", "geo": None, "offline_queued": None}),
    (Channel.CHAT, LEX),
    (Channel.CHAT, {**LEX, "messageVersion": "1.0", "bot": None, "inputTranscript": None}),
    (Channel.CHAT, {**LEX, "inputMode": None, "interpretations": None}),
    (Channel.CHAT, {**LEX, "interpretations": [{"intent": None, "nluConfidence": None}]}),
    (Channel.CHAT, {**LEX, "sessionState": {"intent": {**INTENT, "slots": None}}}),
    (Channel.PHONE, {"Details": {"ContactData": CONTACT}}),
    (Channel.PHONE, {"Name": None, "Details": {"ContactData": CONTACT, "Parameters": None}}),
    (Channel.PHONE, {"Details": {"ContactData": {**CONTACT, "Attributes": None}}}),
    (Channel.MAIL, {"Blocks": []}),
    (Channel.MAIL, {"Blocks": [WORD], "DocumentId": None, "DocumentMetadata": None}),
    (Channel.MAIL, {"Blocks": [], "DocumentId": "d-1", "AnalyzeDocumentModelVersion": None}),
]
REFUSED: list[tuple[Channel, dict[str, object]]] = [
    (Channel.MOBILE, {"schema": "mobile/2"}),
    (Channel.MOBILE, {"application": {}}),
    (Channel.MOBILE, {**MOBILE, "application": None}),
    (Channel.CHAT, {**LEX, "invocationSource": None}),
    (Channel.CHAT, {**LEX, "sessionId": 7}),
    (Channel.CHAT, {**LEX, "sessionState": {}}),
    (Channel.CHAT, {**LEX, "sessionState": {"intent": {}}}),
    (Channel.PHONE, {"Details": {}}),
    (Channel.PHONE, {"Details": {"ContactData": {}}}),
    (Channel.PHONE, {"Details": {"ContactData": {"ContactId": None}}}),
    (Channel.MAIL, {}),
    (Channel.MAIL, {"Blocks": None}),
    (Channel.MAIL, {"Blocks": [{"BlockType": "WORD"}]}),
]


@pytest.mark.parametrize(
    ("channel", "payload", "taken"),
    [(*one, True) for one in TAKEN] + [(*one, False) for one in REFUSED],
)
def test_the_gateways_model_takes_what_the_adapter_takes(
    channel: Channel, payload: dict[str, object], *, taken: bool
) -> None:
    body = json.dumps(payload)
    routes = read(gateway_stand.document(gateway_stand.DEFINITION_TEXT), {}).deployment.routes
    (route,) = [one for one in routes if one.name == f"POST /applications/{channel}"]
    assert (route.models["application/json"].fault(body) is None) == taken
    request = Request.from_event({"body": body})
    if taken:
        adapt(channel, request)
    else:
        with pytest.raises(InvalidSubmissionError):
            adapt(channel, request)
