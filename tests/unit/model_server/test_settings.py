from pathlib import Path

import pytest

from model_server.settings import Settings, SettingsError


def test_sagemaker_sets_nothing() -> None:
    settings = Settings.from_environment({})

    assert settings == Settings(Path("/opt/ml"), "0.0.0.0", 8080, "INFO")  # noqa: S104 - a value
    assert settings.model == Path("/opt/ml/model")
    assert settings.input == Path("/opt/ml/input")
    assert settings.output == Path("/opt/ml/output")


def test_every_variable_counts() -> None:
    settings = Settings.from_environment(
        {
            "SAGEMAKER_BASE_DIR": "/data/ml",
            "SAGEMAKER_BIND_TO_PORT": "65535",
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "debug",
        }
    )

    assert settings == Settings(Path("/data/ml"), "127.0.0.1", 65535, "DEBUG")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8_0", "²"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(SettingsError, match="SAGEMAKER_BIND_TO_PORT: expected a port"):
        Settings.from_environment({"SAGEMAKER_BIND_TO_PORT": port})


def test_a_bad_log_level_is_named() -> None:
    with pytest.raises(
        SettingsError, match="LOG_LEVEL: expected a level such as INFO, found 'loud'"
    ):
        Settings.from_environment({"LOG_LEVEL": "loud"})
