import logging

import numpy as np
import pytest
import xgboost

from model_server.model.booster import Model
from model_server.model.native import translated
from model_server.model.native.compiler import compile_library
from model_server.model.native.source import translate
from model_server.model.native.translated import NativeModel, native_or_not
from model_server.model.predictor import Floats


def rows_of(count: int) -> Floats:
    rows = np.random.default_rng(1).normal(size=(count, 3)).astype(np.float32)
    rows[::5, 1] = np.nan
    return rows


@pytest.mark.usefixtures("compiler")
def test_it_answers_all_that_the_model_answers(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        native = native_or_not(model)

    assert isinstance(native, NativeModel)
    assert caplog.messages == ["native code proven equal"]
    rows = rows_of(50)
    assert np.allclose(native.score(rows), model.score(rows), atol=1e-6)
    assert np.array_equal(native.contributions(rows), model.contributions(rows))
    for name in ("columns", "names", "objective", "classes", "version"):
        assert getattr(native, name) == getattr(model, name)


@pytest.mark.usefixtures("compiler")
def test_rows_of_any_layout_are_read(model: Model) -> None:
    native = native_or_not(model)
    rows = rows_of(20)

    assert np.array_equal(native.score(np.asfortranarray(rows)), native.score(rows))
    assert native.score(rows[:0]).shape == (0,)


def test_without_a_compiler_the_booster_predicts(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")

    assert native_or_not(model) is model
    assert caplog.messages == ["no native code: there is no C compiler: none of tcc, cc"]


@pytest.mark.usefixtures("compiler")
def test_code_that_is_not_equal_is_not_used(
    model: Model, booster: xgboost.Booster, caplog: pytest.LogCaptureFixture
) -> None:
    fewer_rounds = compile_library(translate(booster, 3).text)

    assert native_or_not(model, fewer_rounds) is model
    assert "rows differ" in caplog.text


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    ("library", "says"),
    [(b"not a library", "cannot be loaded"), (None, "the library exports no score_rows")],
)
def test_a_library_that_cannot_be_used_is_told(
    model: Model, library: bytes | None, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = library or compile_library("int something_else(void) { return 1; }")

    assert native_or_not(model, content) is model
    assert says in caplog.text


def test_what_cannot_be_translated_predicts_by_itself(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("model_server.model.native.source.MOST_NODES", 5)

    assert translated.native_or_not(model) is model
    assert "its trees have" in caplog.text


@pytest.mark.usefixtures("compiler")
def test_one_row_scores_as_rows_do(model: Model) -> None:
    native = native_or_not(model)
    rows = rows_of(20)

    for row, expected in zip(rows.tolist(), native.score(rows).tolist(), strict=True):
        assert native.score_row(row) == expected
        assert model.score_row(row) == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("compiler")
def test_a_number_beyond_single_precision_is_refused(model: Model) -> None:
    for predictor in (model, native_or_not(model)):
        with pytest.raises(OverflowError):
            predictor.score_row([1e39, 0.0, 0.0])


def test_whatever_goes_wrong_the_booster_predicts(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        raise KeyError("trees")

    monkeypatch.setattr(translated, "translate", fail)

    assert native_or_not(model) is model
    assert caplog.messages == ["no native code: KeyError: 'trees'"]
