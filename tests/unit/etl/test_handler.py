"""The handler with its real parts, against moto's DynamoDB."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from etl import handler as module
from etl.handler import InvocationFailedError, UnsupportedEventError, handler
from etl.intake import BusyError, Intake, Outcome
from etl.responses import HEADERS
from etl.settings import SettingError
from etl.store import StoreUnavailableError
from etl.submission import Submission

pytestmark = pytest.mark.usefixtures("aws", "environment")

MakeEvent = Callable[..., dict[str, Any]]
Lines = Callable[[], list[dict[str, Any]]]
Invoke = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]

FORM = "application/x-www-form-urlencoded"
WEBFORM = "/applications/webform"
COMPLETE = {
    "full_name": "Ana Silva",
    "age": 30,
    "seniority": 4,
    "expenses": 45,
    "bad_record": False,
    "amount": 900,
    "price": 1500,
    "term": 36,
}
HEADER = (
    "batch_id;operator_id;keyed_at;doc_id;"
    "full_name;age;seniority;expenses;bad_record;amount;price;term"
)


@pytest.fixture
def invoke(context: Any) -> Invoke:  # noqa: ANN401 - of Lambda's type as far as it is read
    """Invoke the handler with a proxy event; give status and body."""

    def call(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        response = handler(event, context)
        assert response["headers"] == HEADERS
        assert response["isBase64Encoded"] is False
        return response["statusCode"], json.loads(response["body"])

    return call


def lex_event(source: str = "FulfillmentCodeHook", **slots: str | None) -> dict[str, Any]:
    return {
        "invocationSource": source,
        "sessionId": "session-1",
        "sessionState": {
            "originatingRequestId": "lex-1",
            "intent": {
                "name": "Apply",
                "slots": {
                    name: value and {"value": {"interpretedValue": value}}
                    for name, value in slots.items()
                },
            },
        },
    }


def connect_event(**attributes: str) -> dict[str, Any]:
    return {"Details": {"ContactData": {"ContactId": "contact-1", "Attributes": attributes}}}


def words(answers: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in answers.items()}


def test_an_application_is_taken_once(invoke: Invoke, event_of: MakeEvent, log: Lines) -> None:
    event = event_of(WEBFORM, COMPLETE, idempotency_key="key-1")
    status, first = invoke(event)
    assert status == 202
    assert (first["status"], first["open_questions"]) == ("received", [])
    assert invoke(event) == (200, first)
    assert [(line["action"], line["application_id"], line["channel"]) for line in log()] == [
        ("created", first["application_id"], "webform"),
        ("repeated", first["application_id"], "webform"),
    ]
    assert {line["request_id"] for line in log()} == {"request-1"}


def test_a_binary_body_is_the_same_application(invoke: Invoke, event_of: MakeEvent) -> None:
    body = "&".join(f"{name}={value}" for name, value in COMPLETE.items())
    status, first = invoke(event_of(WEBFORM, body, FORM, idempotency_key="key-1"))
    assert status == 202
    again = event_of(WEBFORM, body, FORM, binary=True, IDEMPOTENCY_KEY="key-1")
    assert invoke(again) == (200, first)


def test_an_http_api_takes_the_same_application(
    invoke: Invoke, event_of: MakeEvent, log: Lines
) -> None:
    event = event_of(WEBFORM, COMPLETE, idempotency_key="key-1")
    _, first = invoke(event)
    # members without a value are left out of such an event
    http_event = {
        "version": "2.0",
        "routeKey": f"POST {WEBFORM}",
        "headers": event["headers"],
        "requestContext": {"requestId": "request-2"},
        "body": event["body"],
        "isBase64Encoded": False,
    }
    assert invoke(http_event) == (200, first)
    assert log()[1]["request_id"] == "request-2"
    assert invoke(http_event | {"routeKey": "$default"})[0] == 404


def test_without_a_reference_each_request_is_an_application(
    invoke: Invoke, event_of: MakeEvent
) -> None:
    event = event_of(WEBFORM, COMPLETE)
    _, first = invoke(event)
    assert invoke(event) == (200, first)
    event["requestContext"]["requestId"] = "request-2"
    status, second = invoke(event)
    assert (status, second["application_id"] != first["application_id"]) == (202, True)


def test_without_a_request_id_the_invocation_stands_in(
    invoke: Invoke, event_of: MakeEvent, log: Lines
) -> None:
    event = event_of(WEBFORM, COMPLETE)
    del event["requestContext"]
    assert invoke(event)[0] == 202
    assert log()[0]["request_id"] == "invocation-1"


def test_an_incomplete_application_is_corrected(
    invoke: Invoke, event_of: MakeEvent, status_event: MakeEvent, log: Lines
) -> None:
    status, first = invoke(event_of(WEBFORM, {**COMPLETE, "age": ""}, idempotency_key="key-1"))
    assert (status, first["status"], first["open_questions"]) == (202, "incomplete", ["age"])
    status, second = invoke(event_of(WEBFORM, COMPLETE, idempotency_key="key-1"))
    assert (status, second) == (202, {**first, "status": "received", "open_questions": []})
    status, view = invoke(status_event(first["application_id"]))
    assert (status, view["status"], view["version"]) == (200, "received", 2)
    status, conflict = invoke(event_of(WEBFORM, {**COMPLETE, "age": 31}, idempotency_key="key-1"))
    assert (status, conflict["application_id"]) == (409, first["application_id"])
    assert [line["action"] for line in log()] == ["created", "corrected", "status told", "refused"]


def test_impossible_answers_are_all_named(invoke: Invoke, event_of: MakeEvent, log: Lines) -> None:
    status, body = invoke(event_of(WEBFORM, {**COMPLETE, "age": 200, "debt": -1, "term": [1, 2]}))
    assert status == 400
    assert [error["field"] for error in body["errors"]] == ["age", "debt", "term"]
    (line,) = log()
    assert (line["action"], line["channel"]) == ("refused", "webform")
    assert line["fields"] == ["age", "debt", "term"]


def test_another_content_type_is_refused(invoke: Invoke, event_of: MakeEvent) -> None:
    status, body = invoke(event_of(WEBFORM, b"x", "text/plain"))
    assert (status, "takes" in body["message"]) == (415, True)


def test_a_body_that_is_not_base64_is_refused(invoke: Invoke, event_of: MakeEvent) -> None:
    event = event_of(WEBFORM, "?") | {"isBase64Encoded": True}
    assert invoke(event)[0] == 400


@pytest.mark.parametrize(
    ("method", "resource"),
    [
        ("GET", WEBFORM),
        ("POST", "/applications/{application_id}"),
        ("POST", "/applications/fax"),
        ("DELETE", "/applications/{application_id}"),
    ],
)
def test_another_route_is_not_found(
    invoke: Invoke, event_of: MakeEvent, method: str, resource: str
) -> None:
    assert invoke(event_of(resource, COMPLETE) | {"httpMethod": method})[0] == 404


@pytest.mark.parametrize("application_id", ["app-aaaaaaaaaaaaaaaaaaaaaaaaaa", "nothing"])
def test_an_unknown_application_is_not_found(
    invoke: Invoke, status_event: MakeEvent, application_id: str
) -> None:
    status, body = invoke(status_event(application_id))
    assert (status, body) == (404, {"message": "there is no such application"})


def test_a_batch_is_answered_document_by_document(
    invoke: Invoke, event_of: MakeEvent, status_event: MakeEvent, log: Lines
) -> None:
    def rows(doc_id: str, cells: str) -> list[str]:
        return [f"b;op-{operator};t;{doc_id};{cells}" for operator in (1, 2)]

    batch = "\n".join(
        [
            HEADER,
            *rows("doc-1", "Ana Silva;30;4;45,5;no;900;1.500;36"),
            *rows("doc-2", "Eva Berg;300;4;45;no;-1;1500;36"),
            *rows("doc-3", "Ida Lang;30;4;45;no;900;1500;36")[:1],
        ]
    )
    event = event_of("/applications/mail", batch, "text/csv")
    status, body = invoke(event)
    first, second, third = body["applications"]
    assert status == 202
    assert (first["doc_id"], first["status"]) == ("doc-1", "received")
    assert second["doc_id"] == "doc-2"
    assert [error["field"] for error in second["errors"]] == ["age", "amount"]
    assert (third["status"], len(third["open_questions"])) == ("incomplete", 8)
    assert invoke(event) == (202, body)
    assert invoke(status_event(first["application_id"]))[1]["channel"] == "mail"
    assert [line["action"] for line in log()[:3]] == ["created", "refused", "created"]

    changed = "\n".join([HEADER, *rows("doc-1", "Ana Silva;31;4;45,5;no;900;1.500;36")])
    status, body = invoke(event_of("/applications/mail", changed, "text/csv"))
    (conflict,) = body["applications"]
    assert (status, conflict["application_id"]) == (202, first["application_id"])
    assert conflict["errors"][0]["field"] == "doc_id"


@pytest.mark.parametrize(
    ("error", "results"),
    [
        (BusyError("is being changed: send it again"), ["taken", "again", "taken"]),
        (StoreUnavailableError("is busy: send it again"), ["taken", "again", "again"]),
    ],
)
def test_a_batch_tells_what_was_taken_though_a_document_was_not(
    monkeypatch: pytest.MonkeyPatch,
    invoke: Invoke,
    event_of: MakeEvent,
    log: Lines,
    error: Exception,
    results: list[str],
) -> None:
    take = Intake.take

    def fail_once(intake: Intake, submission: Submission, *rest: Any) -> Outcome:  # noqa: ANN401 - handed on
        if submission.reference == "doc-2":
            raise error
        return take(intake, submission, *rest)

    monkeypatch.setattr(Intake, "take", fail_once)
    rows = [f"b;op-1;t;doc-{number};Ana Silva;30;4;45;no;900;1500;36" for number in (1, 2, 3)]
    status, body = invoke(event_of("/applications/mail", "\n".join([HEADER, *rows]), "text/csv"))
    assert status == 202
    again = [{"field": "doc_id", "problem": str(error)}]
    for number, (entry, result) in enumerate(
        zip(body["applications"], results, strict=True), start=1
    ):
        assert entry["doc_id"] == f"doc-{number}"
        assert entry.get("errors") == (again if result == "again" else None)
        assert ("application_id" in entry) == (result == "taken")
    refused = [line for line in log() if line["action"] == "refused"]
    assert [line["cause"] for line in refused] == [type(error).__name__]


def test_a_batch_that_cannot_be_read_is_refused_whole(invoke: Invoke, event_of: MakeEvent) -> None:
    status, body = invoke(event_of("/applications/mail", HEADER, "text/csv"))
    assert (status, body["errors"]) == (
        400,
        [{"field": "body", "problem": "holds no documents"}],
    )


def test_lex_is_answered_as_lex_expects(context: Any, log: Lines) -> None:  # noqa: ANN401 - as above
    answer = handler(lex_event(**words(COMPLETE)), context)
    state = answer["sessionState"]
    assert (state["dialogAction"], state["intent"]["state"]) == ({"type": "Close"}, "Fulfilled")
    (line,) = log()
    assert (line["action"], line["channel"], line["request_id"]) == (
        "created",
        "chat",
        "invocation-1",
    )
    assert line["application_id"] == state["sessionAttributes"]["application_id"]


def test_lex_is_told_what_is_wrong(context: Any, log: Lines) -> None:  # noqa: ANN401 - as above
    answer = handler(lex_event(**words({**COMPLETE, "age": 200})), context)
    state = answer["sessionState"]
    assert state["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "age"}
    assert state["intent"]["state"] == "InProgress"
    assert answer["messages"][0]["content"].startswith("age: is out of range; expected")
    assert log()[0]["action"] == "refused"


def test_lex_is_told_of_a_conflict(context: Any) -> None:  # noqa: ANN401 - as above
    handler(lex_event(**words(COMPLETE)), context)
    answer = handler(lex_event(**words({**COMPLETE, "age": 31})), context)
    assert answer["sessionState"]["intent"]["state"] == "Failed"


def test_a_dialogue_that_goes_on_is_checked_and_not_kept(
    context: Any,  # noqa: ANN401 - as above
    log: Lines,
) -> None:
    answer = handler(lex_event("DialogCodeHook", age="30", term=None), context)
    assert answer["sessionState"]["dialogAction"] == {"type": "Delegate"}
    answer = handler(lex_event("DialogCodeHook", age="200", term=None), context)
    assert answer["sessionState"]["dialogAction"]["slotToElicit"] == "age"
    assert answer["sessionState"]["intent"]["state"] == "InProgress"
    assert [line["action"] for line in log()] == ["validated", "refused"]


def test_connect_is_answered_as_connect_expects(context: Any, log: Lines) -> None:  # noqa: ANN401 - as above
    answer = handler(connect_event(**words({**COMPLETE, "age": ""})), context)
    assert (answer["status"], answer["open_questions"]) == ("incomplete", "age")
    corrected = handler(connect_event(**words(COMPLETE)), context)
    assert corrected == {**answer, "status": "received", "open_questions": ""}
    invalid = handler(connect_event(**words({**COMPLETE, "age": 200})), context)
    assert (invalid["status"], "age: is out of range" in invalid["problems"]) == ("invalid", True)
    conflict = handler(connect_event(**words({**COMPLETE, "age": 31})), context)
    assert conflict["status"] == "conflict"
    assert [line["action"] for line in log()] == ["created", "corrected", "refused", "refused"]


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ({}, "expected a proxy event"),
        ({"Records": []}, "expected a proxy event"),
        ([], "expected a proxy event"),
        ({"invocationSource": "x", "sessionState": {"secret": 1}}, "see its invocationSource, s"),
    ],
)
def test_another_event_is_refused(event: Any, cause: str, context: Any, log: Lines) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(UnsupportedEventError, match=cause):
        handler(event, context)
    assert log()[0]["action"] == "refused"


def test_a_store_that_does_not_answer_is_a_503_and_a_failed_invocation(
    monkeypatch: pytest.MonkeyPatch,
    invoke: Invoke,
    event_of: MakeEvent,
    context: Any,  # noqa: ANN401 - as above
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailableError("the applications table is busy")

    monkeypatch.setattr(Intake, "take", fail)
    assert invoke(event_of(WEBFORM, COMPLETE)) == (
        503,
        {"message": "the applications table is busy"},
    )
    for event in (lex_event(), connect_event()):
        with pytest.raises(InvocationFailedError, match="request invocation-1 failed"):
            handler(event, context)


def test_a_failure_says_where_and_never_what(
    monkeypatch: pytest.MonkeyPatch,
    event_of: MakeEvent,
    context: Any,  # noqa: ANN401 - as above
    log: Lines,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Ana Silva, 30 years")

    monkeypatch.setattr(Intake, "take", fail)
    with pytest.raises(InvocationFailedError) as failed:
        handler(event_of(WEBFORM, COMPLETE), context)
    assert failed.value.__context__ is None
    assert "Silva" not in str(failed.value)
    (line,) = log()
    assert (line["level"], line["action"], line["cause"]) == ("ERROR", "failed", "RuntimeError")
    assert any(" fail" in frame for frame in line["stack"])
    assert "Silva" not in json.dumps(line)


def test_no_answer_is_ever_logged(
    event_of: MakeEvent,
    context: Any,  # noqa: ANN401 - as above
    log: Lines,
) -> None:
    name = "Xylophonia"
    for event in (
        event_of(WEBFORM, {**COMPLETE, "full_name": name}),
        event_of(WEBFORM, {**COMPLETE, "age": name}),
        event_of(WEBFORM, {**COMPLETE, name: name}),
        event_of(WEBFORM, name),
        event_of("/applications/mail", f"{HEADER};{name};{name}", "text/csv"),
        event_of("/applications/mail", {"Blocks": name}),
        event_of(f"/applications/{name}", name),
        event_of(WEBFORM, name, name),
        lex_event(**{name: name, "age": name}),
        connect_event(**{name: name, "age": name}),
        connect_event(VoiceBotConfidence=name),
    ):
        handler(event, context)
    broken = lex_event()
    broken["sessionState"]["intent"]["slots"] = {name: name}
    with pytest.raises(UnsupportedEventError) as refused:
        handler(broken, context)
    assert name not in str(refused.value)
    assert len(log()) == 12
    assert name not in json.dumps(log())


def test_a_setting_that_is_missing_fails_the_invocation(
    monkeypatch: pytest.MonkeyPatch,
    event_of: MakeEvent,
    context: Any,  # noqa: ANN401 - as above
    log: Lines,
) -> None:
    monkeypatch.delenv("AUDIT_TABLE")
    module.build.cache_clear()
    with pytest.raises(InvocationFailedError):
        handler(event_of(WEBFORM, COMPLETE), context)
    assert log()[0]["cause"] == SettingError.__name__


def test_the_parts_are_built_once() -> None:
    assert module.build() is module.build()
