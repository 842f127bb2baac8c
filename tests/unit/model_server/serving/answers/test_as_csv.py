import numpy as np

from model_server.serving.answers.as_csv import SCORES, SELECTED, SELECTED_BATCH

SCORE = np.array([0.43, 0.5], np.float32)
CONTRIBUTIONS = np.array([[1, -0.25], [0, 0.5]], np.float32)
BIAS = np.array([2, 1e-8], np.float32)


def test_a_score_is_a_line() -> None:
    assert SCORES.whole([SCORES.part({"score": SCORE})]) == b"0.430000007\n0.5\n"


def test_contributions_and_bias_follow_the_score() -> None:
    fields = {"score": SCORE, "contributions": CONTRIBUTIONS, "bias": BIAS}

    assert SCORES.part(fields) == b"0.430000007,1,-0.25,2\n0.5,0,0.5,9.99999994e-09\n"


def test_scores_of_several_classes_are_cells() -> None:
    scores = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    contributions = np.array([[[1, 2], [3, 4]]] * 2, np.float32)

    assert SCORES.part({"score": scores}) == b"0.25,0.75\n0.5,0.5\n"
    assert SCORES.part({"score": scores, "contributions": contributions, "bias": scores}) == (
        b"0.25,0.75,1,2,3,4,0.25,0.75\n0.5,0.5,1,2,3,4,0.5,0.5\n"
    )


def test_what_is_no_number_is_an_empty_cell() -> None:
    scores = np.array([np.nan, np.inf, 1], np.float32)
    contributions = np.array([[-np.inf, 1]] * 3, np.float32)

    assert SCORES.part({"score": scores, "contributions": contributions}) == b",,1\n,,1\n1,,1\n"


def test_parts_become_one_body() -> None:
    one = {"score": SCORE[:1]}

    assert SCORES.whole([SCORES.part(one)] * 2) == b"0.430000007\n" * 2
    assert SCORES.whole([]) == b""


def test_selected_lists_are_quoted() -> None:
    fields = {
        "predicted_label": np.array([1, 0], np.float32),
        "probabilities": np.array([[0.25, 0.75], [0.5, 0.5]]),
    }

    part = SELECTED.part(fields)

    assert part == b'1,"[0.25, 0.75]"\n0,"[0.5, 0.5]"'
    assert SELECTED.whole([part, part]) == part + b"\n" + part
    assert SELECTED_BATCH.whole([SELECTED_BATCH.part(fields)] * 2) == (part + b"\n") * 2


def test_selected_lists_of_lists_are_one_cell() -> None:
    contributions = np.array([[[1, 2], [3, 4]]], np.float32)

    assert SELECTED.part({"contributions": contributions}) == b'"[[1, 2], [3, 4]]"'


def test_a_selected_value_that_is_missing_is_empty_and_null_in_a_list() -> None:
    fields = {
        "probability": np.array([np.nan]),
        "probabilities": np.array([[np.nan, 0.5]]),
        "raw_score": np.array([2.0]),
    }

    assert SELECTED.part(fields) == b',"[null, 0.5]",2'
