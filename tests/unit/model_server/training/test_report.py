import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from model_server.training.evaluation import Evaluation, Measure, Unseen
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.report import DIRECTIONS, Findings, page
from model_server.training.table import Table

Parse = Callable[..., Hyperparameters]

MEASURES = {name: Measure(0.5, 0.125) for name in ("auc", "brier", "ece", "logloss")}
UNSEEN = Unseen(
    np.array([0.0, 0.0, 1.0, 1.0]),
    {
        "model": Evaluation(np.array([0.1, 0.4, 0.3, 0.9]), MEASURES),
        "logistic": Evaluation(np.array([0.2, 0.4, 0.5, 0.6]), MEASURES),
    },
    2,
)


@pytest.fixture
def findings(parsed: Parse) -> Findings:
    return Findings(
        table=Table(np.zeros((4, 3), np.float32), np.array([0, 0, 1, 1], np.float32)),
        unseen=UNSEEN,
        scores={"train": {"auc": 0.75, "error": 0.25}},
        importance=(0.25, 0.5, 0.0),
        rounds=10,
        hyperparameters=parsed(
            num_round="10",
            kfold="2",
            feature_names="age,debt&co,term",
            monotone_constraints="(-1,1,0)",
            eval_metric="auc,error",
            **{"lambda": "2.5"},
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


def test_the_page_is_whole_and_alone(findings: Findings) -> None:
    text = page(findings)
    outline = Outline(text)

    assert outline.open == []
    assert outline.addresses == []
    assert not re.search(r"https?:|<script|@import|url\(", text)
    assert "prefers-color-scheme: dark" in text


def test_it_shows_measures_plots_features_and_settings(findings: Findings) -> None:
    text = page(findings)
    texts = Outline(text).texts

    assert "4 rows, 2 of them positive (50.0%), 3 features." in texts
    assert texts.count("0.5000 ± 0.1250") == 8
    assert text.count("<figure>") == 3
    assert text.count('class="line model"') == text.count('class="line logistic"') == 6
    assert "Fitted 2 times, each time on 1 of 2 parts" in text
    assert texts[texts.index("auc") + 1] == "0.7500"
    assert texts[texts.index("lambda") + 1] == "2.5"
    assert texts[texts.index("eval_metric") + 1] == "auc, error"


def test_features_are_ranked_with_their_direction(findings: Findings) -> None:
    texts = Outline(page(findings)).texts
    place = texts.index("debt&co")

    assert texts[place : place + 9] == [
        *("debt&co", "0.5000", DIRECTIONS[1]),
        *("age", "0.2500", DIRECTIONS[-1]),
        *("term", "0.0000", DIRECTIONS[0]),
    ]


def test_both_channels_are_shown(findings: Findings) -> None:
    measures = {name: Measure(0.5) for name in MEASURES}
    evaluations = {
        name: replace(each, measures=measures) for name, each in UNSEEN.evaluations.items()
    }
    scores = {"train": {"auc": 0.75}, "validation": {"auc": float("nan")}}

    text = page(replace(findings, unseen=Unseen(UNSEEN.happened, evaluations), scores=scores))

    texts = Outline(text).texts
    assert "Measured on the channel <code>validation</code>" in text
    assert texts.count("0.5000") == 8 + 1
    place = texts.index("Training data")
    assert texts[place : place + 5] == ["Training data", "Validation data", "auc", "0.7500", "nan"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kfold": "0"}, "Not measured: the hyperparameter <code>kfold</code> is 0."),
        ({}, "Not measured: there are too few rows of one of the labels."),
        ({"objective": "binary:hinge"}, "Left out: ROC, calibration, gain and the comparison"),
    ],
)
def test_what_is_left_out_is_said(
    findings: Findings, parsed: Parse, values: dict[str, str], reason: str
) -> None:
    text = page(replace(findings, unseen=None, hyperparameters=parsed(**values)))

    assert reason in text
    assert "<figure>" not in text
    assert text.count(DIRECTIONS[0]) == 3


def test_another_objective_has_no_positives(findings: Findings, parsed: Parse) -> None:
    asked = parsed(objective="reg:squarederror")
    text = page(replace(findings, unseen=None, hyperparameters=asked))

    assert "4 rows, 3 features, objective reg:squarederror." in Outline(text).texts
    assert "in the model&#x27;s margin" in text or "in the model's margin" in text
