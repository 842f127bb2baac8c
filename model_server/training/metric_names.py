"""The names of metrics that AWS's algorithm knows, and of ours: who measures them, which way is up.

(aws/sagemaker-xgboost-container xgb_constants.py, hyperparameter_validation.py)
"""

import re
from types import MappingProxyType

from model_server.training.class_metrics import CLASS_METRICS, VALUE_METRICS

MAXIMISED = frozenset(
    {"auc", "aucpr", "map", "ndcg", "r2", *CLASS_METRICS},
)
NATIVE = (
    "auc",
    "aucpr",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "logloss",
    "mae",
    "map",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "ndcg",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)
"""XGBoost's own."""
OURS = ("brier", "ece")
AWS = (*NATIVE, *CLASS_METRICS, *VALUE_METRICS)
KNOWN = (*AWS, *OURS)
REFUSED = MappingProxyType(
    dict.fromkeys(
        ("aft-nloglik", "interval-regression-accuracy"),
        "it measures survival:aft, which needs two bounds a row, where a channel has one label",
    )
)
WITH_THRESHOLD = ("error", "map", "ndcg")
"""Takes a number behind an @, as error@0.7."""
PER_CLASS = ("merror", "mlogloss")


def plain(name: str) -> str:
    """Give a name without its threshold."""
    return name.partition("@")[0]


def is_maximised(name: str) -> bool:
    """Say whether more is better, with a threshold or without."""
    return plain(name) in MAXIMISED


def is_native(name: str) -> bool:
    """Say whether XGBoost measures it."""
    return plain(name) in NATIVE


def read(text: str) -> tuple[str, ...]:
    """Read names separated by commas. Raises ValueError that says what was expected."""
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name in REFUSED:
            raise ValueError(f"other metrics than {name}: {REFUSED[name]}")
        if "@" in name and plain(name) in WITH_THRESHOLD:
            if not re.fullmatch(r"[^@]+@\d+(\.\d+)?", name):
                raise ValueError(f"a number behind the @ of {name}")
        elif name not in KNOWN:
            raise ValueError(
                f"some of {', '.join(KNOWN)}, separated by commas, "
                f"{', '.join(WITH_THRESHOLD)} also with a number as error@0.7"
            )
    return tuple(dict.fromkeys(names))


def read_objective_metric(text: str) -> str:
    """Read a metric of SageMaker's tuning, as validation:auc; give its name without the channel."""
    channel, _, name = text.partition(":")
    if channel != "validation" or name not in AWS:
        raise ValueError(f"validation: and one of {', '.join(AWS)}")
    return name
