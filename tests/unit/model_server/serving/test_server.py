from pathlib import Path

import pytest
import uvicorn

from model_server.serving import server
from model_server.settings import Settings

SETTINGS = Settings(Path("/opt/ml"), "127.0.0.1", 8081, "INFO")


def test_the_server_is_configured_for_sagemaker() -> None:
    config = server.configure(SETTINGS)

    assert (config.host, config.port) == ("127.0.0.1", 8081)
    assert not config.access_log
    assert config.timeout_graceful_shutdown is not None
    assert config.timeout_graceful_shutdown < 30
    assert config.timeout_keep_alive > 60


def test_it_serves_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self: ran.append(self.config.port))

    assert server.serve(SETTINGS) == 0
    assert ran == [8081]
