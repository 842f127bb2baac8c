import json
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model_server.model.booster import Model
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.serving.formats import PLAIN, Formats
from model_server.serving.invocation import Invocation, prepare
from model_server.serving.single_row import SingleRow

CSV, JSON = "text/csv", "application/json"


def asked(
    body: bytes, content_type: str = CSV, accept: str = "", attributes: str = ""
) -> Invocation:
    return Invocation(content_type, accept, attributes, body)


@pytest.mark.parametrize(
    "invocation",
    [
        asked(b"1,2,3"),
        asked(b"1,,-3.5\n", accept="application/json, text/csv;q=0.5"),
        asked(b"1,2,3", "text/csv; charset=utf-8", "*/*"),
        asked(b'{"instances":[[1,null,3]]}', JSON, JSON),
    ],
)
def test_the_usual_request_is_answered_as_the_long_way_does(
    model: Model, invocation: Invocation
) -> None:
    found = SingleRow(model, PLAIN).answer(invocation)

    prediction = prepare(model, invocation)
    assert found == (prediction.whole(), prediction.writer)


@pytest.mark.parametrize(
    "invocation",
    [
        asked(b"1,2,3\n4,5,6\n"),
        asked(b"1,2\n"),
        asked(b"1,2,x"),
        asked(b"1,2,1e99"),
        asked(b'1,"2",3'),
        asked(b"1,2," + b"9" * 400),
        asked(b"1,2,3", attributes="explain=contributions"),
        asked(b"1,2,3", "text/csv; header=present"),
        asked(b"1,2,3", "text/plain"),
        asked(b"1,2,3", accept="image/png"),
        asked(b"1,2,3", accept="application/jsonlines"),
        asked(b"0:1", "text/libsvm"),
        asked(b"[1,2,3]", JSON),
        asked(b'{"instances":[[1,2,true]]}', JSON),
        asked(b'{"instances":[[1,2,1e999]]}', JSON),
        asked(b"[1,2,%d]" % (2**128 - 2**103), JSON),
        asked(b'{"instances":[[1,2,%d]]}' % (2**128 - 2**103), JSON),
        asked(b'{"instances":[[1,2,3],[4,5,6]]}', JSON),
        asked(b'{"instances":[[1,2,3]],"more":1}', JSON),
        asked(b"{", JSON),
        asked(b" " * 5_000),
    ],
)
def test_anything_else_is_left(model: Model, invocation: Invocation) -> None:
    assert SingleRow(model, PLAIN).answer(invocation) is None


def test_selected_outputs_are_left(model: Model) -> None:
    formats = Formats(selected=("predicted_label",))

    assert SingleRow(model, formats).answer(asked(b"1,2,3")) is None


CELLS = st.lists(
    st.none() | st.floats(allow_nan=False) | st.integers(-(10**40), 10**40), max_size=4
)


def csv(cells: Sequence[float | None]) -> bytes:
    return ",".join("" if cell is None else str(cell) for cell in cells).encode()


@given(cells=CELLS, as_json=st.booleans())
@example(cells=[None, None, None], as_json=False)
@example(cells=[0.1, 2.0**128 - 2.0**103, 1], as_json=False)
@example(cells=[0.1, 3.4028235677973366e38, 1], as_json=True)
def test_whatever_it_answers_is_what_the_long_way_answers(
    model: Model, cells: list[float | None], as_json: bool
) -> None:
    body = json.dumps({"instances": [cells]}).encode() if as_json else csv(cells)
    invocation = asked(body, JSON if as_json else CSV)
    found = SingleRow(model, PLAIN).answer(invocation)
    try:
        expected = prepare(model, invocation).whole()
    except (UnreadableRowsError, WrongColumnCountError):
        assert found is None
    else:
        assert found is None or found[0] == expected
