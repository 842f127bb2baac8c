"""The C of a booster: a function for each tree, and what scores rows with them.

Not: a translator of everything that XGBoost can train. What it has no words for it refuses, and
the booster itself goes on predicting.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xgboost

from model_server.model.native.text import SCORE_TEXT

MOST_NODES = 500_000
"""Of all trees together; above, the code grows larger than a processor's caches."""
DEEPEST = 100
"""Levels of a tree; compilers allow no endless nesting."""

Tree: TypeAlias = Mapping[str, Sequence[Any]]


class NotTranslatableError(ValueError):
    """There is no C for this booster: it predicts by itself, which costs time and nothing else."""


@dataclass(frozen=True, slots=True)
class Link:
    """How margins become scores: the C for it, and the way back, for the base score."""

    code: str
    margin: Callable[[float], float]


_IDENTITY = Link("", lambda score: score)
_LOGISTIC = Link(
    "*score = 1.0f / (1.0f + expf(*score < -88.7f ? 88.7f : -*score));",
    lambda score: -math.log(1.0 / score - 1.0),
)
_EXPONENTIAL = Link("*score = expf(*score);", math.log)
_SOFTMAX = Link(
    """float most = score[0], sum = 0.0f;
        for (int c = 1; c < CLASSES; c++) if (score[c] > most) most = score[c];
        for (int c = 0; c < CLASSES; c++) sum += score[c] = expf(score[c] - most);
        for (int c = 0; c < CLASSES; c++) score[c] /= sum;""",
    lambda score: score,
)

LINKS: Mapping[str, Link] = {
    "binary:logistic": _LOGISTIC,
    "binary:logitraw": _IDENTITY,
    "count:poisson": _EXPONENTIAL,
    "multi:softprob": _SOFTMAX,
    "rank:map": _IDENTITY,
    "rank:ndcg": _IDENTITY,
    "rank:pairwise": _IDENTITY,
    "reg:absoluteerror": _IDENTITY,
    "reg:gamma": _EXPONENTIAL,
    "reg:logistic": _LOGISTIC,
    "reg:pseudohubererror": _IDENTITY,
    "reg:squarederror": _IDENTITY,
    "reg:squaredlogerror": _IDENTITY,
    "reg:tweedie": _EXPONENTIAL,
}
"""By objective, as XGBoost's `PredTransform` and `ProbToMargin` have it."""


@dataclass(frozen=True, slots=True)
class Source:
    """C that exports four functions.

    `void score_rows(const float *rows, size_t count, float *scores)`: rows have `columns` values
    each, NaN for missing; a row gives `values` scores. `float score_row(const float *row)` gives
    the first of them, and so do `float score_csv(const char *text, size_t length)` and `score_json`
    for a text of plain numbers, NaN for any other.
    """

    text: str
    columns: int
    values: int
    thresholds: Mapping[int, frozenset[float]]
    """What each column is compared with, for a proof to try both sides of."""


def translate(booster: xgboost.Booster, rounds: int) -> Source:
    """Write the C of a booster's first `rounds` rounds. Raises NotTranslatableError."""
    learner = json.loads(booster.save_raw("json"))["learner"]
    gradient_booster = learner["gradient_booster"]
    objective = learner["objective"]["name"]
    if gradient_booster["name"] != "gbtree":
        raise NotTranslatableError(f"the booster is a {gradient_booster['name']}")
    if objective not in LINKS:
        raise NotTranslatableError(f"the objective is {objective}")
    model = gradient_booster["model"]
    count = model["iteration_indptr"][rounds]
    trees: list[Tree] = model["trees"][:count]
    _check(trees)
    parameters = learner["learner_model_param"]
    columns, values = int(parameters["num_feature"]), max(1, int(parameters["num_class"]))
    if int(parameters.get("num_target", 1)) > 1:
        raise NotTranslatableError("it has several targets")
    places = model["tree_info"][:count]
    _check_bounds(trees, places, columns, values)
    link = LINKS[objective]
    margins = _margins(json.loads(parameters["base_score"]), link, values)
    return Source(
        text="\n".join(_lines(trees, places, columns, margins, link)),
        columns=columns,
        values=values,
        thresholds=_thresholds(trees),
    )


def _check(trees: Sequence[Tree]) -> None:
    nodes = sum(len(tree["left_children"]) for tree in trees)
    if nodes > MOST_NODES:
        raise NotTranslatableError(f"its trees have {nodes} nodes, more than {MOST_NODES}")
    for tree in trees:
        if any(tree["split_type"]):
            raise NotTranslatableError("it splits by categories")
        if int(tree["tree_param"]["size_leaf_vector"]) > 1:  # type: ignore[call-overload]
            raise NotTranslatableError("its leaves hold several values")
        below = [*tree["left_children"], *tree["right_children"]]
        children = [child for child in below if child >= 0]
        if 0 in children or len(set(children)) < len(children):
            raise NotTranslatableError("a node is below several others, or below itself")


def _check_bounds(trees: Sequence[Tree], places: Sequence[int], columns: int, values: int) -> None:
    """Keep the C within its buffers: XGBoost loads a file that lies about its sizes, too."""
    if not all(0 <= place < values for place in places):
        raise NotTranslatableError("a tree adds to a score that there is not")
    for tree in trees:
        if not all(
            left < 0 or 0 <= column < columns
            for left, column in zip(tree["left_children"], tree["split_indices"], strict=True)
        ):
            raise NotTranslatableError("it splits by a column that there is not")


def _margins(scores: Sequence[float], link: Link, values: int) -> list[float]:
    """Give the margin that each value of a row begins with."""
    if len(scores) not in (1, values):
        raise NotTranslatableError(f"it has {len(scores)} base scores for {values} values")
    try:
        margins = [link.margin(score) for score in scores]
    except (ValueError, ZeroDivisionError) as error:
        raise NotTranslatableError("its base score has no finite margin") from error
    return margins * (values // len(margins))


def _lines(
    trees: Sequence[Tree],
    classes: Sequence[int],
    columns: int,
    margins: Sequence[float],
    link: Link,
) -> Iterator[str]:
    yield "float expf(float);"
    yield f"enum {{ COLUMNS = {columns}, CLASSES = {len(margins)} }};"
    for index, tree in enumerate(trees):
        yield f"static float tree_{index}(const float *x) {{"
        yield from _node(tree, 0, 1)
        yield "}"
    yield "void score_rows(const float *x, unsigned long count, float *score) {"
    yield "    for (; count; count--, x += COLUMNS, score += CLASSES) {"
    for place, margin in enumerate(margins):
        yield f"        score[{place}] = {_number(margin)};"
    for index in range(len(trees)):
        yield f"        score[{classes[index]}] += tree_{index}(x);"
    yield f"        {link.code}"
    yield "    }"
    yield "}"
    yield "float score_row(const float *x) {"
    yield "    float score[CLASSES];"
    yield "    score_rows(x, 1, score);"
    yield "    return score[0];"
    yield "}"
    yield SCORE_TEXT


def _node(tree: Tree, node: int, depth: int) -> Iterator[str]:
    """Write a node and what is below it; a comparison with NaN is false, which tells missing."""
    if depth > DEEPEST:
        raise NotTranslatableError(f"a tree is deeper than {DEEPEST} levels")
    indent = "    " * depth
    while (left := tree["left_children"][node]) >= 0:
        column, value = tree["split_indices"][node], _number(tree["split_conditions"][node])
        goes_left = (
            f"!(x[{column}] >= {value})" if tree["default_left"][node] else f"x[{column}] < {value}"
        )
        yield f"{indent}if ({goes_left}) {{"
        yield from _node(tree, left, depth + 1)
        yield f"{indent}}}"
        node = tree["right_children"][node]
    yield f"{indent}return {_number(tree['split_conditions'][node])};"


def _thresholds(trees: Sequence[Tree]) -> dict[int, frozenset[float]]:
    found: dict[int, set[float]] = {}
    for tree in trees:
        for left, column, value in zip(
            tree["left_children"], tree["split_indices"], tree["split_conditions"], strict=True
        ):
            if left >= 0:
                found.setdefault(column, set()).add(value)
    return {column: frozenset(values) for column, values in found.items()}


def _number(value: float) -> str:
    """Write a number of single precision exactly."""
    return f"{float(np.float32(value)).hex()}f"
