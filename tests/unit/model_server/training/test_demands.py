from collections.abc import Callable

import numpy as np
import pytest

from model_server.training.demands import check
from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]


def table(*labels: float) -> Table:
    return Table(np.zeros((len(labels), 2), np.float32), np.array(labels, np.float32))


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        (
            {"monotone_constraints": "(1,0,0)"},
            (0, 1),
            "monotone_constraints: expected 2, one for each column, found 3",
        ),
        ({"feature_names": "a"}, (0, 1), "feature_names: expected 2, one for each column, found 1"),
        (
            {"interaction_constraints": "[[0],[1,2]]"},
            (0, 1),
            "interaction_constraints: expected columns from 0 to 1, found 2",
        ),
        ({}, (0, 0), "no row has the label 1: there is nothing to tell apart"),
        ({"objective": "binary:hinge"}, (1,), "no row has the label 0: there is nothing to tell"),
    ],
)
def test_what_the_rows_cannot_give_is_named(
    parsed: Parse, values: dict[str, str], labels: tuple[float, ...], message: str
) -> None:
    with pytest.raises(TrainingError) as error:
        check(table(*labels), parsed(**values))

    assert str(error.value).startswith(message)


def test_what_fits_is_taken(parsed: Parse) -> None:
    values = {"monotone_constraints": "(1,0)", "feature_names": "a,b"}

    check(table(0, 1), parsed(interaction_constraints="[[0,1],[]]", **values))
    check(table(1, 1), parsed(objective="reg:squarederror"))
