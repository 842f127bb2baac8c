import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from riskstack.emulator.function import Context, Function, declaration, invoke, load, timed_out
from riskstack.emulator.template import Template, TemplateError


def function(handler: Any) -> Function:  # noqa: ANN401 - any handler
    return Function("f", "arn:aws:lambda:eu-central-1:123456789012:function:f", handler, 2.0, 128)


def test_a_handler_gets_event_and_context() -> None:
    def handler(event: Any, context: Context) -> dict[str, Any]:  # noqa: ANN401 - any event
        return {
            "event": event,
            "request_id": context.aws_request_id,
            "name": context.function_name,
            "version": context.function_version,
            "group": context.log_group_name,
            "custom": context.client_context.custom,
            "in_time": 0 < context.get_remaining_time_in_millis() <= 2000,
        }

    result = invoke(function(handler), {"a": 1}, "r-1", SimpleNamespace(custom={"k": "v"}))
    assert result.error is None
    assert json.loads(result.payload) == {
        "event": {"a": 1},
        "request_id": "r-1",
        "name": "f",
        "version": "$LATEST",
        "group": "/aws/lambda/f",
        "custom": {"k": "v"},
        "in_time": True,
    }


def test_a_raised_error_is_the_answer() -> None:
    def handler(_event: object, _context: object) -> None:
        raise ValueError("no good")

    result = invoke(function(handler), {}, "r-1")
    assert result.error == "Unhandled"
    payload = json.loads(result.payload)
    assert payload["errorMessage"] == "no good"
    assert payload["errorType"] == "ValueError"
    assert payload["requestId"] == "r-1"
    assert "handler" in payload["stackTrace"][-1]


def test_an_answer_that_is_no_json_is_a_marshal_error() -> None:
    result = invoke(function(lambda _e, _c: object()), {}, "r-1")
    assert result.error == "Unhandled"
    assert json.loads(result.payload)["errorType"] == "Runtime.MarshalError"


def test_the_time_left_never_goes_below_zero() -> None:
    context = Context("f", "arn", 128, "r", deadline=1.0, clock=lambda: 5.0)
    assert context.get_remaining_time_in_millis() == 0


def test_a_timeout_is_worded_as_lambda_words_it() -> None:
    result = timed_out(function(None), "r-1")
    assert result.error == "Unhandled"
    assert json.loads(result.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r-1 Error: Task timed out after 2.00 seconds",
    }


def test_a_function_is_loaded_with_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("made_up")
    module.__dict__["handler"] = lambda _event, _context: "loaded"
    monkeypatch.setitem(sys.modules, "made_up", module)
    for name in ("ANSWER", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION"):
        monkeypatch.setenv(name, "before")
    properties = {
        "FunctionName": "f",
        "Handler": "made_up.handler",
        "Environment": {"Variables": {"ANSWER": 42}},
    }
    loaded = load(properties, "eu-central-1", "123456789012")
    assert json.loads(invoke(loaded, {}, "r").payload) == "loaded"
    assert (loaded.timeout, loaded.memory) == (3.0, 128)
    assert loaded.arn == "arn:aws:lambda:eu-central-1:123456789012:function:f"

    assert os.environ["ANSWER"] == "42"
    assert os.environ["AWS_LAMBDA_FUNCTION_NAME"] == "f"


def test_a_declaration_is_found_by_function_name(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(
        "Resources:\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {FunctionName: f, Handler: a.b, Policies: []}\n"
        "  G: {Type: 'AWS::Serverless::Function', Properties: {FunctionName: g, Layers: []}}\n"
    )
    template = Template.read(file)
    assert declaration(template, "f") == {"FunctionName": "f", "Handler": "a.b"}
    with pytest.raises(TemplateError, match="g: not emulated: Layers"):
        declaration(template, "g")
    with pytest.raises(TemplateError, match="no function h"):
        declaration(template, "h")
