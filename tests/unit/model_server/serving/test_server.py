import threading
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from model_server.serving import memory, server
from model_server.serving.web import Application
from model_server.settings import Settings

SETTINGS = Settings(Path("/opt/ml"), "127.0.0.1", 8081, "INFO")
DEADLINE = 60.0


def test_the_server_is_configured_for_sagemaker() -> None:
    config = server.configure(SETTINGS)

    assert (config.host, config.port) == ("127.0.0.1", 8081)
    assert not config.access_log
    assert config.timeout_graceful_shutdown is not None
    assert config.timeout_graceful_shutdown < 30
    assert config.timeout_keep_alive > 60


@pytest.mark.parametrize(("multi_model", "kind"), [(False, Application), (True, FastAPI)])
def test_one_model_or_many_are_served(
    *, multi_model: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "limit_bytes", lambda: None)
    settings = Settings(Path("/opt/ml"), "127.0.0.1", 8081, "INFO", multi_model=multi_model)

    assert isinstance(server.configure(settings).app, kind)


def test_it_serves_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self: ran.append(self.config.port))

    assert server.serve(SETTINGS) == 0
    assert ran == [8081]


def test_a_script_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda _server: None)
    script = threading.Thread(target=lambda: None, name="script_0")
    script.start()

    assert server.serve(SETTINGS) == 0


def test_a_script_that_does_not_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left: list[int] = []
    gate = threading.Event()
    monkeypatch.setattr(uvicorn.Server, "run", lambda _server: None)
    monkeypatch.setattr("os._exit", left.append)
    monkeypatch.setattr(server, "SCRIPT_SECONDS", 0)
    script = threading.Thread(target=gate.wait, args=(DEADLINE,), name="script_0")
    script.start()

    server.serve(SETTINGS)

    gate.set()
    script.join()
    assert left == [0]
    assert "the process ends without it" in caplog.text
