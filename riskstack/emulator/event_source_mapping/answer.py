"""What a function says of its batch: which records failed, and the state of its window.

Facts: Lambda developer guide, "Configuring partial batch response with DynamoDB and Lambda" and
"Implementing stateful DynamoDB stream processing"; the odd answers as recorded on AWS in
localstack's test_dynamodb_report_batch_item_failure_scenarios and ..._success_scenarios.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.function import Result


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation came to."""

    first_failure: int | None = None
    """The place of the first record to try again, `None` where there is none."""
    error: str | None = None
    """The kind of error, where the function failed as a whole."""
    state: str | None = None
    """The state of the tumbling window, as JSON."""


def read(result: Result, records: Sequence[Record], settings: Settings) -> Answer:
    """Read an invocation's result."""
    if result.error:
        return Answer(0, result.error)
    try:
        payload = json.loads(result.payload or b"null")
    except (ValueError, RecursionError):
        payload = ""
    first = _first_failure(payload, records) if settings.report_batch_item_failures else None
    if not settings.tumbling_window:
        return Answer(first)
    if not isinstance(payload, dict) or not isinstance(payload.get("state"), dict):
        return Answer(0)
    state = json.dumps(payload["state"], ensure_ascii=False)
    # half a character, which JSON can escape, is none in UTF-8
    return Answer(first, state=state.encode(errors="replace").decode())


def _first_failure(payload: Any, records: Sequence[Record]) -> int | None:  # noqa: ANN401 - any JSON
    if payload is None or payload == []:
        return None
    if not isinstance(payload, dict):
        return 0
    failures = payload.get("batchItemFailures")
    if failures is None or failures == []:
        return None
    places = {record.sequence_number: place for place, record in enumerate(records)}
    try:
        return min(places[failure["itemIdentifier"]] for failure in failures)
    except (KeyError, TypeError, ValueError):
        # no such record, no list of objects, or one that is empty and no list
        return 0
