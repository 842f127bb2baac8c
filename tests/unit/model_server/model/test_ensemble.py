import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest

from model_server.model.booster import Model
from model_server.model.ensemble import Ensemble
from model_server.model.predictor import Floats, ModelError


@dataclasses.dataclass(frozen=True)
class Constant:
    """A model that gives the same scores to every batch."""

    scores: tuple[float, ...]
    objective: str = "binary:logistic"
    columns: int = 3
    names: tuple[str, ...] = ()
    classes: int = 0
    version: str = "v"

    def score(self, rows: Floats) -> Floats:
        return np.array(self.scores[: len(rows)], np.float32)

    def score_row(self, values: Sequence[float]) -> float:
        return float(self.score(np.array([values], np.float32))[0])

    def score_csv(self, _text: bytes) -> float:
        return math.nan

    score_json = score_csv

    def contributions(self, rows: Floats) -> Floats:
        return np.full((len(rows), self.columns + 1), self.scores[0], np.float32)


ROWS = np.zeros((3, 3), np.float32)


def test_the_mean_is_given() -> None:
    both = Ensemble([Constant((0.2, 0.4, 0.5)), Constant((0.4, 0.4, 1.0))])

    assert both.score(ROWS) == pytest.approx([0.3, 0.4, 0.75])
    assert both.contributions(ROWS)[0, 0] == pytest.approx(0.3)


@pytest.mark.parametrize("objective", ["multi:softmax", "binary:hinge"])
def test_classes_are_voted_for(objective: str) -> None:
    votes = [(2.0, 1.0, 0.0), (2.0, 0.0, 0.0), (1.0, 0.0, 1.0)]
    three = Ensemble([Constant(each, objective) for each in votes])

    assert three.score(ROWS).tolist() == [2.0, 0.0, 0.0]


def test_it_is_described_by_its_models(model: Model) -> None:
    both = Ensemble([model, model])

    assert (both.columns, both.names, both.objective) == (3, model.names, "binary:logistic")
    assert both.version != model.version
    assert both.version == Ensemble([model, model]).version


def test_models_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ModelError, match=r"binary:logistic of 3 columns .* of 4 columns"):
        Ensemble([Constant((0.1,)), Constant((0.1,), columns=4)])


def test_models_that_name_their_features_differently_are_refused() -> None:
    named = Constant((0.1,), names=("a", "b", "c"))

    assert Ensemble([Constant((0.1,)), named]).names == named.names
    with pytest.raises(ModelError, match="name their features differently"):
        Ensemble([Constant((0.1,)), named, Constant((0.1,), names=("b", "a", "c"))])
