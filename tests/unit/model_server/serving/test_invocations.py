"""/invocations, driven message by message; the wire is in the conformance tests."""

import asyncio
from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

import pytest

from model_server.rows.errors import UnreadableRowsError
from model_server.script.errors import ScriptError
from model_server.serving import slices as slices_module
from model_server.serving import wire
from model_server.serving.errors import ModelNotReadyError
from model_server.serving.invocation import Invocation
from model_server.serving.invocations import Invocations
from model_server.serving.metrics import LEFT, Metrics
from model_server.serving.servable import Answer, Servable
from model_server.serving.slices import Slices
from model_server.serving.wire import Header

Message = MutableMapping[str, Any]
GONE: Message = {"type": "http.disconnect"}
DEADLINE = 60.0


class Echo:
    """Answers with what it is asked, or raises what it is told to."""

    def __init__(self, error: Exception | None = None, version: str = "0123456789ab") -> None:
        self.version = version
        self.asked: list[Invocation] = []
        self._error = error

    async def answer(self, invocation: Invocation, headers: Sequence[Header]) -> Answer:
        self.asked.append(invocation)
        if self._error:
            raise self._error
        return Answer(invocation.body, "text/plain", 201, [(b"x-headers", b"%d" % len(headers))])

    def test(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class Counting(Metrics):
    """Keeps the statuses."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[int] = []

    def end(self, begun: float, status: int) -> None:
        super().end(begun, status)
        self.statuses.append(int(status))


@pytest.fixture
def metrics() -> Counting:
    return Counting()


def body_of(*chunks: bytes) -> list[Message]:
    return [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]


def ask(
    servable: Servable | Exception,
    metrics: Metrics,
    incoming: Iterable[Message],
    headers: dict[str, str] | None = None,
    limit: int = 100,
) -> list[Message]:
    messages = iter(incoming)
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    def find() -> Servable:
        if isinstance(servable, Exception):
            raise servable
        return servable

    lines = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    asyncio.run(Invocations(find, metrics, Slices(), limit)({"headers": lines}, receive, send))
    return sent


def test_the_model_is_asked_what_the_headers_say(metrics: Counting) -> None:
    echo = Echo()
    headers = {
        "host": "primary",
        "content-type": "text/csv; \xe9",
        "content-length": "5",
        "accept": "application/json",
        "x-amzn-sagemaker-custom-attributes": "explain=contributions",
    }

    start, body = ask(echo, metrics, body_of(b"1,,0\n"), headers)

    assert echo.asked == [
        Invocation("text/csv; \xe9", "application/json", "explain=contributions", b"1,,0\n")
    ]
    assert (start["status"], body["body"]) == (201, b"1,,0\n")
    assert start["headers"] == [
        (b"content-length", b"5"),
        (b"content-type", b"text/plain"),
        (b"x-amzn-sagemaker-custom-attributes", b"model-version=0123456789ab"),
        (b"x-headers", b"5"),
    ]
    assert metrics.statuses == [201]


def test_without_headers_all_are_empty(metrics: Counting) -> None:
    echo = Echo(version="")

    start, _ = ask(echo, metrics, body_of(b"1", b"2"))

    assert echo.asked == [Invocation("", "", "", b"12")]
    assert b"x-amzn-sagemaker-custom-attributes" not in dict(start["headers"])


@pytest.mark.parametrize(
    ("error", "status"),
    [(UnreadableRowsError("row 1: 'Nemo'"), 415), (ScriptError("predict_fn: 'Nemo'"), 500)],
)
def test_a_refusal_is_text_with_the_version_and_the_log_does_not_quote_it(
    error: Exception, status: int, metrics: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    start, body = ask(Echo(error), metrics, body_of(b"1,Nemo,0"))

    assert start["status"] == status
    assert body["body"] == f"{error}\n".encode()
    headers = dict(start["headers"])
    assert headers[b"content-type"] == b"text/plain; charset=utf-8"
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    assert b"x-amzn-sagemaker-custom-attributes" in headers
    (record,) = caplog.records
    assert (vars(record)["status"], vars(record)["error"]) == (status, type(error).__name__)
    assert "Nemo" not in str(vars(record))
    assert metrics.statuses == [status]


def test_a_fault_is_a_500_and_its_place_is_logged(
    metrics: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    start, body = ask(Echo(KeyError("Nemo")), metrics, body_of(b"1,Nemo,0"))

    assert (start["status"], body["body"]) == (500, b"an unforeseen error: see the log\n")
    (record,) = caplog.records
    assert vars(record)["exception"].endswith("KeyError")
    assert "Nemo" not in str(vars(record))
    assert metrics.statuses == [500]


def test_without_a_model_nothing_is_read(metrics: Counting) -> None:
    start, body = ask(ModelNotReadyError("the model is loading"), metrics, [])

    assert (start["status"], body["body"]) == (503, b"the model is loading\n")
    assert b"x-amzn-sagemaker-custom-attributes" not in dict(start["headers"])


@pytest.mark.parametrize("headers", [{}, {"content-length": "101"}])
def test_a_body_over_the_limit_is_refused(headers: dict[str, str], metrics: Counting) -> None:
    assert ask(Echo(), metrics, body_of(b"1" * 100), headers={})[0]["status"] == 201
    assert ask(Echo(), metrics, body_of(b"1" * 101), headers)[0]["status"] == 413


def test_a_large_one_is_refused_before_it_is_read(metrics: Counting) -> None:
    start, _ = ask(Echo(), metrics, [], {"content-length": str(2**30)})

    assert start["status"] == 413


def test_a_body_that_does_not_come_is_a_408(
    metrics: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_arguments: object) -> bytes:
        raise wire.SlowBodyError("the body did not come in within 60 s")

    monkeypatch.setattr("model_server.serving.invocations.read_body", slow)

    assert ask(Echo(), metrics, [])[0]["status"] == 408


def test_no_second_answer_is_begun_after_the_first(metrics: Counting) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return body_of(b"1")[0]

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            raise ConnectionError("cut")

    app = Invocations(Echo, metrics, Slices(), 100)
    with pytest.raises(ConnectionError):
        asyncio.run(app({"headers": []}, receive, send))

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert metrics.statuses == [500]


def test_nobody_is_answered_who_left(metrics: Counting) -> None:
    assert ask(Echo(), metrics, [GONE]) == []
    assert ask(Echo(), metrics, [body_of(b"1,", b"2")[0], GONE]) == []
    assert metrics.statuses == [LEFT, LEFT]


def test_only_so_many_large_bodies_are_in_memory_and_small_ones_pass(
    metrics: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices_module, "LARGE_AT_ONCE", 2)
    large = {"headers": [(b"content-length", b"2000000")]}
    small = {"headers": [(b"content-length", b"5")]}
    reading: list[str] = []

    async def send(_message: Message) -> None:
        pass

    async def run() -> None:
        gate = asyncio.Event()

        async def held() -> Message:
            await gate.wait()
            reading.append("large")
            return body_of(b"12345")[0]

        async def at_once() -> Message:
            reading.append("small")
            return body_of(b"12345")[0]

        slices = Slices()
        app = Invocations(Echo, metrics, slices, 2**22)
        async with asyncio.timeout(DEADLINE):
            tasks = [asyncio.create_task(app(large, held, send)) for _ in range(3)]
            while not slices.admission.locked():  # noqa: ASYNC110 - what is awaited has no event
                await asyncio.sleep(0)
            await app(small, at_once, send)
            assert reading == ["small"]
            gate.set()
            await asyncio.gather(*tasks)

    asyncio.run(run())

    assert reading.count("large") == 3
