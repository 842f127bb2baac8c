from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model_server.training import fit
from model_server.training.checkpoints import Checkpoints
from model_server.training.cross_validation import (
    CrossValidation,
    cross_validate,
    predictions_csv,
    spread,
)
from model_server.training.errors import TrainingError
from model_server.training.fit import Surroundings
from model_server.training.folds import stratified
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]

GENERATOR = np.random.default_rng(5)
ROWS = GENERATOR.normal(size=(90, 2)).astype(np.float32)
CLASSES = Table(ROWS, np.digitize(ROWS[:, 0], (-0.5, 0.5)).astype(np.float32))
BINARY = Table(ROWS, (ROWS[:, 0] > 0).astype(np.float32))


def run(table: Table, asked: Hyperparameters) -> tuple[CrossValidation, list[str]]:
    lines: list[str] = []
    return cross_validate(table, asked, Surroundings(lines.append)), lines


def test_each_row_is_predicted_by_the_model_that_has_not_seen_it(parsed: Parse) -> None:
    asked = parsed(_kfold="3", _num_cv_round="2", num_round="4", seed="7", eval_metric="auc,error")

    result, lines = run(BINARY, asked)

    data = fit.matrices({"all": BINARY}, asked)
    assert len(result.boosters) == len(result.scores) == 6
    for number in range(2):
        for fold, part in enumerate(stratified(BINARY.labels.astype(float), 3, 7 + number)):
            answers = fit.predict(result.boosters[3 * number + fold], data["all"])
            assert np.array_equal(result.predictions[number][part], answers[part])
    means = {name: mean for name, (mean, _) in spread(result.scores)["validation"].items()}
    assert len(lines) == 6 * 4 + 3
    assert lines[-1].startswith("[4]#011train-auc:")
    assert lines[-1].endswith(
        f"#011validation-auc:{means['auc']:.5f}#011validation-error:{means['error']:.5f}"
    )


@pytest.mark.parametrize(
    ("objective", "table", "columns"),
    [
        ("binary:logistic", BINARY, 3),
        ("multi:softprob", CLASSES, 3),
        ("multi:softmax", CLASSES, 3),
        ("reg:squarederror", CLASSES, 2),
    ],
)
def test_predictions_are_written_as_aws_writes_them(
    parsed: Parse, objective: str, table: Table, columns: int
) -> None:
    classes = {"num_class": "3"} if objective.startswith("multi:") else {}
    asked = parsed(objective=objective, _kfold="2", _num_cv_round="2", **classes)
    result, _ = run(table, asked)

    text = predictions_csv(table, result.predictions, asked)

    cells = [[float(cell) for cell in row.split(",")] for row in text.splitlines()]
    assert {len(row) for row in cells} == {columns}
    assert [row[0] for row in cells] == table.labels.tolist()
    if columns == 3:
        assert {row[2] for row in cells} <= set(table.labels.tolist())


def test_the_class_most_often_given_counts_the_lower_of_two(parsed: Parse) -> None:
    table = Table(ROWS[:2], np.array([0, 1], np.float32))
    rounds = [np.array(each) for each in ([0.2, 0.9], [0.9, 0.8], [0.4, 0.1])]

    assert predictions_csv(table, rounds[:2], parsed()).splitlines() == [
        "0.000000,0.550000,0.000000",
        "1.000000,0.850000,1.000000",
    ]
    assert predictions_csv(table, rounds, parsed()).splitlines()[1] == "1.000000,0.600000,1.000000"


def test_each_fold_has_its_checkpoints(parsed: Parse, tmp_path: Path) -> None:
    asked = parsed(_kfold="2")

    cross_validate(BINARY, asked, Surroundings(checkpoints=Checkpoints(tmp_path)))

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.0")) == [
        "model-0/xgboost-checkpoint.0",
        "model-1/xgboost-checkpoint.0",
    ]


def test_more_folds_than_rows_are_refused(parsed: Parse) -> None:
    with pytest.raises(TrainingError, match="_kfold: expected at most 90, the rows, found 91"):
        run(BINARY, parsed(_kfold="91"))
