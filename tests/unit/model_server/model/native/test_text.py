import json
from functools import lru_cache
from math import isnan

import pytest
import xgboost
from hypothesis import example, given
from hypothesis import strategies as st

from model_server.model.booster import Model
from model_server.model.native.translated import native_or_not
from model_server.model.predictor import Predictor
from model_server.rows import from_csv, from_json

pytestmark = pytest.mark.usefixtures("compiler")

native = lru_cache(native_or_not)

PLAIN = st.from_regex(r"(-?[0-9]{1,9}(\.[0-9]{0,6})?)?", fullmatch=True)
JSON_NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?|null", fullmatch=True)
ANYTHING = st.text('0123456789+-.,e\n \r"', max_size=40)


@given(cells=st.lists(PLAIN, min_size=3, max_size=3), end=st.sampled_from(["", "\n"]))
@example(cells=["-0", "000000000000001", "0.00000000000001"], end="")
@example(cells=["999999999999999", "16777217", "1.00000005960464"], end="\n")
def test_a_line_of_plain_numbers_scores_as_its_numbers_do(
    model: Model, cells: list[str], end: str
) -> None:
    predictor: Predictor = native(model)
    values = [float(cell) if cell else float("nan") for cell in cells]

    assert predictor.score_csv((",".join(cells) + end).encode()) == predictor.score_row(values)


@given(
    cells=st.lists(JSON_NUMBER, min_size=3, max_size=3),
    between=st.sampled_from([",", ", ", " ,\n"]),
)
@example(cells=["-0", "999999999999999", "0.00000000000001"], between=",")
@example(cells=["null", "16777217", "1.00000005960464"], between="\t,\r\n")
def test_a_document_of_plain_numbers_scores_as_its_numbers_do(
    model: Model, cells: list[str], between: str
) -> None:
    predictor: Predictor = native(model)
    text = f'{{ "instances": [[{between.join(cells)}] ]}}\n'
    values = [float("nan") if cell is None else cell for cell in json.loads(text)["instances"][0]]

    assert predictor.score_json(text.encode()) == predictor.score_row(values)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"1,2",
        b"1,2,3,4",
        b"1,2,3,",
        b"1,2,3\n\n",
        b"1,2,3\r\n",
        b"1,2,3\n4,5,6\n",
        b"1,2,-",
        b"1,2,.",
        b"1,2,1.2.3",
        b"1,2,--3",
        b"1,2,+3",
        b"1,2, 3",
        b"1,2,3e1",
        b"1,2,nan",
        b"1,2,1234567890123456",
        b"1,2,\x00",
        b"1,2,\xff",
    ],
)
def test_any_other_line_is_left(model: Model, line: bytes) -> None:
    assert isnan(native(model).score_csv(line))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[[1,2,3]]",
        b'{"instances":[1,2,3]}',
        b'{"instances":[[1,2]]}',
        b'{"instances":[[1,2,3,4]]}',
        b'{"instances":[[1,2,3],[4,5,6]]}',
        b'{"instances":[[1,2,3]],"more":1}',
        b'{"instances":[[1,2,3]]} {}',
        b'{"instances":[[1,2,3]]',
        b'{"instances":[[1,,3]]}',
        b'{"instances":[[1,2,]]}',
        b'{"instances":[[1,2,nul]]}',
        b'{"instances":[[1,2,nulls]]}',
        b'{"instances":[[1,2,true]]}',
        b'{"instances":[[1,2,"3"]]}',
        b'{"instances":[[1,2,01]]}',
        b'{"instances":[[1,2,-01.5]]}',
        b'{"instances":[[1,2,1.]]}',
        b'{"instances":[[1,2,.1]]}',
        b'{"instances":[[1,2,-.1]]}',
        b'{"instances":[[1,2,-]]}',
        b'{"instances":[[1,2,1e3]]}',
        b'{"instances":[[1,2,NaN]]}',
        b'{"instances":[[1,2,1234567890123456]]}',
        b'{"instances":[[1 2,3,4]]}',
        b'\xef\xbb\xbf{"instances":[[1,2,3]]}',
    ],
)
def test_any_other_document_is_left(model: Model, text: bytes) -> None:
    assert isnan(native(model).score_json(text))


@given(row=st.text("0123456789+-.,e nul\n\t[]", max_size=30))
def test_what_it_scores_of_json_python_reads_the_same(model: Model, row: str) -> None:
    predictor: Predictor = native(model)
    text = f'{{"instances":[[{row}]]}}'.encode()
    score = predictor.score_json(text)
    if not isnan(score):
        (values,) = (rows for part in from_json.read(text, 3) for rows in part.tolist())
        assert score == predictor.score_row(values)


@given(text=ANYTHING)
def test_what_it_scores_python_reads_the_same(model: Model, text: str) -> None:
    predictor: Predictor = native(model)
    line = text.encode()
    score = predictor.score_csv(line)
    if not isnan(score):
        (row,) = (rows for part in from_csv.read(line, 3) for rows in part.tolist())
        assert score == predictor.score_row(row)


def test_a_booster_leaves_texts_to_others(model: Model, booster: xgboost.Booster) -> None:
    assert booster.num_features() == model.columns
    assert isnan(model.score_csv(b"1,2,3"))
    assert isnan(model.score_json(b'{"instances":[[1,2,3]]}'))
