from pathlib import Path

import pytest

from gateway.settings import Settings, SettingsError

ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "TEMPLATES": "deploy",
    "STAGE": "v1",
    "API_KEYS": "one-key, another-key,",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "000000000000",
    "LOG_LEVEL": "INFO",
}


def test_every_setting_is_read() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        host="127.0.0.1",
        port=8000,
        templates=Path("deploy"),
        stage="v1",
        api_keys=("one-key", "another-key"),
        region="eu-central-1",
        account_id="000000000000",
        log_level="INFO",
    )


def test_an_api_may_have_no_keys_to_give_values() -> None:
    assert Settings.from_environment(ENVIRONMENT | {"API_KEYS": ""}).api_keys == ()


@pytest.mark.parametrize(("value", "port"), [("8005", 8005), ("", None)])
def test_the_http_api_s_port_may_be_left_out(value: str, port: int | None) -> None:
    assert Settings.from_environment(ENVIRONMENT | {"HTTP_API_PORT": value}).http_api_port == port


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"needs the variable {name}"):
        Settings.from_environment({k: v for k, v in ENVIRONMENT.items() if k != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", ""),
        ("PORT", "http"),
        ("STAGE", "v/1"),
        ("STAGE", "health"),
        ("STAGE", "metrics"),
        ("TEMPLATES", ""),
        ("AWS_DEFAULT_REGION", ""),
        ("AWS_ACCOUNT_ID", "12"),
        ("LOG_LEVEL", "LOUD"),
        ("HTTP_API_PORT", "http"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"variable {name} is not what it must be") as caught:
        Settings.from_environment({**ENVIRONMENT, name: value})
    assert not value.strip(" ,") or f"{value!r}" not in str(caught.value)
