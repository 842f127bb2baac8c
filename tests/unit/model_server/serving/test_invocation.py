import dataclasses
import json
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from model_server.model.booster import Model
from model_server.rows.errors import WrongColumnCountError, WrongNamesError
from model_server.serving.content_type import READERS
from model_server.serving.errors import (
    STATUS,
    NotAcceptableError,
    PredictionError,
    UnsupportedContentTypeError,
    UnsupportedObjectiveError,
)
from model_server.serving.formats import MEDIA_TYPES, PLAIN, Formats
from model_server.serving.invocation import Invocation, prepare

CSV_ROW = Invocation(content_type="text/csv", accept="", attributes="", body=b"1,,0\n")


def answer(model: Model, invocation: Invocation, formats: Formats = PLAIN) -> bytes:
    prediction = prepare(model, invocation, formats)
    body = prediction.writer.whole(prediction.parts())
    assert prediction.whole() == body
    return body


def test_a_row_gives_the_models_score(model: Model) -> None:
    score = model.score(np.array([[1, np.nan, 0]], np.float32))[0]

    assert np.float32(answer(model, CSV_ROW)) == score


def test_json_and_csv_give_the_same(model: Model) -> None:
    as_json = CSV_ROW._replace(
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
    cells = answer(model, CSV_ROW._replace(attributes=attributes)).split(b",")

    assert len(cells) == 1 + model.columns + 1


@pytest.mark.parametrize("attributes", ["explain=contributions2", "explain", "trace=7"])
def test_other_attributes_are_left_alone(model: Model, attributes: str) -> None:
    assert b"," not in answer(model, CSV_ROW._replace(attributes=attributes))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b"0:1 2:0\n"),
        ("text/libsvm", b"1 0:1 2:0\n"),
        ("text/csv; header=present", b"age,debt,home=owner\n1,,0\n"),
        ("text/csv; label_size=1", b"7,1,,0\n"),
        ("application/json", b'{"instances": [{"home=owner": 0, "age": 1, "debt": null}]}'),
        ("application/jsonlines", b'{"features": [1, null, 0]}\n'),
    ],
)
def test_the_same_row_in_another_format_has_the_same_score(
    model: Model, content_type: str, body: bytes
) -> None:
    other = CSV_ROW._replace(content_type=content_type, body=body)

    assert answer(model, other) == answer(model, CSV_ROW)


def test_names_that_are_not_the_models_are_refused(model: Model) -> None:
    wrong = CSV_ROW._replace(
        content_type="text/csv; header=present", body=b"debt,age,home=owner\n1,,0\n"
    )

    with pytest.raises(WrongNamesError, match=r"^header, column 1: 'debt' is out of order"):
        answer(model, wrong)


def test_selected_outputs_and_contributions_stand_side_by_side(model: Model) -> None:
    asked = CSV_ROW._replace(accept="application/json", attributes="explain=contributions")
    score = float(answer(model, CSV_ROW))

    [row] = json.loads(answer(model, asked, Formats("", ("probability", "predicted_score"))))[
        "predictions"
    ]

    assert list(row) == ["probability", "predicted_score", "contributions", "bias"]
    assert row["probability"] == score
    assert row["predicted_score"] is None
    assert len(row["contributions"]) == model.columns


def test_selected_outputs_need_an_objective_that_has_them(model: Model) -> None:
    ranking = dataclasses.replace(model, objective="rank:ndcg")

    with pytest.raises(UnsupportedObjectiveError):
        prepare(ranking, CSV_ROW, Formats("", ("probability",)))
    assert answer(ranking, CSV_ROW)


def test_headers_are_checked_before_the_rows(model: Model) -> None:
    bad = CSV_ROW._replace(body=b"x")

    with pytest.raises(NotAcceptableError):
        prepare(model, bad._replace(accept="image/png"))
    with pytest.raises(UnsupportedContentTypeError):
        prepare(model, bad._replace(content_type="image/png"))
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


@given(
    body=st.binary(min_size=1, max_size=80),
    content_type=st.sampled_from(["", *READERS]),
    accept=st.sampled_from(["", *MEDIA_TYPES]),
    selected=st.sampled_from([(), ("labels", "predicted_score")]),
)
def test_any_body_gives_an_answer_or_a_declared_error(
    model: Model, body: bytes, content_type: str, accept: str, selected: tuple[str, ...]
) -> None:
    invocation = Invocation(content_type=content_type, accept=accept, attributes="", body=body)
    try:
        found = answer(model, invocation, Formats("", selected))
    except tuple(STATUS) as error:
        assert str(error).encode()  # noqa: PT017 - both outcomes are right
    else:
        assert isinstance(found, bytes)
