import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from riskstack.emulator.execution.log_lines import Lines, Report
from riskstack.emulator.function.declared import Logging

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
REPORT = Report("r-1", 3.014, 128, 36, None)
FIRST = replace(REPORT, init_ms=110.1)
FAILED = replace(REPORT, status="error", error_type="Runtime.ExitError")
TEXT = Lines.of(Logging())
JSON = Lines.of(Logging(json=True))
QUIET = Lines.of(Logging(json=True, system_level="WARN"))


def test_text() -> None:
    assert TEXT.start("r-1") == "START RequestId: r-1 Version: $LATEST\n"
    assert TEXT.end(FIRST) == (
        "END RequestId: r-1\n"
        "REPORT RequestId: r-1\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n"
    )
    assert TEXT.end(FAILED).endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")
    assert TEXT.timed_out("r-1", 3, NOW) == (
        "2026-01-02T03:04:05.678Z r-1 Task timed out after 3.00 seconds\n\n"
    )


def event(line: str) -> Any:  # noqa: ANN401 - any JSON
    document = json.loads(line)
    assert datetime.fromisoformat(document.pop("time")).tzinfo == UTC
    return document


def test_json() -> None:
    assert event(JSON.start("r-1")) == {
        "type": "platform.start",
        "record": {"requestId": "r-1", "version": "$LATEST"},
    }
    assert event(JSON.end(FIRST)) == {
        "type": "platform.report",
        "record": {
            "requestId": "r-1",
            "metrics": {
                "durationMs": 3.014,
                "billedDurationMs": 114,
                "memorySizeMB": 128,
                "maxMemoryUsedMB": 36,
                "initDurationMs": 110.1,
            },
            "status": "success",
        },
    }
    record = event(JSON.end(FAILED))["record"]
    assert (record["status"], record["errorType"]) == ("error", "Runtime.ExitError")
    assert "initDurationMs" not in record["metrics"]
    assert not JSON.timed_out("r-1", 3, NOW)


@pytest.mark.parametrize(("report", "told"), [(REPORT, False), (FAILED, True)])
def test_the_level_warn_tells_of_failures_alone(report: Report, told: bool) -> None:
    assert not QUIET.start("r-1")
    assert bool(QUIET.end(report)) is told
