import pytest

from console.settings import Settings, SettingsError

ENVIRON = {
    "HOST": "127.0.0.1",
    "PORT": "8001",
    "APPLICATIONS_TABLE": "applications",
    "AUDIT_TABLE": "audit",
    "LOG_LEVEL": "INFO",
}


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment(ENVIRON | {"HOME": "/"})
    assert settings == Settings(
        host="127.0.0.1",
        port=8001,
        applications_table="applications",
        audit_table="audit",
        log_level="INFO",
        allowed_hosts=frozenset({"127.0.0.1", "localhost"}),
    )


@pytest.mark.parametrize("name", ENVIRON)
def test_a_missing_variable_is_named(name: str) -> None:
    without = {key: value for key, value in ENVIRON.items() if key != name}
    for environ in (without, without | {name: ""}):
        with pytest.raises(SettingsError, match=f"set {name}:"):
            Settings.from_environment(environ)


@pytest.mark.parametrize("port", ["http", "-1", "0", "65536", "80.5", "²"])
def test_a_port_must_be_one(port: str) -> None:
    with pytest.raises(SettingsError, match="PORT must be a number from 1 to 65535"):
        Settings.from_environment(ENVIRON | {"PORT": port})


def test_hosts_are_names_with_commas_between_them() -> None:
    settings = Settings.from_environment(ENVIRON | {"ALLOWED_HOSTS": "127.0.0.1, Console"})
    assert settings.allowed_hosts == {"127.0.0.1", "console"}


@pytest.mark.parametrize("hosts", ["*", "localhost:8001", "localhost,", "http://localhost"])
def test_a_host_must_be_a_name(hosts: str) -> None:
    with pytest.raises(SettingsError, match="ALLOWED_HOSTS must be names"):
        Settings.from_environment(ENVIRON | {"ALLOWED_HOSTS": hosts})
