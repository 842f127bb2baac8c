"""Data capture: the lines that AWS writes of invocations, and the keys of their files.

The layout is AWS's (developer guide, model-monitor-data-capture). Not: which invocations are
captured (runtime), or when a file is written (capture_writer).
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hosting.live import Capture


@dataclass(frozen=True, slots=True)
class Payload:
    """What went into a model or came out of it."""

    content_type: str | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Captured:
    """An invocation that is captured; `at` is in UTC."""

    capture: Capture
    endpoint: str
    variant: str
    event_id: str
    inference_id: str | None
    at: datetime
    input: Payload
    output: Payload

    @property
    def size(self) -> int:
        """Give about how many bytes it takes."""
        return len(self.input.data) + len(self.output.data)

    @property
    def folder(self) -> str:
        """Give the folder of its file: one for each hour."""
        return (
            f"{self.capture.destination.rstrip('/')}/{self.endpoint}/{self.variant}"
            f"/{self.at:%Y/%m/%d/%H}"
        )


def file_name(first: datetime, unique: str) -> str:
    """Name a file after the time of its first line: minutes, seconds, milliseconds."""
    return f"{first:%M-%S}-{first.microsecond // 1000:03}-{unique}.jsonl"


def line(captured: Captured) -> str:
    """Give the line of an invocation."""
    capture = captured.capture
    data: dict[str, object] = {}
    if capture.input:
        data["endpointInput"] = _part(captured.input, "INPUT", capture)
    if capture.output:
        data["endpointOutput"] = _part(captured.output, "OUTPUT", capture)
    metadata = {"eventId": captured.event_id}
    if captured.inference_id is not None:
        metadata["inferenceId"] = captured.inference_id
    metadata["inferenceTime"] = f"{captured.at:%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps(
        {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"},
        separators=(",", ":"),
    )


def _part(payload: Payload, mode: str, capture: Capture) -> dict[str, object]:
    data, encoding = _encoded(payload, capture)
    observed = {} if payload.content_type is None else {"observedContentType": payload.content_type}
    return {**observed, "mode": mode, "data": data, "encoding": encoding}


def _encoded(payload: Payload, capture: Capture) -> tuple[str, str]:
    """Give the data as text, and how: what no list names is Base64 (CaptureContentTypeHeader)."""
    for types, encoding in ((capture.csv_types, "CSV"), (capture.json_types, "JSON")):
        if _is_one_of(payload.content_type, types):
            try:
                return payload.data.decode(), encoding
            except UnicodeDecodeError:
                break
    return base64.b64encode(payload.data).decode(), "BASE64"


def _is_one_of(content_type: str | None, types: Sequence[str]) -> bool:
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return media_type in {each.lower() for each in types}
