import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
import uvicorn
from aws_lambda_powertools import Logger
from fastapi.testclient import TestClient

from riskstack.emulator.event_source_mapping import Settings as MappingSettings
from riskstack.emulator.function import Function
from riskstack.emulator.lambda_service import Settings, event_source_mapping, serve, source
from riskstack.emulator.template import TemplateError

ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "PORT": "8003",
    "TEMPLATES": "deploy",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "123456789012",
}


def test_settings_are_read() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert (settings.host, settings.port, settings.state) == ("127.0.0.1", 8003, None)
    assert Settings.from_environment({**ENVIRONMENT, "STATE": "s"}).state == Path("s")


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    with pytest.raises(SystemExit, match=f"needs the variable {name}"):
        Settings.from_environment(environment)


STREAM = {"Type": "DynamoDB", "Properties": {"Stream": "arn", "StartingPosition": "TRIM_HORIZON"}}


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ({"Api": {"Type": "Api"}}, "event Api: the type Api is not emulated"),
        ({"A": STREAM, "B": STREAM}, "f: only one event is emulated"),
    ],
)
def test_other_triggers_are_refused(events: dict[str, Any], cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        event_source_mapping({"FunctionName": "f", "Events": events})


def test_a_function_may_have_a_stream_or_none() -> None:
    assert event_source_mapping({"FunctionName": "f"}) is None
    mapping = event_source_mapping({"FunctionName": "f", "Events": {"S": STREAM}})
    assert mapping == MappingSettings(stream_arn="arn", starting_position="TRIM_HORIZON")


def test_a_stream_needs_a_place_for_checkpoints() -> None:
    function = Function("f", "arn", None, 3, 128)  # type: ignore[arg-type] # never invoked
    mapping = MappingSettings(stream_arn="arn", starting_position="TRIM_HORIZON")
    with pytest.raises(SystemExit, match="f polls a stream: set STATE"):
        source(function, mapping, None, lambda: None, Logger(service="test"))


@pytest.mark.usefixtures("empty_aws")
def test_a_function_is_served_with_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = ModuleType("made_up")
    module.__dict__["handler"] = lambda _event, _context: "served"
    monkeypatch.setitem(sys.modules, "made_up", module)
    (tmp_path / "data.yaml").write_text(Path("deploy/data.yaml").read_text())
    (tmp_path / "app.yaml").write_text(
        "Resources:\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      FunctionName: f\n      Handler: made_up.handler\n"
        "      Environment: {Variables: {MADE_UP_URL: !ImportValue riskstack-failures-url}}\n"
        "      Events:\n        S:\n          Type: DynamoDB\n          Properties:\n"
        "            Stream: !ImportValue riskstack-applications-stream\n"
        "            StartingPosition: TRIM_HORIZON\n"
    )
    for name, value in {
        **ENVIRONMENT,
        "TEMPLATES": str(tmp_path),
        "STATE": str(tmp_path / "state"),
        "MADE_UP_URL": "",
        "AWS_LAMBDA_FUNCTION_NAME": "",
        "AWS_REGION": "",
    }.items():
        monkeypatch.setenv(name, value)
    served: list[Any] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **_settings: served.append(app))
    serve("f")
    assert boto3.client("dynamodb").list_tables()["TableNames"]
    with TestClient(served[0]) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.post("/2015-03-31/functions/f/invocations").json() == "served"
