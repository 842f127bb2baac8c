import dataclasses
import json
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
import xgboost

from model_server.model import Model
from model_server.rows.errors import WrongColumnCountError
from model_server.serving.errors import (
    NotAcceptableError,
    PredictionError,
    UnsupportedContentTypeError,
)
from model_server.serving.invocation import Invocation, prepare

CSV_ROW = Invocation(content_type="text/csv", accept="", attributes="", body=b"1,,0\n")


def answer(model: Model, invocation: Invocation) -> bytes:
    prediction = prepare(model, invocation)
    return prediction.writer.whole(prediction.parts())


def test_a_row_gives_the_models_score(model: Model) -> None:
    score = model.score(np.array([[1, np.nan, 0]], np.float32))[0]

    assert np.float32(answer(model, CSV_ROW)) == score


def test_json_and_csv_give_the_same(model: Model) -> None:
    as_json = dataclasses.replace(
        CSV_ROW,
        content_type="application/json",
        accept="application/json",
        body=b'{"instances": [[1, null, 0]]}',
    )

    score = json.loads(answer(model, as_json))["predictions"][0]["score"]
    assert score == float(answer(model, CSV_ROW))


@pytest.mark.parametrize(
    "attributes",
    ["explain=contributions", "trace=7, explain=contributions", "explain=contributions;trace=7 "],
)
def test_contributions_come_when_asked_for(model: Model, attributes: str) -> None:
    cells = answer(model, dataclasses.replace(CSV_ROW, attributes=attributes)).split(b",")

    assert len(cells) == 1 + model.columns + 1


@pytest.mark.parametrize("attributes", ["explain=contributions2", "explain", "trace=7"])
def test_other_attributes_are_left_alone(model: Model, attributes: str) -> None:
    assert b"," not in answer(model, dataclasses.replace(CSV_ROW, attributes=attributes))


def test_headers_are_checked_before_the_rows(model: Model) -> None:
    bad = dataclasses.replace(CSV_ROW, body=b"x")

    with pytest.raises(NotAcceptableError):
        prepare(model, dataclasses.replace(bad, accept="image/png"))
    with pytest.raises(UnsupportedContentTypeError):
        prepare(model, dataclasses.replace(bad, content_type="image/png"))
    with pytest.raises(WrongColumnCountError):
        answer(model, bad)


def test_what_xgboost_refuses_is_the_clients_fault(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_model: Model, _rows: npt.NDArray[np.float32]) -> NoReturn:
        raise xgboost.core.XGBoostError("feature shape mismatch\nstack trace")

    monkeypatch.setattr(Model, "score", refuse)

    with pytest.raises(
        PredictionError, match=r"^Unable to evaluate payload provided: feature shape mismatch$"
    ):
        answer(model, CSV_ROW)
