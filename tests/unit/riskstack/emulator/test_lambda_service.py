import os
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from starlette.testclient import TestClient

from riskstack.emulator import event_source_mapping
from riskstack.emulator.lambda_service import Settings, serve

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
    assert (settings.concurrency, settings.retry_seconds) == (10, 60.0)
    others = {"STATE": "s", "CONCURRENCY": "2", "ASYNC_RETRY_SECONDS": "0.5"}
    settings = Settings.from_environment({**ENVIRONMENT, **others})
    assert (settings.state, settings.concurrency, settings.retry_seconds) == (Path("s"), 2, 0.5)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    with pytest.raises(SystemExit, match=f"needs the variable {name}"):
        Settings.from_environment(environment)


@pytest.mark.parametrize("name", ["PORT", "CONCURRENCY", "ASYNC_RETRY_SECONDS"])
def test_what_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match="must be numbers"):
        Settings.from_environment({**ENVIRONMENT, name: "many"})


class Reads:
    """Pollers that tell that they were stopped."""

    counters = ()

    def __init__(self) -> None:
        self.stops = 0

    def stop(self) -> None:
        """Count."""
        self.stops += 1


@pytest.mark.usefixtures("empty_aws")
def test_pollers_stop_where_the_server_ends_without_the_applications_shutdown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**ENVIRONMENT, "STATE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    reads = Reads()
    monkeypatch.setattr(event_source_mapping, "pollers", lambda *_, **__: reads)
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: None)
    serve("riskstack-router")
    assert reads.stops == 1


@pytest.mark.usefixtures("empty_aws")
def test_a_function_is_served_with_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "made_up.py").write_text(
        "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n"
    )
    (tmp_path / "data.yaml").write_text(Path("deploy/data.yaml").read_text())
    (tmp_path / "app.yaml").write_text(
        "Resources:\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      FunctionName: f\n      Handler: made_up.handler\n"
        "      Timeout: 60\n"
        "      Environment: {Variables: {MADE_UP_URL: !ImportValue riskstack-failures-url}}\n"
        "      Events:\n        S:\n          Type: DynamoDB\n          Properties:\n"
        "            Stream: !ImportValue riskstack-applications-stream\n"
        "            StartingPosition: TRIM_HORIZON\n"
    )
    own = {"TEMPLATES": str(tmp_path), "STATE": str(tmp_path / "state")}
    for name, value in {**ENVIRONMENT, **own, "PYTHONPATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    seen: dict[str, str] = {}

    def run(app: Any, **_settings: object) -> None:  # noqa: ANN401 - any ASGI application
        assert boto3.client("dynamodb").list_tables()["TableNames"]
        with TestClient(app) as client:
            seen.update(client.post("/2015-03-31/functions/f/invocations").json())
            assert client.get("/health").json() == {"status": "ok"}

    monkeypatch.setattr(uvicorn, "run", run)
    serve("f")
    assert seen["MADE_UP_URL"].endswith("riskstack-failures")
    # what is for the service is not for the function
    assert not seen.keys() & {"HOST", "PORT", "STATE", "TEMPLATES"}
    assert seen["PATH"] == os.environ["PATH"]
    assert "made_up" not in sys.modules
