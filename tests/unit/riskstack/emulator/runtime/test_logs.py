import json
import logging
from collections.abc import Iterator, Mapping

import pytest

from riskstack.emulator.runtime import logs


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """The root logger, as it is in a new process."""
    logger = logging.getLogger()
    level = logger.level
    monkeypatch.setattr(logger, "handlers", [])
    logger.setLevel(logging.WARNING)
    yield logger
    logger.setLevel(level)


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({}, "WARNING"),
        ({"AWS_LAMBDA_LOG_LEVEL": "TRACE"}, "DEBUG"),
        ({"AWS_LAMBDA_LOG_LEVEL": "WARN"}, "WARNING"),
        ({"AWS_LAMBDA_LOG_LEVEL": "ERROR"}, "ERROR"),
        ({"AWS_LAMBDA_LOG_LEVEL": "FATAL"}, "CRITICAL"),
    ],
)
def test_levels(root: logging.Logger, environ: Mapping[str, str], level: str) -> None:
    logs.set_up(environ)
    assert logging.getLevelName(root.level) == level


def test_a_line_has_the_id_of_the_invocation_under_way(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    request_id = logs.set_up({"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    root.warning("before")
    request_id.request_id = "r-1"
    root.warning("during", extra={"key": "é"})
    before, during = map(json.loads, capsys.readouterr().out.splitlines())
    assert "requestId" not in before
    assert (during["requestId"], during["message"], during["key"]) == ("r-1", "during", "é")
