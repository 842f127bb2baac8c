import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from model_server.model.booster import Model
from model_server.rows.errors import UnreadableRowsError
from model_server.serving import scoring
from model_server.serving.formats import PLAIN, Formats
from model_server.serving.invocation import Invocation, prepare
from model_server.serving.metrics import Metrics
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Answer, SelfTestError
from model_server.serving.slices import Slices

EXPLAIN = "explain=contributions"


def ask(model: Model, body: bytes, attributes: str = "", formats: Formats = PLAIN) -> Answer:
    async def run() -> Answer:
        slices = Slices()
        servable = Scoring(model, formats, Metrics(), slices)
        try:
            return await servable.answer(Invocation("text/csv", "", attributes, body), ())
        finally:
            slices.close()

    return asyncio.run(run())


def test_a_row_is_scored(model: Model) -> None:
    answer = ask(model, b"1,,0\n")

    expected = model.score(np.array([[1, np.nan, 0]], np.float32))
    assert np.array_equal(np.array(answer.body.split(), np.float32), expected)
    assert (answer.status, answer.content_type) == (200, "text/csv; charset=utf-8")


def test_the_containers_formats_count(model: Model) -> None:
    formats = Formats(default_accept="application/json", selected=("predicted_label",))

    answer = ask(model, b"1,,0\n", formats=formats)

    assert answer.content_type == "application/json"
    assert b'"predicted_label":' in answer.body


@pytest.mark.parametrize(("attributes", "rows"), [("", 9_000), (EXPLAIN, 200)])
def test_a_large_body_gives_the_same_off_the_loop(
    model: Model, attributes: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"".join(b"%d,,0\n" % number for number in range(rows))
    away = ask(model, body, attributes)
    monkeypatch.setattr(scoring, "INLINE_BYTES", len(body))
    monkeypatch.setattr(scoring, "INLINE_CELLS", len(body))
    monkeypatch.setattr(scoring, "INLINE_EXPLAINED_BYTES", len(body))
    monkeypatch.setattr(scoring, "INLINE_EXPLAINED_ROWS", len(body))

    assert away == ask(model, body, attributes)
    assert away.body.count(b"\n") == rows


@pytest.mark.parametrize(("size", "expected"), [(10, []), (20_000, [False]), (2**20 + 10, [True])])
def test_the_size_says_where_a_body_is_predicted(
    model: Model, size: int, expected: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    large_ones = []

    async def take(
        _slices: Slices,
        _parts: object,
        _join: Callable[[list[bytes]], bytes],
        *,
        large: bool,
    ) -> bytes:
        large_ones.append(large)
        return b"taken"

    monkeypatch.setattr(Slices, "take", take)

    ask(model, b"1,,0\n" * (size // 5))

    assert large_ones == expected


@pytest.mark.parametrize(
    ("columns", "body", "attributes", "small"),
    [
        (24, b"1.2345," * 23 + b"1\n", "", True),
        (24, (b"1.2345," * 23 + b"1\n") * 90, "", True),
        (1_000, b"\n" * 100, "", False),
        (24, b"1\n" * 3, EXPLAIN, True),
        (24, b"1\n" * 4, EXPLAIN, False),
    ],
)
def test_what_is_small_is_counted_in_cells(
    model: Model, columns: int, body: bytes, attributes: str, *, small: bool
) -> None:
    servable = Scoring(model, PLAIN, Metrics(), Slices())
    servable._model = replace(model, columns=columns)
    prediction = prepare(model, Invocation("text/csv", "", attributes, body))

    assert servable._is_small(prediction) is small


def test_an_empty_body_is_answered_with_nothing(model: Model) -> None:
    assert ask(model, b"") == Answer(b"", "", 204)


@pytest.mark.parametrize("body", [b"1,Nemo,0", b"1,,0\n" * 20_000 + b"1,Nemo,0"])
def test_a_bad_row_is_refused_wherever_it_is_read(model: Model, body: bytes) -> None:
    with pytest.raises(UnreadableRowsError, match="column 2: expected a finite number"):
        ask(model, body)


def test_the_self_test_predicts_what_it_did_at_first(model: Model) -> None:
    servable = Scoring(model, PLAIN, Metrics(), Slices())

    servable.test()
    servable.close()
    # as if the memory under it had changed: other trees count now
    servable._model = replace(model, rounds=1)

    with pytest.raises(SelfTestError, match="a row of zeros scored"):
        servable.test()
