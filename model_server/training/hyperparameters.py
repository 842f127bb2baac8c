"""The hyperparameters: XGBoost's and SageMaker's names, every value a string, as SageMaker has it.

A name that is not in the table is refused, never ignored: a misspelt one would train another model.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import inf, isfinite
from types import MappingProxyType

from model_server.training.errors import TrainingError
from model_server.training.metrics import METRICS

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """What a job trains with; where XGBoost has the name, the default is XGBoost's own.

    But for `nthread`: one thread, so that the same input gives the same bytes on every machine.
    """

    num_round: int
    max_depth: int = 6
    eta: float = 0.3
    min_child_weight: float = 1.0
    lambda_: float = 1.0
    alpha: float = 0.0
    gamma: float = 0.0
    subsample: float = 1.0
    colsample_bytree: float = 1.0
    max_bin: int = 256
    monotone_constraints: tuple[int, ...] = ()
    """One of -1, 0, 1 for each column; empty for none."""
    objective: str = "binary:logistic"
    tree_method: str = "hist"
    eval_metric: tuple[str, ...] = ("logloss",)
    """What is measured on the training data, beside the k-fold measures."""
    seed: int = 0
    nthread: int = 1
    feature_names: tuple[str, ...] = ()
    """Stored in the model; empty for none."""
    kfold: int = 5
    """In how many parts the data is cut to measure; 0 to leave that out."""

    def for_xgboost(self) -> dict[str, object]:
        """Give the parameters that XGBoost's own training takes."""
        parameters = asdict(self)
        for own in ("num_round", "eval_metric", "feature_names", "kfold"):
            del parameters[own]
        parameters["lambda"] = parameters.pop("lambda_")
        constraints = parameters.pop("monotone_constraints")
        if constraints:
            parameters["monotone_constraints"] = constraints
        return parameters


def parse(values: Mapping[str, object]) -> Hyperparameters:
    """Read hyperparameters.json. Raises TrainingError with a line for each that is wrong."""
    parsed: dict[str, object] = {}
    wrong = []
    for name, text in sorted(values.items()):
        if name not in _PARSERS:
            wrong.append(f"{name}: unknown hyperparameter; known are {', '.join(_PARSERS)}")
        elif not isinstance(text, str):
            wrong.append(f"{name}: expected a string, as SageMaker sends it, found {text!r}")
        else:
            try:
                parsed["lambda_" if name == "lambda" else name] = _PARSERS[name](text.strip())
            except ValueError as error:
                wrong.append(f"{name}: expected {error}, found {text!r}")
    if "num_round" not in values:
        wrong.append("num_round: missing, it has no default")
    if wrong:
        raise TrainingError("\n".join(wrong))
    return Hyperparameters(**parsed)  # type: ignore[arg-type]  # the table gives each its type


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            raise ValueError("a whole number")
        number = int(text)
        if number < least or (most is not None and number > most):
            limit = "" if most is None else f" and at most {most}"
            raise ValueError(f"a whole number of at least {least}{limit}")
        return number

    return read


def _folds(text: str) -> int:
    number = _whole(0)(text)
    if number == 1:
        raise ValueError("0 or a whole number of at least 2")
    return number


def _number(
    *, least: float = 0.0, most: float = inf, above_least: bool = False
) -> Callable[[str], float]:
    bounds = f"{'above' if above_least else 'of at least'} {least:g}"
    if most != inf:
        bounds += f" and at most {most:g}"

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError("a number") from None
        low = number <= least if above_least else number < least
        if not isfinite(number) or low or number > most or "_" in text:
            raise ValueError(f"a number {bounds}")
        return number

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{' or '.join(allowed)}, others are not supported")
        return text

    return read


def _constraints(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\(\s*-?[01](\s*,\s*-?[01])*\s*,?\s*\)", text):
        raise ValueError("-1, 0 or 1 for each column as (-1,0,1)")
    return tuple(int(part) for part in text.strip("() ,").split(","))


def _metrics(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    if not METRICS.keys() >= set(names):
        raise ValueError(f"some of {', '.join(METRICS)}, separated by commas")
    return names


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    if len(set(names)) < len(names) or any(re.search(r"[\[\]<]|^$", name) for name in names):
        raise ValueError("different names, separated by commas, without [, ] and <")
    return names


_PARSERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "num_round": _whole(1),
        "max_depth": _whole(0),
        "eta": _number(most=1.0, above_least=True),
        "min_child_weight": _number(),
        "lambda": _number(),
        "alpha": _number(),
        "gamma": _number(),
        "subsample": _number(most=1.0, above_least=True),
        "colsample_bytree": _number(most=1.0, above_least=True),
        "max_bin": _whole(2),
        "monotone_constraints": _constraints,
        "objective": _one_of("binary:logistic"),
        "tree_method": _one_of("hist"),
        "eval_metric": _metrics,
        "seed": _whole(0, LARGEST_SEED),
        "nthread": _whole(1),
        "feature_names": _names,
        "kfold": _folds,
    }
)
