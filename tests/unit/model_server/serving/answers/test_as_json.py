import json
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_server.serving.answers.as_json import DOCUMENT, DOCUMENT_BATCH, LINES
from model_server.serving.answers.writer import Fields, Writer

SCORE = np.array([0.43, 0.5], np.float32)


def refuse(constant: str) -> NoReturn:
    raise AssertionError(constant)


def read(writer: Writer, fields: Fields) -> list[dict[str, Any]]:
    body = writer.whole([writer.part(fields)])
    if writer is LINES:
        return [json.loads(line, parse_constant=refuse) for line in body.splitlines()]
    rows: list[dict[str, Any]] = json.loads(body, parse_constant=refuse)["predictions"]
    return rows


def test_scores() -> None:
    assert DOCUMENT.whole([DOCUMENT.part({"score": SCORE})]) == (
        b'{"predictions":[{"score":0.430000007},{"score":0.5}]}'
    )
    assert LINES.whole([LINES.part({"score": SCORE})]) == (
        b'{"score":0.430000007}\n{"score":0.5}\n'
    )


def test_a_batchs_document_ends_with_a_newline() -> None:
    assert DOCUMENT_BATCH.whole([]) == b'{"predictions":[]}\n'


@pytest.mark.parametrize("writer", [DOCUMENT, LINES])
def test_fields_of_all_shapes(writer: Writer) -> None:
    fields = {
        "score": np.array([[0.25, 0.75]], np.float32),
        "contributions": np.array([[[1, -0.5], [0, np.nan]]], np.float32),
        "bias": np.array([[2, 1e-8]], np.float32),
        "probability": np.array([-np.inf]),
    }

    assert read(writer, fields) == [
        {
            "score": [0.25, 0.75],
            "contributions": [[1, -0.5], [0, None]],
            "bias": [2, 9.99999994e-09],
            "probability": None,
        }
    ]


def test_parts_become_one_body() -> None:
    one = {"score": SCORE[:1]}

    assert len(json.loads(DOCUMENT.whole([DOCUMENT.part(one)] * 3))["predictions"]) == 3
    assert LINES.whole([LINES.part(one)] * 2) == b'{"score":0.430000007}\n' * 2
    assert DOCUMENT.whole([]) == b'{"predictions":[]}'
    assert LINES.whole([]) == b""


@pytest.mark.parametrize("writer", [DOCUMENT, LINES])
@given(arrays(np.float32, st.integers(1, 9), elements=st.floats(width=32)))
def test_json_is_strict_and_loses_no_digit(writer: Writer, scores: npt.NDArray[np.float32]) -> None:
    rows = read(writer, {"score": scores})

    for score, row in zip(scores, rows, strict=True):
        if np.isfinite(score):
            assert np.float32(row["score"]) == score
        else:
            assert row["score"] is None
