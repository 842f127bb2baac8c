"""The ASGI applications, driven message by message; the wire is in the conformance tests."""

import asyncio
import time
from collections.abc import Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model_server.model import Model
from model_server.serving import web
from model_server.serving.readiness import Readiness
from model_server.serving.web import Invocations, create_app

Message = MutableMapping[str, Any]


@pytest.fixture(scope="module")
def ready(model_folder: Path) -> Readiness:
    readiness = Readiness(model_folder)
    asyncio.run(readiness.load())
    return readiness


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def body_of(*chunks: bytes) -> list[Message]:
    return [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]


def ask(
    readiness: Readiness,
    pool: ThreadPoolExecutor,
    incoming: Iterable[Message],
    headers: dict[bytes, bytes] | None = None,
) -> list[Message]:
    messages = iter(incoming)
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"headers": list({b"content-type": b"text/csv", **(headers or {})}.items())}
    asyncio.run(Invocations(readiness, pool)(scope, receive, send))
    return sent


def test_a_row_is_answered_with_length_and_version(
    ready: Readiness, pool: ThreadPoolExecutor, model: Model
) -> None:
    start, body = ask(ready, pool, body_of(b"1,,0\n"))

    assert start["status"] == 200
    assert dict(start["headers"]) == {
        b"content-type": b"text/csv; charset=utf-8",
        b"content-length": str(len(body["body"])).encode(),
        b"x-amzn-sagemaker-custom-attributes": b"model-version=" + model.version.encode(),
    }
    assert 0 < float(body["body"]) < 1


def test_a_body_in_pieces_is_one_body(ready: Readiness, pool: ThreadPoolExecutor) -> None:
    whole = ask(ready, pool, body_of(b"1,2,0\n3,,1\n"))

    assert ask(ready, pool, body_of(b"1,2", b",0\n3", b"", b",,1\n")) == whole


def test_a_large_body_gives_the_same_off_the_loop(
    ready: Readiness, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"".join(b"%d,,0\n" % number for number in range(9_000))
    explain = {b"x-amzn-sagemaker-custom-attributes": b"explain=contributions"}
    away = ask(ready, pool, body_of(rows)), ask(ready, pool, body_of(rows[:2_000]), explain)
    monkeypatch.setattr(web, "INLINE_BYTES", len(rows))
    monkeypatch.setattr(web, "INLINE_EXPLAINED_BYTES", len(rows))

    assert away == (
        ask(ready, pool, body_of(rows)),
        ask(ready, pool, body_of(rows[:2_000]), explain),
    )
    assert away[0][1]["body"].count(b"\n") == 9_000


def test_a_refusal_is_text_with_length_and_version(
    ready: Readiness, pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    start, body = ask(ready, pool, body_of(b"1,Nemo,0"))

    assert start["status"] == 415
    assert body["body"] == b"row 1, column 2: expected a finite number, found 'Nemo'\n"
    headers = dict(start["headers"])
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    assert b"x-amzn-sagemaker-custom-attributes" in headers
    (record,) = caplog.records
    assert (vars(record)["status"], vars(record)["error"]) == (415, "UnreadableRowsError")
    assert "Nemo" not in str(vars(record))


def test_an_empty_body_is_answered_with_nothing(ready: Readiness, pool: ThreadPoolExecutor) -> None:
    start, body = ask(ready, pool, body_of(b""), {b"accept": b"image/png"})

    assert (start["status"], body["body"]) == (204, b"")
    assert b"content-length" not in dict(start["headers"])


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_body_is_refused_once_it_is_too_large(
    ready: Readiness, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    monkeypatch.setattr(web, "MAX_BODY_BYTES", 8)
    fits = body_of(*[b"1,2,3,4,"[number::chunks] for number in range(chunks)])
    endless = body_of(*[b"1,2"] * chunks, *[b"1,2,3,4,5"] * 2)

    assert ask(ready, pool, fits)[0]["status"] == 400
    assert ask(ready, pool, endless)[0]["status"] == 413
    assert ask(ready, pool, body_of(b"1,2,3,4,5"))[0]["status"] == 413


def test_nobody_is_answered_who_left(ready: Readiness, pool: ThreadPoolExecutor) -> None:
    gone = {"type": "http.disconnect"}

    assert ask(ready, pool, [gone]) == []
    assert ask(ready, pool, [body_of(b"1,", b"2")[0], gone]) == []


def test_without_a_model_nothing_is_predicted(
    model_folder: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    loading, failed = Readiness(model_folder), Readiness(tmp_path)
    asyncio.run(failed.load())

    assert ask(loading, pool, [])[0]["status"] == 503
    start, body = ask(failed, pool, [])
    assert start["status"] == 500
    assert b"see the log" in body["body"]
    assert b"x-amzn-sagemaker-custom-attributes" not in dict(start["headers"])


def test_the_application_loads_its_model(model_folder: Path) -> None:
    with TestClient(create_app(Readiness(model_folder))) as client:
        assert client.get("/docs").status_code == 404
        deadline = time.monotonic() + 60
        while client.get("/ping").status_code != 200:
            assert time.monotonic() < deadline
        assert client.post("/ping").status_code == 200
        assert client.get("/invocations").status_code == 405
