"""The hyperparameters of a job: AWS's names, every value a string, as SageMaker has it.

A name that is not in the table is refused, never ignored: a misspelt one would train another model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from model_server.training import rules
from model_server.training.errors import TrainingError
from model_server.training.parameter_table import ALIASES, NOT_FOR_XGBOOST, READERS, REFUSED
from model_server.training.quoting import quoted

DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "booster": "gbtree",
        "objective": "reg:squarederror",
        "seed": 0,
        "tree_method": "hist",
        # one thread, where AWS takes all: the same input gives the same bytes on every machine
        "nthread": 1,
    }
)
"""What is set where nothing is said; all others have XGBoost's defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """What a job trains with."""

    num_round: int
    objective: str
    booster: str
    seed: int
    nthread: int
    num_class: int
    """0 unless the objective is one of several classes."""
    eval_metric: tuple[str, ...]
    """What is measured each round, the objective of a tuning included; empty for XGBoost's own."""
    stopping_metric: str | None
    """What early stopping watches; None for the last one that is measured."""
    early_stopping_rounds: int | None
    csv_weights: bool
    save_model_on_termination: bool
    cross_validation: int | None
    """`_kfold`: in how many parts AWS's cross-validation cuts the data."""
    cross_validation_rounds: int
    kfold: int | None
    """In how many parts the report's own measuring cuts the data; None to let the data decide."""
    feature_names: tuple[str, ...]
    """Stored in the model; empty for none."""
    monotone_constraints: tuple[int, ...]
    interaction_constraints: tuple[tuple[int, ...], ...]
    set: Mapping[str, Any]
    """What was given, and the defaults, by AWS's names."""

    def for_xgboost(self) -> dict[str, object]:
        """Give the parameters that XGBoost's own training takes."""
        parameters = {
            name: value
            for name, value in self.set.items()
            if name not in NOT_FOR_XGBOOST and name != "eval_metric"
        }
        if self.booster == "gblinear":
            del parameters["tree_method"]
        if self.objective == "reg:linear":
            # AWS's old name, of which XGBoost warns
            parameters["objective"] = "reg:squarederror"
        if "updater" in parameters:
            parameters["updater"] = ",".join(self.set["updater"])
        if "interaction_constraints" in parameters:
            # as text: where features have names, XGBoost takes a list for names
            parameters["interaction_constraints"] = json.dumps(self.interaction_constraints)
        return parameters


def parse(texts: Mapping[str, object]) -> Hyperparameters:
    """Read hyperparameters.json. Raises TrainingError with a line for each that is wrong."""
    values: dict[str, Any] = dict(DEFAULTS)
    wrong = []
    for given, text in sorted(texts.items()):
        name = ALIASES.get(given, given)
        if name != given and name in texts:
            wrong.append(f"{given}: is another name of {name}, give one")
            continue
        try:
            values[name] = _read(name, text)
        except ValueError as error:
            wrong.append(f"{given}: {error}")
    if "num_round" not in texts:
        wrong.append("num_round: missing, it has no default")
    wrong = wrong or rules.broken(values)
    if wrong:
        raise TrainingError("\n".join(wrong))
    return _of(values)


def _read(name: str, text: object) -> object:
    if name in REFUSED:
        raise ValueError(f"is not supported: {REFUSED[name]}")
    if name not in READERS:
        close = get_close_matches(name, READERS, n=1)
        raise ValueError(f"unknown hyperparameter{f', is it {close[0]}?' if close else ''}")
    try:
        return READERS[name](_text(text).strip())
    except ValueError as error:
        raise ValueError(f"expected {error}, found {quoted(text)}") from error


def _text(found: object) -> str:
    if isinstance(found, str):
        return found
    raise ValueError("a string, as SageMaker sends it")


def _of(values: Mapping[str, Any]) -> Hyperparameters:
    """Give the values, of which the table made sure that they have their types."""
    metrics: tuple[str, ...] = values.get("eval_metric", ())
    tuned: str | None = values.get("_tuning_objective_metric")
    # the metric of a tuning counts more than what is only shown
    watched = tuned or (metrics[-1] if metrics else None)
    if tuned and tuned not in metrics:
        metrics = (*metrics, tuned)
    return Hyperparameters(
        num_round=values["num_round"],
        objective=values["objective"],
        booster=values["booster"],
        seed=values["seed"],
        nthread=values["nthread"],
        num_class=values.get("num_class", 0),
        eval_metric=metrics,
        stopping_metric=watched,
        early_stopping_rounds=values.get("early_stopping_rounds"),
        csv_weights=values.get("csv_weights") == 1,
        save_model_on_termination=values.get("save_model_on_termination", False),
        cross_validation=values.get("_kfold"),
        cross_validation_rounds=values.get("_num_cv_round", 1),
        kfold=values.get("kfold"),
        feature_names=values.get("feature_names", ()),
        monotone_constraints=values.get("monotone_constraints", ()),
        interaction_constraints=values.get("interaction_constraints", ()),
        set=values,
    )
