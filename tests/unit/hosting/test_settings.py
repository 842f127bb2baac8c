"""The settings: what is read, and the variable that each error names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.settings import ContainerEngine, Settings, SettingsError

ENVIRON = {
    "HOST": "127.0.0.1",
    "PORT": "8002",
    "ENDPOINTS_FILE": "deploy/endpoint.yaml",
    "STATE": "/state",
    "AWS_ACCOUNT_ID": "000000000000",
    "AWS_DEFAULT_REGION": "eu-central-1",
}

NAMES = st.text("abcXYZ019-", min_size=1, max_size=9)
URLS = st.builds("http://{}:{}".format, NAMES.map(str.lower), st.integers(1, 65535))


def test_reads_every_setting() -> None:
    environ = ENVIRON | {
        "CONTAINERS": "credit-risk=http://model_server:8080",
        "LOG_LEVEL": "debug",
        "INVOCATION_TIMEOUT_SECONDS": "1.5",
        "CONTAINER_ENGINE": "unix:///var/run/docker.sock",
        "STACK_NAME": "riskstack",
        "CONTAINER_NETWORK": "riskstack_default",
        "PROCESS_IMAGES": "riskstack/model_server=python -m model_server, other='a b' c",
        "INSTANCE_LIMIT": "4",
        "METRIC_PERIOD_SECONDS": "1",
        "PATH": "/bin",
    }
    assert Settings.from_environment(environ) == Settings(
        host="127.0.0.1",
        port=8002,
        endpoints_file=Path("deploy/endpoint.yaml"),
        state=Path("/state"),
        containers={"credit-risk": "http://model_server:8080"},
        account_id="000000000000",
        region="eu-central-1",
        log_level="DEBUG",
        invocation_timeout_s=1.5,
        container_engine=ContainerEngine(
            url="unix:///var/run/docker.sock", stack="riskstack", network="riskstack_default"
        ),
        process_images={
            "riskstack/model_server": ("python", "-m", "model_server"),
            "other": ("a b", "c"),
        },
        inherited={"PATH": "/bin"},
        instance_limit=4,
        metric_period_s=1,
    )


def test_does_as_aws_unless_told_otherwise() -> None:
    settings = Settings.from_environment(ENVIRON)
    assert (settings.invocation_timeout_s, settings.metric_period_s) == (60, 60)
    assert settings.log_level == "INFO"


def test_runs_nothing_unless_told_how() -> None:
    settings = Settings.from_environment(ENVIRON)
    assert settings.container_engine is None
    assert (settings.containers, settings.process_images) == ({}, {})


@pytest.mark.parametrize("name", ["STACK_NAME", "CONTAINER_NETWORK"])
def test_an_engine_is_not_known_without_a_stack(name: str) -> None:
    environ = ENVIRON | {"CONTAINER_ENGINE": "x", "STACK_NAME": "y", "CONTAINER_NETWORK": "z"}
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        Settings.from_environment({**environ, name: ""})


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
        ("METRIC_PERIOD_SECONDS", "0"),
        ("INSTANCE_LIMIT", "0"),
        ("INSTANCE_LIMIT", "many"),
        ("PROCESS_IMAGES", "tiny"),
        ("PROCESS_IMAGES", "tiny="),
        ("PROCESS_IMAGES", "=python"),
        ("PROCESS_IMAGES", "tiny='python"),
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
