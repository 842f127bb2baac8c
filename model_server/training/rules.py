"""What hyperparameters ask of each other: pure rules over the values that were read.

(aws/sagemaker-xgboost-container hyperparameter_validation.py; XGBoost's parameter documentation.)
What AWS's image lets through and XGBoost then ignores is refused here: it would do nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from model_server.training import metric_names
from model_server.training.class_metrics import BINARY_ONLY, CLASS_METRICS, VALUE_METRICS
from model_server.training.objectives import (
    BINARY_LOGISTIC,
    MULTI,
    is_binary,
    is_classification,
)
from model_server.training.parameter_table import DART_ONLY, TREES_ONLY

Values: TypeAlias = Mapping[str, object]
_LINEAR_UPDATERS = {"shotgun", "coord_descent"}
_GROWERS = {"grow_colmaker", "grow_histmaker", "grow_quantile_histmaker"}
_LOGISTIC = (BINARY_LOGISTIC, "binary:logitraw", "reg:logistic")
_WEIGHS_ONES = (*_LOGISTIC, "reg:squarederror", "reg:linear")


def broken(values: Values) -> list[str]:
    """Give a line for each rule that is broken; `values` holds the defaults too."""
    return [line for rule in _RULES for line in rule(values)]


def _classes(values: Values) -> Iterator[str]:
    multi = values["objective"] in MULTI
    if multi and "num_class" not in values:
        yield f"num_class: missing, {values['objective']} needs it"
    if "num_class" in values and not multi:
        yield f"num_class: only with {' or '.join(MULTI)}, the objective is {values['objective']}"


def _objective(values: Values) -> Iterator[str]:
    objective = str(values["objective"])
    base = values.get("base_score")
    if objective in _LOGISTIC and isinstance(base, float) and not 0 < base < 1:
        yield f"base_score: expected above 0 and below 1 with {objective}, found {base:g}"
    if "tweedie_variance_power" in values and objective != "reg:tweedie":
        yield f"tweedie_variance_power: only with reg:tweedie, the objective is {objective}"
    if "scale_pos_weight" in values and objective not in _WEIGHS_ONES:
        yield f"scale_pos_weight: only with {', '.join(_WEIGHS_ONES)}; it is {objective}"
    if values.get("kfold") and objective != BINARY_LOGISTIC:
        yield f"kfold: only with {BINARY_LOGISTIC}; _kfold cross-validates any objective"


def _booster(values: Values) -> Iterator[str]:
    booster = values["booster"]
    for name in sorted(DART_ONLY & values.keys()):
        if booster != "dart":
            yield f"{name}: only with the booster dart, the booster is {booster}"
    for name in sorted(TREES_ONLY & values.keys() - {"tree_method"}):
        if booster == "gblinear":
            yield f"{name}: not with the booster gblinear, which grows no trees"
    if booster == "gblinear" and "early_stopping_rounds" in values:
        yield "early_stopping_rounds: not with the booster gblinear, which has no rounds to drop"


def _updater(values: Values) -> Iterator[str]:
    updater = values.get("updater")
    if not isinstance(updater, tuple):
        return
    if values["booster"] == "gblinear":
        if len(updater) != 1 or updater[0] not in _LINEAR_UPDATERS:
            yield "updater: expected shotgun or coord_descent with the booster gblinear"
    elif set(updater) & _LINEAR_UPDATERS:
        yield "updater: shotgun and coord_descent only with the booster gblinear"
    elif len(_GROWERS & set(updater)) != 1 or updater[0] not in _GROWERS:
        yield f"updater: expected one of {', '.join(sorted(_GROWERS))} first, then no other of them"


def _trees(values: Values) -> Iterator[str]:
    method = values["tree_method"]
    if "monotone_constraints" in values and method not in ("exact", "hist"):
        yield f"monotone_constraints: only with the tree_method exact or hist, it is {method}"
    if "interaction_constraints" in values and method not in ("exact", "hist", "approx"):
        yield (
            "interaction_constraints: only with the tree_method exact, hist or approx, "
            f"it is {method}"
        )
    if method == "exact":
        if values.get("max_depth") == 0:
            yield "max_depth: expected at least 1 with the tree_method exact, found 0"
        for name in ("grow_policy", "max_bin", "max_leaves"):
            if name in values:
                yield f"{name}: not with the tree_method exact, which does not use it"


def _metrics(values: Values) -> Iterator[str]:
    objective = str(values["objective"])
    for parameter in ("eval_metric", "_tuning_objective_metric"):
        given = values.get(parameter, ())
        for name in (given,) if isinstance(given, str) else given:  # type: ignore[attr-defined]
            wanted = _wanted(name, objective)
            if wanted:
                yield f"{parameter}: {name} only with {wanted}, the objective is {objective}"


def _wanted(name: str, objective: str) -> str | None:
    """Give the objectives that a metric asks for, where this is none of them."""
    multi = objective in MULTI
    asked: tuple[tuple[bool, bool, str], ...] = (
        (
            name == "auc",
            is_binary(objective) or objective.startswith("rank:"),
            "binary: and rank: objectives",
        ),
        (name in metric_names.PER_CLASS, multi, " or ".join(MULTI)),
        (name in BINARY_ONLY, is_binary(objective), "binary: objectives"),
        (name in CLASS_METRICS, is_classification(objective), "binary: and multi: objectives"),
        (name in VALUE_METRICS, not multi, "an objective of one value"),
        (name in metric_names.OURS, objective == BINARY_LOGISTIC, BINARY_LOGISTIC),
    )
    return next((wanted for concerned, met, wanted in asked if concerned and not met), None)


def _cross_validation(values: Values) -> Iterator[str]:
    if "_num_cv_round" in values and "_kfold" not in values:
        yield "_num_cv_round: only with _kfold"
    if "_kfold" in values and values.get("kfold"):
        yield "kfold: not with _kfold, which measures in its own folds"
    if "_kfold" in values and str(values["objective"]).startswith("rank:"):
        yield "_kfold: not with a rank: objective, whose queries must stay together"


_RULES: tuple[Callable[[Values], Iterator[str]], ...] = (
    _classes,
    _objective,
    _booster,
    _updater,
    _trees,
    _metrics,
    _cross_validation,
)
