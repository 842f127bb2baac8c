import io

import numpy as np
import pytest
import xgboost

from model_server.model.booster import Model
from model_server.script.defaults import Own, Theirs, write
from model_server.script.errors import ScriptError
from model_server.serving.errors import NotAcceptableError, UnsupportedContentTypeError

ROWS = np.array([[1, np.nan, 0], [2, 3, 4]], np.float32)
BODIES = [
    ("text/csv", b"1,,0\n2,3,4\n"),
    ("application/json", b"[[1, null, 0], [2, 3, 4]]"),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_model_of_ours_takes_rows(model: Model, kind: str, body: bytes) -> None:
    own = Own(model)

    rows = own.read(body, kind)

    assert np.array_equal(rows, ROWS, equal_nan=True)
    assert np.array_equal(own.predict(rows), model.score(ROWS))
    assert np.array_equal(own.predict(ROWS.tolist()), model.score(ROWS))


@pytest.mark.parametrize("rows", [[1, 2, 3], [[1, 2]]])
def test_other_shapes_are_named(model: Model, rows: object) -> None:
    with pytest.raises(ScriptError, match="takes rows of 3 columns"):
        Own(model).predict(rows)


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_booster_takes_a_matrix(booster: xgboost.Booster, kind: str, body: bytes) -> None:
    theirs = Theirs(booster)

    data = theirs.read(body, kind)

    assert (data.num_row(), data.num_col()) == (2, 3)
    expected = booster.predict(xgboost.DMatrix(ROWS), validate_features=False)
    assert np.array_equal(theirs.predict(data), expected)


def test_rounds_after_the_best_one_do_not_count(booster: xgboost.Booster) -> None:
    stopped = booster.copy()
    stopped.set_attr(best_iteration="2")
    data = xgboost.DMatrix(ROWS, nthread=1)

    expected = booster.predict(data, iteration_range=(0, 3), validate_features=False)
    assert np.array_equal(Theirs(stopped).predict(data), expected)


def test_of_nothing_there_are_no_rows(model: Model, booster: xgboost.Booster) -> None:
    own = Own(model)

    assert own.predict(own.read(b"", "text/libsvm")).shape == (0,)
    assert Theirs(booster).read(b"", "text/libsvm").num_row() == 0


def test_of_another_model_only_csv_can_be_read() -> None:
    theirs = Theirs(object())

    assert theirs.read(b"1,2\n3,4\n", "text/csv; charset=utf-8").num_col() == 2
    with pytest.raises(UnsupportedContentTypeError, match="write an input_fn for this model"):
        theirs.read(b"[[1]]", "application/json")


def test_what_the_default_cannot_predict_is_named(booster: xgboost.Booster) -> None:
    with pytest.raises(ScriptError, match="model_fn gave a dict: write a predict_fn for it"):
        Theirs({}).predict(xgboost.DMatrix(ROWS))
    with pytest.raises(ScriptError, match="input_fn gave a list: the default predict_fn takes"):
        Theirs(booster).predict([1])


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        ("application/json", b"[0.5, 0.25]"),
        ("text/csv", b"0.5\n0.25\n"),
        ("image/png, TEXT/CSV;q=0.5", b"0.5\n0.25\n"),
    ],
)
def test_an_answer_is_in_the_toolkits_shape(accept: str, body: bytes) -> None:
    written, kind = write(np.array([0.5, 0.25], np.float32), accept)

    assert written == body
    assert kind in accept.lower()


def test_npy_is_numpys() -> None:
    written, kind = write([[1.0, 2.0]], "application/x-npy")

    assert np.array_equal(np.load(io.BytesIO(written)), [[1.0, 2.0]])
    assert kind == "application/x-npy"


def test_another_format_is_refused() -> None:
    with pytest.raises(NotAcceptableError, match="the default output_fn writes application/json"):
        write([1], "image/png")
