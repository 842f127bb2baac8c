import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_server.rows import record
from model_server.rows.recordio import frames
from model_server.serving.answers.as_recordio import RECORDS
from model_server.serving.answers.writer import Fields


def read(fields: Fields) -> list[record.Record]:
    return [record.parse(content) for content in frames(RECORDS.whole([RECORDS.part(fields)]))]


def test_a_row_is_a_record_of_labels() -> None:
    fields = {"predicted_label": np.array([1, 0]), "probabilities": np.array([[0.25, 0.75]] * 2)}

    first, second = read(fields)

    assert sorted(first.label) == ["predicted_label", "probabilities"]
    assert list(first.label["predicted_label"].float32_tensor.values) == [1]
    assert list(first.label["probabilities"].float32_tensor.values) == [0.25, 0.75]
    assert list(second.label["predicted_label"].float32_tensor.values) == [0]
    assert not first.features


def test_a_matrix_has_its_shape() -> None:
    [row] = read({"contributions": np.array([[[1, 2, 3], [4, 5, 6]]], np.float32)})

    tensor = row.label["contributions"].float32_tensor
    assert list(tensor.values) == [1, 2, 3, 4, 5, 6]
    assert list(tensor.shape) == [2, 3]


def test_a_missing_number_stays_not_a_number() -> None:
    [row] = read({"probability": np.array([np.nan])})

    assert np.isnan(row.label["probability"].float32_tensor.values[0])


def test_parts_become_one_body() -> None:
    part = RECORDS.part({"score": np.array([1.0])})

    assert RECORDS.whole([part, part]) == part * 2
    assert RECORDS.whole([]) == b""


@given(arrays(np.float32, st.integers(1, 9), elements=st.floats(width=32, allow_nan=False)))
def test_no_digit_is_lost(scores: npt.NDArray[np.float32]) -> None:
    found = [row.label["score"].float32_tensor.values[0] for row in read({"score": scores})]

    assert found == scores.tolist()
