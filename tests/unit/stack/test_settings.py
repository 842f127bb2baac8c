from pathlib import Path

import pytest

from stack.settings import Settings


def test_the_shell_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("GATEWAY_PORT=8000\nSTAGE=v1\n")
    monkeypatch.setenv("GATEWAY_PORT", "9000")
    monkeypatch.delenv("STAGE", raising=False)
    settings = Settings.read(file)
    assert settings.values == {"GATEWAY_PORT": "9000", "STAGE": "v1"}
    assert settings.url("gateway") == "http://127.0.0.1:9000"


def test_a_real_account_of_the_shell_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    assert "real" not in Settings.read().exports().values()


def test_a_client_finds_every_service() -> None:
    exports = Settings.read().exports()
    assert {name for name in exports if name.startswith("AWS_ENDPOINT_URL_")} == {
        "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
        "AWS_ENDPOINT_URL_LAMBDA",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_SAGEMAKER",
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
        "AWS_ENDPOINT_URL_SQS",
    }
