"""The ETL function's handler: tells events of API Gateway, Lex and Connect apart; only wires."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from etl import responses
from etl.answers import QUESTIONS
from etl.channels import adapt, chat, phone
from etl.core import ConflictError
from etl.intake import BusyError, Intake, Outcome
from etl.payload import digest_of_json
from etl.problem import InvalidSubmissionError
from etl.request import HttpEvent, ProxyEvent, Request, proxy_event
from etl.settings import Settings
from etl.store import DynamoStore, StoreUnavailableError, connect
from etl.submission import Submission
from riskstack.contract.application import Channel
from riskstack.contract.fault import place

logger = Logger(service="etl")

_APPLICATIONS = {f"/applications/{channel}": channel for channel in Channel}
_STATUS = "/applications/{application_id}"


class UnsupportedEventError(ValueError):
    """The event is none that the function serves: look at what invokes it."""


class InvocationFailedError(RuntimeError):
    """The function failed; its message holds nothing of the event, the log says where it was."""


@cache
def build() -> Intake:
    """Build the parts once for every invocation of this environment."""
    settings = Settings.from_environment(os.environ)
    return Intake(
        store=DynamoStore(connect(), settings.tables),
        min_confidence=settings.min_confidence,
        retention=settings.retention,
    )


def handler(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, Any]:
    """Take an application, or tell how one stands.

    Raises:
        UnsupportedEventError: the event is none that the function serves.
        InvocationFailedError: anything else went wrong; API Gateway, Lex and Connect each have an
            answer of their own for that.
    """
    request_id = context.aws_request_id
    try:
        return _dispatch(event, request_id)
    except UnsupportedEventError as error:
        _log("refused", request_id, cause=str(error))
        raise
    except Exception as error:  # noqa: BLE001 - the runtime would log the text of any of them
        logger.error("failed", extra={"request_id": request_id, "action": "failed", **place(error)})
    raise InvocationFailedError(f"request {request_id} failed: see the log")


def _dispatch(event: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
    match event:
        case {"httpMethod": _, "resource": _}:
            # the id that the client is told
            request_id = event.get("requestContext", {}).get("requestId") or request_id
            return _http(cast("ProxyEvent", event), request_id)
        case {"version": "2.0", "routeKey": _}:
            request_id = event.get("requestContext", {}).get("requestId") or request_id
            return _http(proxy_event(cast("HttpEvent", event)), request_id)
        case {"invocationSource": _, "sessionState": _}:
            return _lex(event, request_id)
        case {"Details": {"ContactData": _}}:
            return _connect(event, request_id)
    raise UnsupportedEventError(
        "expected a proxy event of API Gateway, a Lex V2 event or a Connect event"
    )


def _http(event: ProxyEvent, request_id: str) -> Mapping[str, Any]:
    channel = _APPLICATIONS.get(event["resource"]) if event["httpMethod"] == "POST" else None
    try:
        request = Request.from_event(event)
        if channel:
            read = adapt(channel, request)
            if isinstance(read, Submission):
                return responses.http_outcome(_take(read, request_id))
            entries = _take_batch(read, request_id)
            return responses.http(HTTPStatus.ACCEPTED, {"applications": entries})
        if (request.method, request.resource) == ("GET", _STATUS):
            application_id = request.path_parameters.get("application_id", "")
            view = build().status(application_id)
            _log("status told", request_id, application_id=application_id)
            return responses.http(HTTPStatus.OK, view)
        raise responses.UnknownRouteError("the function serves no such method and resource")
    except responses.CLIENT_ERRORS as error:
        _log_refusal(error, request_id, channel)
        return responses.http_error(error)


def _lex(event: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
    try:
        lex = chat.read_event(event)
    except InvalidSubmissionError as error:
        members = sorted({one.field.partition(".")[0] for one in error.problems})
        raise UnsupportedEventError(f"no Lex V2 event: see its {', '.join(members)}") from None
    try:
        submission = chat.submission(lex, digest_of_json(event))
        if lex.invocation_source == "FulfillmentCodeHook":
            return responses.lex_taken(lex, _take(submission, request_id))
        build().read(submission, request_id, datetime.now(UTC))
        _log("validated", request_id, channel=Channel.CHAT)
        return responses.lex_delegate(lex)
    except (InvalidSubmissionError, ConflictError) as error:
        _log_refusal(error, request_id, Channel.CHAT)
        return responses.lex_refused(lex, error)


def _connect(event: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
    try:
        return responses.connect_outcome(_take(phone.adapt_event(event), request_id))
    except (InvalidSubmissionError, ConflictError) as error:
        _log_refusal(error, request_id, Channel.PHONE)
        return responses.connect_refused(error)


def _take(submission: Submission, request_id: str) -> Outcome:
    outcome = build().take(submission, request_id, datetime.now(UTC))
    _log(
        outcome.action,
        request_id,
        application_id=outcome.application_id,
        channel=submission.channel,
        status=outcome.status,
    )
    return outcome


def _take_batch(documents: Sequence[Submission], request_id: str) -> Sequence[Mapping[str, object]]:
    """Take the documents of a batch; where the store does not answer, leave the rest.

    To wait for it again for each of them would take longer than the function has, and the client
    would not hear what was taken.
    """
    entries: list[Mapping[str, object]] = []
    for number, document in enumerate(documents):
        try:
            entries.append(_take_document(document, request_id))
        except StoreUnavailableError as error:
            _log_refusal(error, request_id, document.channel)
            entries += [_again(one, error) for one in documents[number:]]
            break
    return entries


def _take_document(document: Submission, request_id: str) -> Mapping[str, object]:
    """Take one document of a batch, so that a bad one does not hold up the others."""
    name = {"doc_id": document.reference}
    try:
        return name | responses.outcome_body(_take(document, request_id))
    except InvalidSubmissionError as error:
        _log_refusal(error, request_id, document.channel)
        return name | {"errors": responses.errors(error)}
    except ConflictError as error:
        _log_refusal(error, request_id, document.channel)
        conflict = {"field": "doc_id", "problem": str(error)}
        return name | {"application_id": error.application_id, "errors": [conflict]}
    except BusyError as error:
        _log_refusal(error, request_id, document.channel)
        return _again(document, error)


def _again(document: Submission, error: BusyError | StoreUnavailableError) -> Mapping[str, object]:
    return {
        "doc_id": document.reference,
        "errors": [{"field": "doc_id", "problem": str(error)}],
    }


def _log_refusal(error: Exception, request_id: str, channel: Channel | None) -> None:
    details: dict[str, object] = {"cause": type(error).__name__}
    match error:
        case InvalidSubmissionError():
            # other fields are named by the sender, who may name them anything
            details["fields"] = [one.field for one in error.problems if one.field in QUESTIONS]
        case ConflictError():
            details["application_id"] = error.application_id
    _log("refused", request_id, channel=channel, **details)


def _log(action: str, request_id: str, **details: object) -> None:
    extra = {"request_id": request_id, "action": action, **details}
    logger.info(action, extra=extra, stacklevel=2)
