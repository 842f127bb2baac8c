from functools import lru_cache
from math import isnan

import pytest
import xgboost
from hypothesis import example, given
from hypothesis import strategies as st

from model_server.model.booster import Model
from model_server.model.native.translated import native_or_not
from model_server.model.predictor import Predictor
from model_server.rows import from_csv

pytestmark = pytest.mark.usefixtures("compiler")

native = lru_cache(native_or_not)

PLAIN = st.from_regex(r"(-?[0-9]{1,9}(\.[0-9]{0,6})?)?", fullmatch=True)
ANYTHING = st.text('0123456789+-.,e\n \r"', max_size=40)


@given(cells=st.lists(PLAIN, min_size=3, max_size=3), end=st.sampled_from(["", "\n"]))
@example(cells=["-0", "000000000000001", "0.00000000000001"], end="")
@example(cells=["999999999999999", "16777217", "1.00000005960464"], end="\n")
def test_a_line_of_plain_numbers_scores_as_its_numbers_do(
    model: Model, cells: list[str], end: str
) -> None:
    predictor: Predictor = native(model)
    values = [float(cell) if cell else float("nan") for cell in cells]

    assert predictor.score_line((",".join(cells) + end).encode()) == predictor.score_row(values)


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
    assert isnan(native(model).score_line(line))


@given(text=ANYTHING)
def test_what_it_scores_python_reads_the_same(model: Model, text: str) -> None:
    predictor: Predictor = native(model)
    line = text.encode()
    score = predictor.score_line(line)
    if not isnan(score):
        (row,) = (rows for part in from_csv.read(line, 3) for rows in part.tolist())
        assert score == predictor.score_row(row)


def test_a_booster_leaves_lines_to_others(model: Model, booster: xgboost.Booster) -> None:
    assert booster.num_features() == model.columns
    assert isnan(model.score_line(b"1,2,3"))
