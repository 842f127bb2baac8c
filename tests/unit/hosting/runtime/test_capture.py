"""Data capture: what a line says, and where its file is."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.live import Capture
from hosting.runtime.capture import Captured, Payload, file_name, line

CAPTURE = Capture(
    "s3://bucket/prefix/",
    100,
    input=True,
    output=True,
    csv_types=("text/csv",),
    json_types=("application/json",),
)
CAPTURED = Captured(
    CAPTURE,
    "risk",
    "AllTraffic",
    "4bf1",
    None,
    datetime(2026, 3, 1, 9, 5, 7, 89_000, UTC),
    Payload("text/csv", b"1,2"),
    Payload("application/json", b"{}"),
)


def data(captured: Captured) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(line(captured))["captureData"]
    return found


def test_a_folder_is_an_hour_of_a_variant() -> None:
    assert CAPTURED.folder == "s3://bucket/prefix/risk/AllTraffic/2026/03/01/09"
    assert file_name(CAPTURED.at, "1-2") == "05-07-089-1-2.jsonl"


@pytest.mark.parametrize(
    ("input_", "output", "parts"),
    [
        (True, True, {"endpointInput", "endpointOutput"}),
        (True, False, {"endpointInput"}),
        (False, True, {"endpointOutput"}),
    ],
)
def test_only_what_is_wanted_is_captured(*, input_: bool, output: bool, parts: set[str]) -> None:
    capture = replace(CAPTURE, input=input_, output=output)
    assert set(data(replace(CAPTURED, capture=capture))) == parts


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/csv", "CSV"),
        ("TEXT/CSV; charset=utf-8", "CSV"),
        ("application/json", "JSON"),
        ("application/jsonlines", "BASE64"),
        ("", "BASE64"),
    ],
)
def test_the_type_tells_the_encoding(content_type: str, encoding: str) -> None:
    part = data(replace(CAPTURED, input=Payload(content_type, b"1,2")))["endpointInput"]
    assert (part["encoding"], part["observedContentType"]) == (encoding, content_type)


def test_without_types_all_is_base64() -> None:
    capture = replace(CAPTURE, csv_types=(), json_types=())
    parts = data(replace(CAPTURED, capture=capture))
    assert [part["encoding"] for part in parts.values()] == ["BASE64", "BASE64"]


def test_a_type_that_was_not_said_is_left_out() -> None:
    part = data(replace(CAPTURED, input=Payload(None, b"1")))["endpointInput"]
    assert part == {"mode": "INPUT", "data": "MQ==", "encoding": "BASE64"}


@given(st.binary())
def test_no_byte_is_lost(body: bytes) -> None:
    for content_type in ("text/csv", "image/png"):
        part = data(replace(CAPTURED, input=Payload(content_type, body)))["endpointInput"]
        if part["encoding"] == "BASE64":
            assert base64.b64decode(part["data"]) == body
        else:
            assert part["data"].encode() == body
