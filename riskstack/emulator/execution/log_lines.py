"""The lines that Lambda itself writes to a function's log, as text or as JSON. Pure functions.

Facts: lines recorded on AWS (localstack/localstack test_lambda.snapshot.json,
test_invocation_with_logs); Lambda developer guide, "Configuring JSON and plain text log formats"
and "Lambda Telemetry API event schema reference".
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime

from riskstack.emulator.function.declared import Logging


@dataclass(frozen=True, slots=True)
class Report:
    """What the last line of an invocation tells."""

    request_id: str
    duration_ms: float
    memory_size_mb: int
    memory_used_mb: int
    init_ms: float | None
    """For the first invocation of an environment."""
    status: str = "success"
    error_type: str | None = None

    @property
    def billed_ms(self) -> int:
        """What AWS would bill: since August 2025, the start of an environment too."""
        return math.ceil(self.duration_ms + (self.init_ms or 0))


@dataclass(frozen=True, slots=True)
class Lines:
    """How Lambda writes to a function's log."""

    as_json: bool
    failures_alone: bool
    """For the system log level WARN, which JSON alone has."""

    @classmethod
    def of(cls, logging: Logging) -> "Lines":
        """Give what a function's settings ask for."""
        return cls(logging.json, logging.system_level == "WARN")

    def start(self, request_id: str) -> str:
        """Give the line before the function's own."""
        if self.failures_alone:
            return ""
        if self.as_json:
            return _event("platform.start", request_id, ', "version": "$LATEST"')
        return f"START RequestId: {request_id} Version: $LATEST\n"

    def end(self, report: Report) -> str:
        """Give the lines behind the function's own."""
        if self.failures_alone and report.status == "success":
            return ""
        if self.as_json:
            return _event("platform.report", report.request_id, _members(report))
        return f"END RequestId: {report.request_id}\n{_report(report)}\n"

    def timed_out(self, request_id: str, seconds: float, now: datetime) -> str:
        """Give the line about a function that did not end in time; JSON tells it in the report."""
        if self.as_json:
            return ""
        return f"{_instant(now)} {request_id} Task timed out after {seconds:.2f} seconds\n\n"


def _report(report: Report) -> str:
    line = (
        f"REPORT RequestId: {report.request_id}\tDuration: {report.duration_ms:.2f} ms\t"
        f"Billed Duration: {report.billed_ms} ms\tMemory Size: {report.memory_size_mb} MB\t"
        f"Max Memory Used: {report.memory_used_mb} MB\t"
    )
    if report.init_ms is not None:
        line += f"Init Duration: {report.init_ms:.2f} ms\t"
    if report.status != "success":
        line += f"Status: {report.status}\t"
    if report.error_type:
        line += f"Error Type: {report.error_type}\t"
    return line


def _members(report: Report) -> str:
    start = f', "initDurationMs": {report.init_ms:.3f}' if report.init_ms is not None else ""
    error = f', "errorType": {json.dumps(report.error_type)}' if report.error_type else ""
    return (
        f', "metrics": {{"durationMs": {report.duration_ms:.3f}, '
        f'"billedDurationMs": {report.billed_ms}, "memorySizeMB": {report.memory_size_mb}, '
        f'"maxMemoryUsedMB": {report.memory_used_mb}{start}}}, "status": "{report.status}"{error}'
    )


def _event(kind: str, request_id: str, members: str) -> str:
    # by hand: it is on every invocation's way, and nothing in it needs escaping
    record = f'{{"requestId": "{request_id}"{members}}}'
    return f'{{"time": "{_instant(datetime.now(UTC))}", "type": "{kind}", "record": {record}}}\n'


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
