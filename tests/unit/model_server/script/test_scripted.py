import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model_server.model.booster import Model
from model_server.rows.errors import WrongColumnCountError
from model_server.script.context import Context
from model_server.script.defaults import Own
from model_server.script.errors import ScriptError
from model_server.script.functions import functions
from model_server.script.scripted import Scripted
from model_server.serving.errors import UnsupportedContentTypeError
from model_server.serving.invocation import Invocation
from model_server.serving.servable import Answer, SelfTestError

DEADLINE = 60.0


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Asker:
    """Makes a servable of functions and asks it."""

    def __init__(self, model: Model, pool: ThreadPoolExecutor) -> None:
        self._model = model
        self._pool = pool

        self.seconds = DEADLINE

    def servable(self, **members: Callable[..., Any]) -> Scripted:
        module = ModuleType("inference")
        vars(module).update(members)
        own = Own(self._model)
        found = functions(module)
        return Scripted(
            Path("/m"), found, "the model", own, "application/json", self._pool, self.seconds
        )

    def __call__(
        self, content_type: str, accept: str, body: bytes, **members: Callable[..., Any]
    ) -> Answer:
        invocation = Invocation(content_type, accept, "", body)
        servable = self.servable(**members)
        return asyncio.run(servable.answer(invocation, [(b"x-a", b"b")]))


@pytest.fixture
def ask(model: Model, pool: ThreadPoolExecutor) -> Asker:
    return Asker(model, pool)


def test_the_three_functions_follow_one_another(ask: Asker) -> None:
    answer = ask(
        "text/csv",
        "text/plain",
        b"1,2",
        input_fn=lambda data, kind: [data, kind],
        predict_fn=lambda data, model: [*data, model],
        output_fn=lambda prediction, accept: " | ".join([*prediction, accept]),
    )

    assert answer == Answer(b"1,2 | text/csv | the model | text/plain", "text/plain")


def test_transform_fn_does_all(ask: Asker) -> None:
    def transform_fn(
        model: str, data: bytes, kind: str, accept: str, context: Context
    ) -> tuple[str, str]:
        context.set_response_status(202)
        header = context.get_request_header(0, "X-A")
        return f"{model} {data!r} {kind} {accept} {header}", "text/html"

    answer = ask("image/png", "*/*", b"\x89", transform_fn=transform_fn)

    assert answer.body == rb"the model b'\x89' image/png application/json b"
    assert (answer.status, answer.content_type) == (202, "text/html")


@pytest.mark.parametrize("accept", ["", "*/*"])
def test_what_a_client_does_not_say_is_json(ask: Asker, accept: str) -> None:
    said: list[object] = []

    def transform_fn(_model: object, data: object, kind: str, accept: str) -> str:
        said.extend([data, kind, accept])
        return ""

    ask("", accept, b"[1]", transform_fn=transform_fn)

    assert said == ["[1]", "application/json", "application/json"]


def test_missing_functions_have_defaults(ask: Asker, model: Model) -> None:
    expected = ask("text/csv", "application/json", b"1,,0").body

    scores = ask(
        "text/csv", "", b"1,,0", output_fn=lambda prediction, _accept: prediction.tolist()
    ).body

    assert scores == expected
    assert expected.startswith(b"[0.")
    with pytest.raises(WrongColumnCountError):
        ask("text/csv", "", b"1")
    doubled = ask("text/csv", "", b"1,,0", input_fn=lambda _data, _kind: [[1, 2, 3]] * 2).body
    assert doubled.count(b",") == 1
    assert model.columns == 3


def test_an_error_is_told_with_its_type_and_logged_with_its_place(
    ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    def predict_fn(data: str, _model: object) -> float:
        return float(data)

    with pytest.raises(ScriptError, match=r"^predict_fn raised ValueError: could not convert"):
        ask(
            "text/csv",
            "",
            b"Nemo",
            input_fn=lambda data, _kind: data,
            predict_fn=predict_fn,
        )

    (record,) = caplog.records
    assert "in predict_fn" in vars(record)["exception"]
    assert (vars(record)["function"], vars(record)["error"]) == ("predict_fn", "ValueError")
    assert "Nemo" not in str(vars(record))


def test_a_script_that_exits_is_an_error_too(ask: Asker) -> None:
    def transform_fn(_model: object, _data: object, _kind: str, _accept: str) -> str:
        raise SystemExit(3)

    with pytest.raises(ScriptError, match="transform_fn raised SystemExit: 3"):
        ask("", "", b"1", transform_fn=transform_fn)


def test_a_default_that_fails_is_named(ask: Asker) -> None:
    with pytest.raises(ScriptError, match="the default output_fn raised ValueError"):
        ask("text/csv", "text/csv", b"1,,0", predict_fn=lambda _data, _model: [[[1]]])


def test_text_must_be_utf_8(ask: Asker) -> None:
    with pytest.raises(UnsupportedContentTypeError, match="the body is no UTF-8"):
        ask("text/csv", "", b"\xff", input_fn=lambda data, _kind: data)


def test_functions_may_block_and_the_loop_goes_on(ask: Asker) -> None:
    gate, inside = threading.Event(), threading.Event()

    def transform_fn(_model: object, _data: object, _kind: str, _accept: str) -> str:
        inside.set()
        assert gate.wait(DEADLINE)
        return "done"

    async def run() -> Answer:
        servable = ask.servable(transform_fn=transform_fn)
        invocation = Invocation("", "", "", b"1")
        answer = asyncio.create_task(servable.answer(invocation, ()))
        assert await asyncio.to_thread(inside.wait, DEADLINE)
        gate.set()  # by the loop, which is free
        return await answer

    assert asyncio.run(run()).body == b"done"


def test_a_call_that_is_stuck_fails_the_self_test(ask: Asker) -> None:
    gate, inside = threading.Event(), threading.Event()
    ask.seconds = -1

    def transform_fn(_model: object, _data: object, _kind: str, _accept: str) -> str:
        inside.set()
        assert gate.wait(DEADLINE)
        return "done"

    servable = ask.servable(transform_fn=transform_fn)

    async def run() -> None:
        answer = asyncio.create_task(servable.answer(Invocation("", "", "", b"1"), ()))
        assert await asyncio.to_thread(inside.wait, DEADLINE)
        try:
            with pytest.raises(SelfTestError, match="a call of the functions runs for 0 s"):
                servable.test()
        finally:
            gate.set()
        await answer

    asyncio.run(run())

    assert not servable.begun


def test_closing_drops_what_waits(ask: Asker, pool: ThreadPoolExecutor) -> None:
    servable = ask.servable()
    servable.test()

    servable.close()

    with pytest.raises(RuntimeError, match="shutdown"):
        pool.submit(int)
