"""The cheap line of an invocation: as Powertools' own lines, where the level lets it pass."""

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from hosting.runtime import invocation_log
from hosting.runtime.invocation_log import InvocationLog
from tests.hosting_stand import DEADLINE_S


def logger(stream: io.StringIO, level: str) -> Logger:
    return Logger(f"hosting-{uuid4()}", level=level, stream=stream, utc=True, use_rfc3339=True)


def written(log: Logger, *lines: dict[str, object]) -> None:
    async def scenario() -> None:
        invocations = InvocationLog(log)
        for line in lines:
            invocations.write(line)
        invocations.flush()

    asyncio.run(scenario())


def test_a_line_has_what_powertools_lines_have() -> None:
    stream = io.StringIO()
    log = logger(stream, "INFO")
    facts: dict[str, object] = {"endpoint": 'ri"sk', "status": 200}
    log.info("invocation", extra=facts)
    written(log, facts)
    theirs, ours = map(json.loads, stream.getvalue().splitlines())
    times = [datetime.fromisoformat(line.pop("timestamp")) for line in (theirs, ours)]
    assert timedelta(0) <= times[1] - times[0] < timedelta(minutes=1)
    assert all(time <= datetime.now(UTC) for time in times)
    del theirs["location"]
    assert ours == theirs


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
def test_a_higher_level_writes_none(level: str) -> None:
    stream = io.StringIO()
    written(logger(stream, level), {"status": 200})
    assert not stream.getvalue()


def test_lines_are_written_together_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invocation_log, "MOMENT_S", 0.01)
    stream = io.StringIO()

    async def scenario() -> None:
        invocations = InvocationLog(logger(stream, "INFO"))
        for status in (200, 400):
            invocations.write({"status": status})
        assert not stream.getvalue()
        async with asyncio.timeout(DEADLINE_S):
            while not stream.getvalue():  # noqa: ASYNC110 - a stream sets no event
                await asyncio.sleep(0.001)

    asyncio.run(scenario())
    lines = map(json.loads, stream.getvalue().splitlines())
    assert [line["status"] for line in lines] == [200, 400]
