import pytest
import uvicorn

from gateway.__main__ import main

ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "PORT": "8123",
    "STAGE": "v1",
    "API_KEYS": "a-key",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "000000000000",
    "LOG_LEVEL": "INFO",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_it_serves_as_its_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    served = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: served.append(server.config))
    main()
    (config,) = served
    assert (config.host, config.port) == ("127.0.0.1", 8123)


def test_a_wrong_setting_ends_it_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE")
    with pytest.raises(SystemExit, match="the gateway needs the variable STAGE"):
        main()
