"""What the tests of the ETL function share: requests, events, its environment and its log."""

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from etl import handler
from etl.request import Request

MakeRequest = Callable[..., Request]
MakeEvent = Callable[..., dict[str, Any]]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def request_of() -> MakeRequest:
    """Make a request from a content type, a body (an object becomes JSON) and headers."""

    def make(body: object, content_type: str = "application/json", **headers: str) -> Request:
        return Request(
            method="POST",
            resource="",
            path_parameters={},
            headers={
                "content-type": content_type,
                **{name.replace("_", "-"): text for name, text in headers.items()},
            },
            body=_encoded(body),
        )

    return make


@pytest.fixture
def event_of() -> MakeEvent:
    """Make a REST proxy event from a resource, a body (an object becomes JSON) and headers."""

    def make(
        resource: str,
        body: object = b"",
        content_type: str = "application/json",
        *,
        binary: bool = False,
        **headers: str,
    ) -> dict[str, Any]:
        encoded = _encoded(body)
        return {
            "resource": resource,
            "path": resource,
            "httpMethod": "POST",
            "headers": {
                "Content-Type": content_type,
                **{name.replace("_", "-"): text for name, text in headers.items()},
            },
            "pathParameters": None,
            "requestContext": {"requestId": "request-1", "resourcePath": resource},
            "body": base64.b64encode(encoded).decode() if binary else encoded.decode(),
            "isBase64Encoded": binary,
        }

    return make


@pytest.fixture
def status_event() -> MakeEvent:
    """Make the REST proxy event that asks how an application stands."""

    def make(application_id: str) -> dict[str, Any]:
        return {
            "resource": "/applications/{application_id}",
            "httpMethod": "GET",
            "headers": None,
            "pathParameters": {"application_id": application_id},
            "requestContext": {"requestId": "request-1"},
            "body": None,
            "isBase64Encoded": False,
        }

    return make


@pytest.fixture
def context() -> SimpleNamespace:
    """A Lambda context, as far as the handler reads it."""
    return SimpleNamespace(aws_request_id="invocation-1")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variables that deploy/app.yaml gives the function; its parts are built anew."""
    monkeypatch.setenv("APPLICATIONS_TABLE", "riskstack-applications")
    monkeypatch.setenv("AUDIT_TABLE", "riskstack-audit")
    monkeypatch.setenv("MIN_CONFIDENCE", "0.80")
    monkeypatch.setenv("RETENTION_DAYS", "365")
    handler.build.cache_clear()
    yield
    handler.build.cache_clear()


@pytest.fixture
def log() -> Iterator[Lines]:
    """What the handler logs, line by line."""
    written = io.StringIO()
    stdout = handler.logger.registered_handler
    assert isinstance(stdout, logging.StreamHandler)
    before = stdout.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    stdout.setStream(before)


def _encoded(body: object) -> bytes:
    match body:
        case bytes():
            return body
        case str():
            return body.encode()
        case _:
            return json.dumps(body).encode()
