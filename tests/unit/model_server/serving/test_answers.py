import json
from typing import NoReturn

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_server.serving.answers import CSV, JSON

SCORES = np.array([0.43, 0.5], np.float32)
CONTRIBUTIONS = np.array([[1, -0.25, 2], [0, 0.5, 1e-8]], np.float32)


def test_csv() -> None:
    assert CSV.whole([CSV.part(SCORES, None)]) == b"0.430000007\n0.5\n"


def test_csv_with_contributions() -> None:
    assert CSV.whole([CSV.part(SCORES, CONTRIBUTIONS)]) == (
        b"0.430000007,1,-0.25,2\n0.5,0,0.5,9.99999994e-09\n"
    )


def test_json() -> None:
    assert JSON.whole([JSON.part(SCORES, None)]) == (
        b'{"predictions":[{"score":0.430000007},{"score":0.5}]}'
    )


def test_json_with_contributions() -> None:
    assert json.loads(JSON.whole([JSON.part(SCORES, CONTRIBUTIONS)])) == {
        "predictions": [
            {"score": 0.430000007, "contributions": [1, -0.25], "bias": 2},
            {"score": 0.5, "contributions": [0, 0.5], "bias": 9.99999994e-09},
        ]
    }


def test_parts_become_one_body() -> None:
    one = SCORES[:1]

    assert CSV.whole([CSV.part(one, None)] * 2) == b"0.430000007\n" * 2
    assert len(json.loads(JSON.whole([JSON.part(one, None)] * 3))["predictions"]) == 3


def test_no_rows_are_an_answer() -> None:
    assert CSV.whole([]) == b""
    assert JSON.whole([]) == b'{"predictions":[]}'


def test_what_is_no_number_is_missing() -> None:
    scores = np.array([np.nan, np.inf, 1], np.float32)
    contributions = np.array([[-np.inf, 1]] * 3, np.float32)

    assert CSV.part(scores, contributions) == ",,1\n,,1\n1,,1\n"
    assert JSON.part(scores, None) == '{"score":null},{"score":null},{"score":1}'
    assert '"contributions":[null],"bias":1' in JSON.part(scores, contributions)


def refuse(constant: str) -> NoReturn:
    raise AssertionError(constant)


@given(arrays(np.float32, st.integers(1, 9), elements=st.floats(width=32)))
def test_json_is_strict_and_loses_no_digit(
    scores: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> None:
    document = json.loads(JSON.whole([JSON.part(scores, None)]), parse_constant=refuse)

    for score, entry in zip(scores, document["predictions"], strict=True):
        if np.isfinite(score):
            assert np.float32(entry["score"]) == score
        else:
            assert entry["score"] is None
