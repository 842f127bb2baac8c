"""Every hyperparameter by name, with the values it takes; and those that are refused, with why.

Names and ranges: aws/sagemaker-xgboost-container hyperparameter_validation.py, and "XGBoost
hyperparameters" of the SageMaker developer guide. Not: what depends on another (rules.py).
"""

from collections.abc import Mapping
from types import MappingProxyType

from model_server.training import metric_names, objectives
from model_server.training.values import (
    Reader,
    directions,
    flag,
    folds,
    groups,
    names,
    number,
    one_of,
    some_of,
    whole,
)

SEED_LIMIT = 2**31

_LEARNING: Mapping[str, Reader] = {
    "num_round": whole(1),
    "objective": objectives.read,
    "num_class": whole(2),
    "base_score": number(),
    "booster": one_of("gbtree", "gblinear", "dart"),
    "eval_metric": metric_names.read,
    "scale_pos_weight": number(above_least=True),
    "seed": whole(1 - SEED_LIMIT, SEED_LIMIT - 2),
    "tweedie_variance_power": number(1.0, 2.0, above_least=True, below_most=True),
    "nthread": whole(1),
    "verbosity": whole(0, 3),
}
_BOTH_BOOSTERS: Mapping[str, Reader] = {
    "alpha": number(),
    "eta": number(most=1.0),
    "lambda": number(),
    "updater": some_of(
        "grow_colmaker",
        "grow_histmaker",
        "grow_quantile_histmaker",
        "sync",
        "refresh",
        "prune",
        "shotgun",
        "coord_descent",
        hint="XGBoost 3 has no distcol and no grow_skmaker",
    ),
}
_TREES: Mapping[str, Reader] = {
    "colsample_bylevel": number(most=1.0, above_least=True),
    "colsample_bynode": number(most=1.0, above_least=True),
    "colsample_bytree": number(most=1.0, above_least=True),
    "gamma": number(),
    "grow_policy": one_of("depthwise", "lossguide"),
    "interaction_constraints": groups,
    "max_bin": whole(2),
    "max_delta_step": number(),
    "max_depth": whole(0),
    "max_leaves": whole(0),
    "min_child_weight": number(),
    "monotone_constraints": directions,
    "num_parallel_tree": whole(1),
    "process_type": one_of("default", hint="update needs a model, and a job begins without one"),
    "refresh_leaf": whole(0, 1),
    "sampling_method": one_of("uniform", "gradient_based"),
    "subsample": number(most=1.0, above_least=True),
    "tree_method": one_of(
        "auto", "exact", "approx", "hist", hint="gpu_hist needs a GPU, this image trains on CPUs"
    ),
}
_DART: Mapping[str, Reader] = {
    "normalize_type": one_of("tree", "forest"),
    "one_drop": whole(0, 1),
    "rate_drop": number(most=1.0),
    "sample_type": one_of("uniform", "weighted"),
    "skip_drop": number(most=1.0),
}
_OF_THE_JOB: Mapping[str, Reader] = {
    "csv_weights": whole(0, 1),
    "early_stopping_rounds": whole(1),
    "save_model_on_termination": flag,
    "_kfold": whole(2),
    "_num_cv_round": whole(1),
    "_tuning_objective_metric": metric_names.read_objective_metric,
    "feature_names": names,
    "kfold": folds,
}
_WITHOUT_EFFECT: Mapping[str, Reader] = {
    # what these ask for happens on a CPU anyway; XGBoost 3 does not know them
    "deterministic_histogram": flag,
    "predictor": one_of("auto", "cpu_predictor", hint="gpu_predictor needs a GPU"),
    "use_dask_gpu_training": one_of("false", hint="true needs GPUs, this image trains on CPUs"),
}

READERS: Mapping[str, Reader] = MappingProxyType(
    {**_LEARNING, **_BOTH_BOOSTERS, **_TREES, **_DART, **_OF_THE_JOB, **_WITHOUT_EFFECT}
)
TREES_ONLY = frozenset(_TREES)
DART_ONLY = frozenset(_DART)
NOT_FOR_XGBOOST = frozenset(_OF_THE_JOB) | frozenset(_WITHOUT_EFFECT) | {"num_round"}
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "learning_rate": "eta",
        "min_split_loss": "gamma",
        "reg_alpha": "alpha",
        "reg_lambda": "lambda",
    }
)
"""AWS's other names."""

_GONE = "XGBoost 3 no longer has it"
_SURVIVAL = (
    "it belongs to survival:aft, which needs two bounds a row, where a channel has one label"
)
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "aft_loss_distribution": _SURVIVAL,
        "aft_loss_distribution_scale": _SURVIVAL,
        "device": "AWS's algorithm does not have it, and this image trains on CPUs",
        "dsplit": f"{_GONE}, and one host trains",
        "lambda_bias": _GONE,
        "prob_buffer_row": _GONE,
        "sagemaker_program": "script mode is not supported",
        "sagemaker_submit_directory": "script mode is not supported",
        "silent": f"{_GONE}; take verbosity",
        "single_precision_histogram": _GONE,
        "sketch_eps": f"{_GONE}; take max_bin, which is about 1 / sketch_eps",
    }
)
