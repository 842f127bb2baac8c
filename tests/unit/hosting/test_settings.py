"""The settings: what is read, and the variable that each error names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.settings import Settings, SettingsError

ENVIRON = {
    "HOST": "127.0.0.1",
    "PORT": "8002",
    "ENDPOINTS_FILE": "deploy/endpoint.yaml",
    "CONTAINERS": "credit-risk=http://model_server:8080",
    "AWS_ACCOUNT_ID": "000000000000",
    "AWS_DEFAULT_REGION": "eu-central-1",
}

NAMES = st.text("abcXYZ019-", min_size=1, max_size=9)
URLS = st.builds("http://{}:{}".format, NAMES.map(str.lower), st.integers(1, 65535))


def test_reads_every_setting() -> None:
    environ = ENVIRON | {"LOG_LEVEL": "debug", "INVOCATION_TIMEOUT_SECONDS": "1.5"}
    assert Settings.from_environment(environ) == Settings(
        host="127.0.0.1",
        port=8002,
        endpoints_file=Path("deploy/endpoint.yaml"),
        containers={"credit-risk": "http://model_server:8080"},
        account_id="000000000000",
        region="eu-central-1",
        log_level="DEBUG",
        invocation_timeout_s=1.5,
    )


def test_waits_as_long_as_aws_unless_told_otherwise() -> None:
    assert Settings.from_environment(ENVIRON).invocation_timeout_s == 60
    assert Settings.from_environment(ENVIRON).log_level == "INFO"


@pytest.mark.parametrize("name", sorted(ENVIRON))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    environ = dict(ENVIRON)
    if value is None:
        del environ[name]
    else:
        environ[name] = value
    with pytest.raises(SettingsError, match=rf"^{name} is not set"):
        Settings.from_environment(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "\N{SUPERSCRIPT TWO}"),
        ("LOG_LEVEL", "LOUD"),
        ("INVOCATION_TIMEOUT_SECONDS", ""),
        ("INVOCATION_TIMEOUT_SECONDS", "soon"),
        ("INVOCATION_TIMEOUT_SECONDS", "0"),
        ("INVOCATION_TIMEOUT_SECONDS", "nan"),
        ("INVOCATION_TIMEOUT_SECONDS", "inf"),
        ("CONTAINERS", "credit-risk"),
        ("CONTAINERS", "=http://model_server:8080"),
        ("CONTAINERS", "credit-risk=model_server:8080"),
        ("CONTAINERS", "credit-risk=https://model_server:8080"),
        ("CONTAINERS", "credit-risk=http://:8080"),
        ("CONTAINERS", "credit-risk=http://model_server:port"),
        ("CONTAINERS", "credit-risk=http://model_server:0"),
        ("CONTAINERS", "credit-risk=http://model_server:8080/invocations"),
        ("CONTAINERS", "credit-risk=http://model_server:8080?fast"),
        ("CONTAINERS", "a=http://one:1,a=http://two:2"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} "):
        Settings.from_environment(ENVIRON | {name: value})


@given(st.dictionaries(NAMES, URLS, min_size=1), st.sampled_from([",", ", ", ",,", "/,"]))
def test_containers_read_as_they_were_written(containers: dict[str, str], separator: str) -> None:
    text = separator.join(f"{name}={url}" for name, url in containers.items())
    assert Settings.from_environment(ENVIRON | {"CONTAINERS": text}).containers == containers
