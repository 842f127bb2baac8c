import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from model_server.training.evaluation import Evaluation, Measure
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.report import DIRECTIONS, Findings, page

HAPPENED = np.array([0.0, 0.0, 1.0, 1.0])
MEASURES = {name: Measure(0.5, 0.125) for name in ("auc", "brier", "ece", "logloss")}
FINDINGS = Findings(
    happened=HAPPENED,
    evaluations={
        "model": Evaluation(np.array([0.1, 0.4, 0.3, 0.9]), MEASURES),
        "logistic": Evaluation(np.array([0.2, 0.4, 0.5, 0.6]), MEASURES),
    },
    training={"auc": 0.75},
    features=("age", "<debt>", "term"),
    importance=(0.25, 0.5, 0.0),
    hyperparameters=Hyperparameters(
        num_round=10, lambda_=2.5, kfold=2, monotone_constraints=(-1, 1, 0)
    ),
)


class Outline(HTMLParser):
    """What a page holds, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "path", "circle", "rect"):
            self.open.append(tag)
        self.addresses += [name for name, _ in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "circle", "rect"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def test_the_page_is_whole_and_alone() -> None:
    text = page(FINDINGS)
    outline = Outline(text)

    assert outline.open == []
    assert outline.addresses == []
    assert not re.search(r"https?:|<script|@import|url\(", text)
    assert "prefers-color-scheme: dark" in text


def test_it_shows_measures_plots_features_and_settings() -> None:
    text = page(FINDINGS)
    texts = Outline(text).texts

    assert "4 rows, 2 of them positive (50.0%), 3 features." in texts
    assert texts.count("0.5000 ± 0.1250") == 8
    assert text.count("<figure>") == 3
    assert text.count('class="line model"') == text.count('class="line logistic"') == 6
    assert [texts[texts.index("auc") + 1]] == ["0.7500"]
    assert texts[texts.index("lambda") + 1] == "2.5"


def test_features_are_ranked_with_their_direction() -> None:
    texts = Outline(page(FINDINGS)).texts
    place = texts.index("<debt>")

    assert texts[place : place + 9] == [
        *("<debt>", "0.5000", DIRECTIONS[1]),
        *("age", "0.2500", DIRECTIONS[-1]),
        *("term", "0.0000", DIRECTIONS[0]),
    ]


def test_without_folds_it_says_so_and_draws_nothing() -> None:
    settings = Hyperparameters(num_round=10, kfold=0)
    text = page(dataclasses.replace(FINDINGS, evaluations={}, hyperparameters=settings))

    assert "Not measured: the hyperparameter <code>kfold</code> is 0." in text
    assert "<figure>" not in text
    assert text.count(DIRECTIONS[0]) == 3


@pytest.mark.parametrize("importance", [(0.0, 0.0, 0.0)])
def test_a_model_that_looks_at_nothing_can_be_shown(importance: tuple[float, ...]) -> None:
    assert 'width="0.0"' in page(dataclasses.replace(FINDINGS, importance=importance))
